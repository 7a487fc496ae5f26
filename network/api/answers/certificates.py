"""Answers about certificates, their copies, and what they were used for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from network.api.answers.answer import Answer


class CertificateState(Answer):
    """A certificate, without its copy."""

    certificate_id: UUID
    issuer_id: UUID
    acceptor_id: UUID
    state: str | None
    face: int
    outstanding: int | None
    currency: str
    expires_at: datetime
    epoch: int
    in_wallet: bool | None
    transferable: bool
    partial_redemption: bool
    smallest_bill: int


class CertificateCopy(CertificateState):
    """A certificate with the copy that its holder shows. With a `holder_key` it is bound to that phone's key: the token
    counts only inside the phone's signature, and there is no lasting code.
    """

    issuer_name: str
    acceptor_name: str
    token: str
    typed_code: str | None
    holder_key: str | None


class ShownCode(Answer):
    """A code to say at the till, for a few minutes."""

    typed_code: str
    ends_at: datetime


class LinkedCopy(CertificateCopy):
    """The same, with the link that its QR shows."""

    link: str


class RedemptionState(CertificateState):
    """A deduction. `to_pay` is what the bill has left."""

    redemption_id: UUID
    deducted: int
    released: int


class Redeemed(RedemptionState):
    """A deduction from a bill."""

    bill: int | None
    to_pay: int | None


class Worth(CertificateState):
    """What a presented copy is worth here. `refusal` says why it would be refused now."""

    issuer_name: str
    acceptor_name: str
    acceptor_address: str
    counts: bool
    refusal: dict[str, Any] | None


class Opened(Worth):
    """The same for somebody without a credential, with the coalition to open a wallet in."""

    slug: str
