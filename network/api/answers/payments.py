"""Answers about a bill, what was handed out for it and what came back of it."""

from uuid import UUID

from network.api.answers.answer import Answer
from network.api.answers.certificates import CertificateCopy


class PaymentState(Answer):
    """A bill: whole, less certificates, paid in money."""

    payment_id: UUID
    merchant_id: UUID
    bill_reference: str
    amount: int
    deducted: int
    paid: int
    currency: str


class Issued(Answer):
    """The issue decision."""

    payment_id: UUID
    certificates: list[CertificateCopy]


class Refunded(Answer):
    """What went back: money, and certificates for what certificates had paid."""

    refund_id: UUID
    payment_id: UUID
    amount: int
    cash: int
    currency: str
    certificates: list[CertificateCopy]
    revoked: list[UUID]
    standing: list[UUID]
