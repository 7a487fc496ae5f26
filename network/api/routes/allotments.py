"""Stocks of certificates that an acceptor sets aside for a partner to hand out."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection

from network.api.answers.agreements import AllotmentState
from network.api.bodies import Amount, Body, Count, Day
from network.api.calls import Call
from network.api.operations import ORGANIZER, OWNER, operation
from network.api.routes.agreements import ByPosition
from network.api.views import rows, viewed
from network.domain.errors import (
    AgreementNotActive,
    AgreementNotFound,
    AllotmentConflict,
    AllotmentExhausted,
    AllotmentNotFound,
    AllotmentNotTransferable,
    Invalid,
    InvalidAmount,
    MerchantNotAdmitted,
    NotAParty,
    OnlyTheIssuer,
    WrongAcceptor,
)
from network.projections import allotments as view

router = APIRouter()
TAG = "allotments"
OWNERS = (OWNER,)


class SettingAside(Body):
    """`number` certificates of `face` each; `last_on` is the last local day to hand them out."""

    allotment_id: UUID
    agreement_id: UUID
    number: Count
    face: Amount
    last_on: Day


class Returning(Body):
    """Unused ones go back."""

    number: Count


class Transferring(Body):
    """Part of a stock goes to the issuer of another agreement with the same acceptor."""

    to_allotment_id: UUID
    to_agreement_id: UUID
    number: Count


@operation(
    router, "POST /v1/allotments", "Set a stock aside", tag=TAG, who=OWNERS, takes=SettingAside, answers=AllotmentState,
    refusals=(AgreementNotFound, NotAParty, AgreementNotActive, InvalidAmount, Invalid, AllotmentConflict,
              MerchantNotAdmitted),
)  # fmt: skip
async def set_aside(call: Call, asked: SettingAside) -> Response:
    """By the acceptor of the agreement, for its issuer."""
    return await call.answer(
        call.application.set_allotment_aside(
            request=call.command(),
            allotment_id=asked.allotment_id,
            acceptor_id=call.subject_id,
            agreement_id=asked.agreement_id,
            number=asked.number,
            face=asked.face,
            last_on=asked.last_on,
        )
    )


@operation(
    router, "POST /v1/allotments/{allotment_id}/returns", "Give unused ones back", tag=TAG, who=OWNERS, takes=Returning,
    answers=AllotmentState, refusals=(AllotmentNotFound, OnlyTheIssuer, AllotmentExhausted, InvalidAmount),
)  # fmt: skip
async def give_back(call: Call, asked: Returning) -> Response:
    """By the partner that has the stock."""
    return await call.answer(
        call.application.return_allotment(
            request=call.command(),
            allotment_id=call.id("allotment_id"),
            partner_id=call.subject_id,
            number=asked.number,
        )
    )


@operation(
    router, "POST /v1/allotments/{allotment_id}/transfers", "Give part of a stock to another partner", tag=TAG,
    who=OWNERS, takes=Transferring,
    refusals=(AllotmentNotFound, AgreementNotFound, AllotmentNotTransferable, OnlyTheIssuer, AllotmentExhausted,
              WrongAcceptor, AgreementNotActive, AllotmentConflict, MerchantNotAdmitted),
)  # fmt: skip
async def transfer(call: Call, asked: Transferring) -> Response:
    """By the partner that has the stock, if the terms allow it."""
    return await call.answer(
        call.application.transfer_allotment(
            request=call.command(),
            allotment_id=call.id("allotment_id"),
            partner_id=call.subject_id,
            to_allotment_id=asked.to_allotment_id,
            to_agreement_id=asked.to_agreement_id,
            number=asked.number,
        )
    )


@operation(router, "GET /v1/allotments", "Stocks", tag=TAG, who=(ORGANIZER, OWNER), takes=ByPosition)
async def list_allotments(call: Call, asked: ByPosition) -> Response:
    """All for the organizer; those given and those received for an owner."""

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        if call.role == ORGANIZER:
            found = view.all(connection, schema, after=asked.after, limit=asked.limit)
        else:
            found = view.of_merchant(connection, schema, call.subject_id, after=asked.after, limit=asked.limit)
        return {"allotments": rows(found), "next_after": found[-1].made_position if found else asked.after}

    return await viewed(call, ("allotments",), question)
