"""A partner's statement of one window: every line with the event behind it, from opening to closing.

All amounts are signed from the party's side: above zero it receives. For each counterparty
`opening + lines = closing` and `closing + changes = cleared + due + rolled_over`: what is cleared against others, paid
now, or opens the next window. Over all counterparties, what is cleared sums to zero. Only a version after the first has
changes: what was disputed, paid or defaulted since the statement. Everything above the changes is the same in each.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias
from uuid import UUID


class StatementDiffers(Exception):
    """The lines do not add up to what was stated: the view or the log is damaged. Nothing is shown then."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What a statement speaks for: the log after `after_position` up to `position`, whose hash is `chain_hash`."""

    coalition_id: UUID
    coalition_name: str
    currency: str
    time_zone: str
    window: int
    after_position: int
    position: int
    chain_hash: str
    cut_at: datetime
    stated_at: datetime
    review_ends_at: datetime
    method: str
    threshold: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One posting between the party and the counterparty."""

    kind: str
    section: str
    amount: int


@dataclass(frozen=True, slots=True)
class Line:
    """One event, with what it moved between these two. `deducted` came off the bill, whoever bears it."""

    position: int
    happened_at: datetime
    cause: str
    issuer_id: UUID
    acceptor_id: UUID
    certificate_id: UUID | None
    redemption_id: UUID | None
    bill_reference: str | None
    bill: int | None
    deducted: int
    adjusts: int | None
    entries: tuple[Entry, ...]
    amount: int


EachLine: TypeAlias = Iterator[tuple[UUID, Line]]
"""`(counterparty, line)`: counterparty by counterparty as the pairs of the statement stand, each in log order. They are
read while they are written, so a long statement takes no more memory than a short one.
"""


@dataclass(frozen=True, slots=True)
class Turnover:
    """One section, both directions apart, although the payment is net."""

    receives: int
    owes: int


@dataclass(frozen=True, slots=True)
class Supplied:
    """What one side supplied for certificates, tax included, though the payment is net; below zero: taken back.

    `rate`: basis points, None when nobody told it. `tax` is what the sum contains at that rate, rounded half-up once;
    None without a rate. Whether it is due, and on which part, follows from `instrument`, for the accountant to say.
    """

    instrument: str
    country: str | None
    rate: int | None
    gross: int
    tax: int | None


@dataclass(frozen=True, slots=True)
class PairStatement:
    """The party and one counterparty. `redeemed_here`: the counterparty's certificates at the party's till, gross.
    `lines` is empty where they are read apart (`EachLine`).

    `changes`: `{withheld, prepaid or defaulted: what came to the closing since}`.
    """

    counterparty_id: UUID
    counterparty_name: str
    opening: int
    sections: dict[str, Turnover]
    closing: int
    cleared: int
    due: int
    rolled_over: int
    redeemed_here: int
    redeemed_there: int
    lines: tuple[Line, ...]
    supplied_here: tuple[Supplied, ...] = ()
    supplied_there: tuple[Supplied, ...] = ()
    changes: dict[str, int] = field(default_factory=dict)

    @classmethod
    def between_strangers(cls, counterparty_id: UUID, name: str) -> "PairStatement":
        """Two who did not trade, whom a version makes pay each other."""
        return cls(counterparty_id, name, 0, {}, 0, 0, 0, 0, 0, 0, ())


@dataclass(frozen=True, slots=True)
class Statement:
    """All that one party has to check, and what it pays or receives by `version`. `made_at` is None for the first,
    which is the statement itself.
    """

    heading: Heading
    party_id: UUID
    party_name: str
    opening: int
    sections: dict[str, Turnover]
    closing: int
    due: int
    rolled_over: int
    redeemed_here: int
    redeemed_there: int
    pairs: tuple[PairStatement, ...]
    version: int = 1
    made_at: datetime | None = None
    changes: dict[str, int] = field(default_factory=dict)

    @property
    def balance(self) -> int:
        """What the party receives by this version, before netting."""
        return self.closing + sum(self.changes.values())


def by_pair(statement: Statement, lines: EachLine) -> Iterator[tuple[PairStatement, Iterator[Line]]]:
    """Each pair with its lines, which are to be taken before the next pair is. Raises: StatementDiffers."""
    groups = groupby(lines, key=itemgetter(0))
    waiting = next(groups, None)
    for pair in statement.pairs:
        if waiting is not None and waiting[0] == pair.counterparty_id:
            yield pair, (line for _, line in waiting[1])
            waiting = next(groups, None)
        else:
            yield pair, iter(())
    if waiting is not None:
        raise StatementDiffers(f"party {statement.party_id}: lines with {waiting[0]}, who is not in the statement")
