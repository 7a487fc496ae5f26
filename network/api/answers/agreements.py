"""Answers about agreements and stocks."""

from uuid import UUID

from network.api.answers.answer import Answer


class AgreementState(Answer):
    """Where an agreement stands."""

    agreement_id: UUID
    issuer_id: UUID
    acceptor_id: UUID
    state: str
    version_in_force: int | None
    version_waiting: int | None


class AllotmentState(Answer):
    """A stock."""

    allotment_id: UUID
    acceptor_id: UUID
    partner_id: UUID
    agreement_id: UUID
    face: int
    left: int
    last_on: str
    transferable: bool
