"""One payment that a settled window asks for, and how far it is made. Pure.

A bank transfer stands on two statements, the debtor's and the creditor's, and counts once: money that the creditor's
bank shows settles the debt; without a line of the creditor's, the debtor's bank is believed. What a person confirms by
hand (cash, a bank that gives no files) comes on top. So the order in which answers arrive never matters.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from network.domain.units import Minor

BANK = "bank"
"""Who booked a line that named its payment itself; otherwise the person who decided."""


class Side(StrEnum):
    """Who says that money moved."""

    CREDITOR = "creditor"
    DEBTOR = "debtor"
    HAND = "hand"


Booked: TypeAlias = tuple[Side, Minor, str]
"""Who says so, how much, and who booked it."""


class Standing(StrEnum):
    """What an organizer reads beside a payment."""

    OPEN = "open"
    PART_PAID = "part_paid"
    PAID = "paid"
    OVERPAID = "overpaid"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Payout:
    """`debtor` pays `creditor` the `amount`. The digests name the bank details that it was instructed with; None: none
    were known then, and it is paid by hand.
    """

    end_to_end_id: str
    debtor: UUID
    creditor: UUID
    amount: Minor
    debtor_details: str | None
    creditor_details: str | None


@dataclass(frozen=True, slots=True)
class Booking:
    """What a bank line, or a person, says of one payout. `line` is its id: the same line is booked once.

    `amount` above zero went to the creditor, below zero it came back. `cause`: a bank's reason of a return, or a
    person's words.
    """

    line: str
    end_to_end_id: str
    side: Side
    amount: Minor
    bank_reference: str
    booked_on: str
    cause: str


def paid_of(sent: Minor | None, received: Minor | None, by_hand: Minor = 0) -> Minor:
    """What the creditor has. `sent` and `received` are what both statements say, less what came back; None: no line."""
    return max(0, (received if received is not None else sent or 0) + by_hand)


def standing_of(amount: Minor, paid: Minor, returned: Minor) -> Standing:
    """How far a payment of `amount` is made. `returned`: how much of it came back, however much was sent again."""
    if paid > amount:
        return Standing.OVERPAID
    if paid == amount:
        return Standing.PAID
    if paid > 0:
        return Standing.PART_PAID
    return Standing.RETURNED if returned else Standing.OPEN


@dataclass(slots=True)
class Followed:
    """A payout and what was booked of it: `{line: (side, amount, who booked it)}`. `reminded`: the steps that were.
    `taken_in`: how much of what is paid a newer version has kept as a prepayment.
    """

    payout: Payout
    version: int
    booked: dict[str, Booked] = field(default_factory=dict)
    taken_in: Minor = 0
    reminded: set[int] = field(default_factory=set)
    reminded_on: str = ""

    @property
    def paid(self) -> Minor:
        """What the creditor has."""
        return _paid(self.booked)

    def change_with(self, one: Booking, by: str) -> Minor:
        """By how much `paid` changes with one more booking."""
        return _paid({**self.booked, one.line: (one.side, one.amount, by)}) - self.paid

    def change_without(self, line: str) -> Minor:
        """By how much `paid` changes without a booking."""
        return _paid({name: told for name, told in self.booked.items() if name != line}) - self.paid

    @property
    def missing(self) -> Minor:
        """What a reminder asks for."""
        return max(0, self.payout.amount - self.paid)

    @property
    def standing(self) -> Standing:
        """How far it is."""
        return standing_of(self.payout.amount, self.paid, self.returned)

    @property
    def returned(self) -> Minor:
        """What came back, by the side that counts."""
        return returned_of((side, amount) for side, amount, _ in self.booked.values())


def _paid(booked: Mapping[str, Booked]) -> Minor:
    def total(side: Side) -> Minor | None:
        amounts = [amount for said_by, amount, _ in booked.values() if said_by is side]
        return sum(amounts) if amounts else None

    return paid_of(total(Side.DEBTOR), total(Side.CREDITOR), total(Side.HAND) or 0)


def returned_of(booked: Iterable[tuple[Side, Minor]]) -> Minor:
    """What came back, by the creditor's statement where there is one, and by hand."""
    told = list(booked)
    counts = Side.CREDITOR if any(side is Side.CREDITOR for side, _ in told) else Side.DEBTOR
    return sum(-amount for side, amount in told if amount < 0 and side in (counts, Side.HAND))
