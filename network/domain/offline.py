"""What a till without a network says of an acceptance: who took it, when, and by which status list (TOKEN.md)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

LIST_LIVES = timedelta(hours=24)
"""A till whose status list is older takes nothing within the rules."""

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far a till's clock may be from the network's."""

LIST_LAGS = timedelta(minutes=1)
"""A status list may lack what happened this shortly before it was made."""


class Liability(StrEnum):
    """Which party bears the value of an acceptance within the rules that lost to another one."""

    ACCEPTOR = "acceptor"
    ISSUER = "issuer"
    POOL = "pool"


class Breach(StrEnum):
    """Why an acceptance is outside the rules. It stands if nothing stands against it; if it loses, it is the acceptor's
    loss.
    """

    LIST_OLD = "list_old"
    LIST_SAID_DEAD = "list_said_dead"
    LIST_SAID_ONLINE_ONLY = "list_said_online_only"
    OVER_CEILING = "over_ceiling"
    CLOCK_WRONG = "clock_wrong"


class Lost(StrEnum):
    """Why an acceptance does not stand. Those of `OWN_FAULTS` its till could have seen."""

    ALREADY_REDEEMED = "already_redeemed"
    EARLIER_OFFLINE = "earlier_offline"
    PASSED_ON = "certificate_passed_on"
    CLAIMED = "certificate_claimed"
    REBOUND = "certificate_rebound"
    PRINTED = "certificate_printed"
    REVOKED = "certificate_revoked"
    TAKEN_TWICE = "taken_twice"
    UNKNOWN_EPOCH = "unknown_epoch"
    TAKEN_AFTER_EXPIRY = "taken_after_expiry"
    TAKEN_BEFORE_ISSUE = "taken_before_issue"
    PROOF_MISSING = "proof_missing"
    PROOF_INVALID = "proof_invalid"
    PROOF_STALE = "proof_stale"
    BILL_TOO_SMALL = "bill_too_small_to_redeem"
    MORE_THAN_THE_BILL = "more_than_the_bill"
    INSUFFICIENT_BALANCE = "insufficient_balance"


OWN_FAULTS = frozenset(Lost) - {
    Lost.ALREADY_REDEEMED,
    Lost.EARLIER_OFFLINE,
    Lost.PASSED_ON,
    Lost.CLAIMED,
    Lost.REBOUND,
    Lost.PRINTED,
    Lost.REVOKED,
}

ENDED_BY = {
    "passed_on": Lost.PASSED_ON,
    "claimed": Lost.CLAIMED,
    "rebound": Lost.REBOUND,
    "printed": Lost.PRINTED,
}
"""What ended an epoch, as a reason."""


@dataclass(frozen=True, slots=True)
class Offline:
    """The signed facts of one acceptance. `till_id`, `journal`, `sequence`: which entry of which till's journal; a
    journal is one device key. `taken_at`: by the till's clock. `shown_at`: when the holder's phone signed, by its own.
    `list_version`, `list_at`: the status list that the till judged by, and when that was made.
    """

    till_id: UUID
    journal: int
    sequence: int
    epoch: int
    taken_at: datetime
    shown_at: datetime | None
    list_version: int
    list_at: datetime
    breaches: tuple[Breach, ...] = ()

    def breaching(self, *breaches: Breach) -> "Offline":
        """The same, outside these rules too."""
        return replace(self, breaches=tuple(sorted({*self.breaches, *breaches})))

    @property
    def rank(self) -> tuple[bool, datetime, bytes, int, int]:
        """The least of two acceptances of one certificate stands, whichever is delivered first: within the rules, then
        the earlier one, then the lower till.
        """
        return bool(self.breaches), self.taken_at, self.till_id.bytes, self.journal, self.sequence


@dataclass(frozen=True, slots=True)
class Taken:
    """One acceptance as it is delivered. `fault`: what its receipt alone shows to be wrong with it."""

    redemption_id: UUID
    offline: Offline
    bill_reference: str
    bill: int
    amount: int
    fault: Lost | None = None
