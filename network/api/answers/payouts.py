"""Answers about payments between partners and the banks that carry them out."""

from typing import Any
from uuid import UUID

from network.api.answers.answer import Answer
from network.api.answers.windows import WindowState


class Instructed(WindowState):
    """What was asked for."""

    version: int
    due_on: str
    payments: int
    to_pay: int
    without_bank: int


class PayoutState(WindowState):
    """A payment after something was said of it, and its window."""

    version: int
    end_to_end_id: str
    asked: int
    paid: int
    missing: int
    standing: str


class PayoutShown(Answer):
    """A payment: `standing` is open, part_paid, paid, overpaid or returned."""

    end_to_end_id: str
    window_number: int
    version: int
    debtor_id: UUID
    debtor: str
    creditor_id: UUID
    creditor: str
    amount: int
    due_on: str
    paid: int
    missing: int
    surplus: int
    standing: str
    bookings: list[dict[str, Any]]


class BankDetailsKnown(Answer):
    """Whether a party has bank details now."""

    party_id: UUID
    known: bool


class BankDetailsShown(Answer):
    """A party's bank details, or null."""

    party_id: UUID
    details: dict[str, Any] | None


class BankFileLoaded(Answer):
    """What a bank's answer came to: `lines` = `matched` + `known` + `unmatched`."""

    file_id: UUID
    kind: str
    lines: int
    matched: int
    known: int
    unmatched: int
    not_booked: int
    booked: list[dict[str, Any]]
