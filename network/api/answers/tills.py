"""Answers about a till that works without a network."""

from datetime import datetime
from typing import Any
from uuid import UUID

from network.api.answers.answer import Answer
from network.api.answers.coalitions import RootKey


class TillJournal(Answer):
    """One device key and its receipts. `state`: active, replaced, revoked. `blocked` says why nothing more is taken in,
    and at which sequence. `next_sequence` and `previous` (hex) are what its next receipt names.
    """

    journal: int
    kid: str
    state: str
    blocked: dict[str, Any] | None
    next_sequence: int
    previous: str


class TillKey(TillJournal):
    """The journal that a till's key begins, or goes on with."""

    till_id: UUID
    merchant_id: UUID


class TillJournals(Answer):
    """A till's keys, the newest last."""

    till_id: UUID
    merchant_id: UUID
    journals: list[TillJournal]


class DeliveredReceipt(Answer):
    """What became of one receipt. `status`: booked, conflicted, refused, waiting. `borne_by`: acceptor, issuer or pool,
    of a conflicted one. `breaches`: which rules it broke.
    """

    sequence: int
    kid: str
    receipt: str
    status: str
    code: str | None
    detail: str
    certificate_id: UUID
    redemption_id: UUID
    amount: int
    borne_by: str | None
    breaches: list[str]


class DeliveredReceipts(Answer):
    """One answer for each receipt, in the order in which they were sent, and the till's journals after that."""

    receipts: list[DeliveredReceipt]
    till: TillJournals


class OfflineRule(Answer):
    """Up to which sum (minor units) certificates of an issuer may be taken without a network, and from which bill."""

    issuer_id: UUID
    issuer_number: int
    issuer_name: str
    ceiling: int
    smallest_bill: int
    partial: bool
    transferable: bool


class TillKit(Answer):
    """What a till needs to judge a certificate without a network; nothing of it is about guests."""

    till_id: UUID
    merchant_id: UUID
    merchant_number: int
    coalition_id: UUID
    coalition_number: int
    slug: str
    currency: str
    time_zone: str
    root_key: RootKey
    keys_url: str
    lists: list[dict[str, str]]
    rules: list[OfflineRule]
    list_seconds_max: int
    proof_seconds: int
    at: datetime
