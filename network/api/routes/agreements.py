"""Agreements between two partners: offer, accept, change, pause, end, and read."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection
from pydantic import Field

from network.api.answers.agreements import AgreementState
from network.api.bodies import Body, Nothing, Position, Query
from network.api.calls import Call
from network.api.operations import ORGANIZER, OWNER, TILL, operation
from network.api.routes.merchants import WithReason
from network.api.terms import AgreementTerms
from network.api.views import row, viewed
from network.domain.errors import (
    AgreementConflict,
    AgreementNotFound,
    AgreementStateForbids,
    CampaignNotFound,
    CannotAcceptForTheOther,
    Invalid,
    InvalidTerms,
    MerchantNotAdmitted,
    MerchantNotFound,
    NotAParty,
    VersionNotPending,
)
from network.projections import agreements as view

router = APIRouter()
TAG = "agreements"
OWNERS = (OWNER,)
CHANGES = (AgreementNotFound, NotAParty, AgreementStateForbids)


class ByPosition(Query):
    """A cursor: `next_after` of the page before."""

    after: Position = 0
    limit: int = Field(200, ge=1, le=1000)


class Proposing(Body):
    """First terms; the caller is one of the two partners."""

    agreement_id: UUID
    issuer_id: UUID
    acceptor_id: UUID
    terms: AgreementTerms


class NewVersion(Body):
    """Other terms."""

    terms: AgreementTerms


@operation(
    router, "POST /v1/agreements", "Offer an agreement", tag=TAG, who=OWNERS, takes=Proposing, answers=AgreementState,
    refusals=(AgreementConflict, InvalidTerms, Invalid, NotAParty, MerchantNotFound, MerchantNotAdmitted,
              CampaignNotFound),
)  # fmt: skip
async def propose_agreement(call: Call, asked: Proposing) -> Response:
    """In force once the other side accepts version 1."""
    return await call.answer(
        call.application.propose_agreement(
            request=call.command(),
            agreement_id=asked.agreement_id,
            issuer_id=asked.issuer_id,
            acceptor_id=asked.acceptor_id,
            terms=asked.terms.meant(),
            by=call.subject_id,
        )
    )


@operation(
    router, "POST /v1/agreements/{agreement_id}/versions", "Offer other terms", tag=TAG, who=OWNERS, takes=NewVersion,
    answers=AgreementState, refusals=(*CHANGES, InvalidTerms, CampaignNotFound),
)  # fmt: skip
async def propose_version(call: Call, asked: NewVersion) -> Response:
    """The version in force stays in force until the other side accepts."""
    return await call.answer(
        call.application.propose_version(
            request=call.command(), agreement_id=call.id("agreement_id"), terms=asked.terms.meant(), by=call.subject_id
        )
    )


@operation(
    router, "POST /v1/agreements/{agreement_id}/versions/{version}/acceptance", "Accept an offer", tag=TAG, who=OWNERS,
    answers=AgreementState, refusals=(AgreementNotFound, NotAParty, VersionNotPending, CannotAcceptForTheOther),
)  # fmt: skip
async def accept_version(call: Call, asked: Nothing) -> Response:
    """For the side that did not make the offer."""
    return await call.answer(
        call.application.accept_version(
            request=call.command(),
            agreement_id=call.id("agreement_id"),
            version=call.number("version"),
            by=call.subject_id,
        )
    )


@operation(
    router, "POST /v1/agreements/{agreement_id}/pause", "Pause", tag=TAG, who=OWNERS, answers=AgreementState,
    refusals=CHANGES,
)  # fmt: skip
async def pause_agreement(call: Call, asked: Nothing) -> Response:
    """No new certificates for a while."""
    return await call.answer(
        call.application.pause_agreement(
            request=call.command(), agreement_id=call.id("agreement_id"), by=call.subject_id
        )
    )


@operation(
    router, "POST /v1/agreements/{agreement_id}/resumption", "Go on", tag=TAG, who=OWNERS, answers=AgreementState,
    refusals=CHANGES,
)  # fmt: skip
async def resume_agreement(call: Call, asked: Nothing) -> Response:
    """By the side that paused."""
    return await call.answer(
        call.application.resume_agreement(
            request=call.command(), agreement_id=call.id("agreement_id"), by=call.subject_id
        )
    )


@operation(
    router, "POST /v1/agreements/{agreement_id}/end", "End", tag=TAG, who=OWNERS, takes=WithReason,
    answers=AgreementState, refusals=CHANGES,
)  # fmt: skip
async def end_agreement(call: Call, asked: WithReason) -> Response:
    """No new certificates for good; those in hands stay good."""
    return await call.answer(
        call.application.end_agreement(
            request=call.command(), agreement_id=call.id("agreement_id"), by=call.subject_id, reason=asked.reason
        )
    )


@operation(router, "GET /v1/agreements", "Agreements", tag=TAG, who=(ORGANIZER, OWNER, TILL), takes=ByPosition)
async def list_agreements(call: Call, asked: ByPosition) -> Response:
    """All for the organizer, else those that the merchant is a party of; each with every version."""

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        if call.role == ORGANIZER:
            found = view.all(connection, schema, after=asked.after, limit=asked.limit)
        else:
            found = view.of_merchant(connection, schema, call.subject_id, after=asked.after, limit=asked.limit)
        return {
            "agreements": _with_versions(connection, schema, found),
            "next_after": found[-1].proposed_position if found else asked.after,
        }

    return await viewed(call, ("agreements",), question)


@operation(
    router, "GET /v1/agreements/{agreement_id}", "One agreement", tag=TAG, who=(ORGANIZER, OWNER, TILL),
    answers=AgreementState, refusals=(AgreementNotFound,),
)  # fmt: skip
async def show_agreement(call: Call, asked: Nothing) -> Response:
    """With every version."""
    agreement_id = call.id("agreement_id")

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        found = view.find(connection, schema, agreement_id)
        if found is None or not (call.role == ORGANIZER or call.subject_id in (found.issuer_id, found.acceptor_id)):
            raise AgreementNotFound()
        return _with_versions(connection, schema, [found])[0]

    return await viewed(call, ("agreements",), question)


def _with_versions(connection: Connection, schema: str, found: list[view.AgreementRow]) -> list[dict[str, Any]]:
    versions: dict[UUID, list[dict[str, Any]]] = {}
    for one in view.versions(connection, schema, [agreement.agreement_id for agreement in found]):
        versions.setdefault(one.agreement_id, []).append(row(one, "agreement_id"))
    return [{**row(one), "versions": versions.get(one.agreement_id, [])} for one in found]
