"""Answers about the draw among partners."""

from datetime import datetime
from typing import Any
from uuid import UUID

from network.api.answers.answer import Answer
from network.api.answers.certificates import CertificateCopy


class ProposalReason(Answer):
    """Why. `code` is stable and to be translated with `name` and `partners`; `detail` says it in English."""

    code: str
    detail: str
    name: str
    partners: int


class ProposedCertificate(Answer):
    """What was drawn, as it would be handed out now."""

    agreement_id: UUID
    acceptor_id: UUID
    acceptor_name: str
    acceptor_address: str
    face: int
    currency: str
    expires_at: datetime


class Proposal(Answer):
    """The draw of a bill. `certificate` None: none this time."""

    payment_id: UUID
    certificate: ProposedCertificate | None
    reason: ProposalReason


class IssuedByDraw(Proposal):
    """The issue decision by the draw: one certificate, or none."""

    certificates: list[CertificateCopy]


class DrawRules(Answer):
    """A merchant's hand in the draw; shares in basis points."""

    merchant_id: UUID
    policy_version: int
    neutral: int
    exploration: int
    partners: list[dict[str, Any]]


class DrawOutlook(Answer):
    """What a bill would be drawn among. `neutral` and each `probability` in millionths; together a million."""

    bill: int
    neutral: int
    partners: list[dict[str, Any]]
    passed_over: list[dict[str, Any]]
