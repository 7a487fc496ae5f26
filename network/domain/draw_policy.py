"""How a merchant lets the network choose the neighbour for its guests: versioned, with who changed it."""

from datetime import datetime
from functools import lru_cache
from uuid import UUID, uuid5

from network.domain.aggregate import Aggregate, Created, Event
from network.domain.draw import Rules


@lru_cache(maxsize=4096)
def draw_policy_id_of(merchant_id: UUID) -> UUID:
    """One policy for one merchant."""
    return uuid5(merchant_id, "draw policy")


class DrawPolicy(Aggregate):
    """One merchant's rules. Without any the defaults of `Rules` hold, as version 0."""

    TOPIC = "DrawPolicy"

    class Set(Created):
        """The merchant takes a hand for the first time: version 1. `by` says which role."""

        TOPIC = "DrawPolicy.Set"
        merchant_id: UUID
        rules: Rules
        by: str

    class Changed(Event):
        """Other rules from now on; what was drawn stays drawn."""

        TOPIC = "DrawPolicy.Changed"
        merchant_id: UUID
        policy_version: int
        rules: Rules
        by: str

        def apply(self, policy: "DrawPolicy") -> None:
            policy.rules = self.rules
            policy.policy_version = self.policy_version

    def __init__(self, merchant_id: UUID, rules: Rules, by: str) -> None:
        self.merchant_id = merchant_id
        self.rules = rules
        self.policy_version = 1

    @classmethod
    def set(cls, *, merchant_id: UUID, rules: Rules, by: str, at: datetime) -> "DrawPolicy":
        """The first rules. Raises: InvalidDrawRules."""
        rules.check()
        return cls._create(
            cls.Set, id=draw_policy_id_of(merchant_id), timestamp=at, merchant_id=merchant_id, rules=rules, by=by
        )

    def change(self, *, rules: Rules, by: str, at: datetime) -> None:
        """Other rules; the same again change nothing. Raises: InvalidDrawRules."""
        rules.check()
        if rules != self.rules:
            self.trigger_event(
                self.Changed,
                merchant_id=self.merchant_id,
                policy_version=self.policy_version + 1,
                rules=rules,
                by=by,
                timestamp=at,
            )
