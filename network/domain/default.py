"""A partner that does not pay a window: who bears it, step by step, and what comes back later."""

from datetime import datetime
from uuid import UUID, uuid5

from network.domain.aggregate import Aggregate, Created, Event
from network.domain.errors import InvalidAmount
from network.domain.postings import Kind, Posting
from network.domain.restating import Change
from network.domain.units import Minor
from network.domain.waterfall import Part, Waterfall, in_proportion


def default_id_of(coalition_id: UUID, number: int, defaulter_id: UUID) -> UUID:
    """A partner is in default for a window once."""
    return uuid5(coalition_id, f"default {number} {defaulter_id}")


class Default(Aggregate):
    """`defaulter_id` does not pay what it owes by a window. Its debts are shared out by the waterfall, once."""

    TOPIC = "Default"

    class Declared(Created):
        """The organizer says so, and why. `postings`: who pays in the defaulter's place, or loses: a debt to it each.

        `version` of the window takes them in.
        """

        TOPIC = "Default.Declared"
        window_number: int
        version: int
        defaulter_id: UUID
        pool_id: UUID
        by: str
        reason: str
        waterfall: Waterfall
        postings: tuple[Posting, ...]

    class Recovered(Event):
        """Some of it was paid after all: `amount` came to `paid_to`, who owes the others their share."""

        TOPIC = "Default.Recovered"
        window_number: int
        defaulter_id: UUID
        amount: Minor
        paid_to: UUID
        reason: str
        shares: tuple[Part, ...]
        postings: tuple[Posting, ...]

        def apply(self, default: "Default") -> None:
            for part in self.shares:
                default.losses[part.party] -= part.amount

    def __init__(
        self,
        window_number: int,
        version: int,
        defaulter_id: UUID,
        pool_id: UUID,
        by: str,
        reason: str,
        waterfall: Waterfall,
        postings: tuple[Posting, ...],
    ) -> None:
        self.window_number = window_number
        self.defaulter_id = defaulter_id
        self.losses: dict[UUID, Minor] = {share.party: share.lost for share in waterfall.shares if share.lost}
        if waterfall.pool:
            self.losses[pool_id] = self.losses.get(pool_id, 0) + waterfall.pool

    @classmethod
    def declare(
        cls,
        *,
        coalition_id: UUID,
        number: int,
        version: int,
        defaulter_id: UUID,
        pool_id: UUID,
        by: str,
        reason: str,
        waterfall: Waterfall,
        changes: tuple[Change, ...],
        at: datetime,
    ) -> "Default":
        """Put it on record. `changes` are those of the waterfall."""
        return cls._create(
            cls.Declared,
            id=default_id_of(coalition_id, number, defaulter_id),
            timestamp=at,
            window_number=number,
            version=version,
            defaulter_id=defaulter_id,
            pool_id=pool_id,
            by=by,
            reason=reason,
            waterfall=waterfall,
            postings=tuple(Posting(c.debtor, c.creditor, c.amount, Kind.DEFAULTED) for c in changes),
        )

    def recover(self, *, amount: Minor, paid_to: UUID, reason: str, at: datetime) -> None:
        """Share out what came in, in proportion to what everybody still lacks. Raises: InvalidAmount."""
        lacking = sum(self.losses.values())
        if not 0 < amount <= lacking:
            raise InvalidAmount(reason="More than nothing and at most what is still lost can be recovered.")
        shares = {party: part for party, part in in_proportion(amount, self.losses).items() if part}
        self.trigger_event(
            self.Recovered,
            window_number=self.window_number,
            defaulter_id=self.defaulter_id,
            amount=amount,
            paid_to=paid_to,
            reason=reason,
            shares=tuple(Part(party, part) for party, part in sorted(shares.items())),
            postings=tuple(
                Posting(paid_to, party, part, Kind.ADJUSTMENT)
                for party, part in sorted(shares.items())
                if party != paid_to
            ),
            timestamp=at,
        )
