"""Disputes about lines of a statement: raise, answer, decide. Two partners see theirs, the organizer all."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection
from pydantic import Field

from network.api.answers.windows import DisputeState
from network.api.bodies import Amount, Body, Note, Nothing, Position, Query
from network.api.calls import Call
from network.api.operations import ORGANIZER, OWNER, operation
from network.api.threads import in_thread
from network.api.views import row, rows, viewed
from network.domain.dispute import Reason
from network.domain.errors import (
    DisputeConflict,
    DisputeNotFound,
    DisputeStateForbids,
    DisputeTooLate,
    Invalid,
    InvalidAmount,
    LineNotDisputable,
    LineNotFound,
    NotTheDebtor,
    NotTheOtherSide,
    WindowNotFound,
    WindowStateForbids,
)
from network.domain.postings import Kind
from network.projections import disputes as view
from network.settlement.disputing import find_line

router = APIRouter()
TAG = "disputes"
BOTH = (ORGANIZER, OWNER)


class RaisingDispute(Body):
    """The entry of `kind` in which the caller owes `counterparty_id` by the event at `position` of its statement.
    An `adjustment` is what others bear of what a till took without a network.

    `amount` null: all of it. `reason` other needs a `note`.
    """

    position: Annotated[int, Field(gt=0, le=2**53)]
    counterparty_id: UUID
    kind: Literal["value", "commission", "fee", "adjustment"]
    amount: Amount | None = None
    reason: Literal[
        "not_ours", "wrong_amount", "duplicate", "goods_refunded", "certificate_invalid", "offline_conflict", "other"
    ]
    note: Note = ""


class Answering(Body):
    """`agree`: the line is wrong. Otherwise it stands, and the organizer decides."""

    agree: bool
    note: Note = ""


class Withdrawing(Body):
    """Why, if there is something to say."""

    note: Note = ""


class Deciding(Body):
    """`uphold`: the line is wrong."""

    uphold: bool
    note: Note = ""


class ByPosition(Query):
    """A cursor: the `raised_position` of the last dispute seen."""

    after: Position = 0
    limit: int = Field(1000, ge=1, le=1000)


@operation(
    router, "POST /v1/disputes", "Dispute a line of the own statement", tag=TAG, who=BOTH, takes=RaisingDispute,
    answers=DisputeState,
    refusals=(LineNotFound, NotTheDebtor, LineNotDisputable, DisputeConflict, DisputeTooLate, InvalidAmount, Invalid,
              WindowNotFound, WindowStateForbids),
)  # fmt: skip
async def raise_dispute(call: Call, asked: RaisingDispute) -> Response:
    """Within 30 days of the statement, by the side that the line charges. Before its payment is asked for, the amount
    leaves the payable and waits. The other side has 5 days; silence upholds.
    """
    request, by = call.command(), _partner(call)
    line = await in_thread(
        lambda: find_line(
            call.coalition, position=asked.position, creditor_id=asked.counterparty_id, kind=Kind(asked.kind), by=by
        )
    )
    return await call.answer(
        call.application.raise_dispute(
            request=request, line=line, amount=asked.amount, reason=Reason(asked.reason), note=asked.note, by=by
        )
    )


@operation(
    router, "POST /v1/disputes/{dispute_id}/answer", "Answer a dispute", tag=TAG, who=BOTH, takes=Answering,
    answers=DisputeState, refusals=(DisputeNotFound, NotTheOtherSide, DisputeStateForbids, Invalid),
)  # fmt: skip
async def answer_dispute(call: Call, asked: Answering) -> Response:
    """By the side that receives by the line. To agree is possible until the dispute has ended."""
    return await call.answer(
        call.application.answer_dispute(
            request=call.command(),
            dispute_id=call.id("dispute_id"),
            concede=asked.agree,
            note=asked.note,
            by=_partner(call),
        )
    )


@operation(
    router, "POST /v1/disputes/{dispute_id}/withdrawal", "Accept the line after all", tag=TAG, who=BOTH,
    takes=Withdrawing, answers=DisputeState, refusals=(DisputeNotFound, NotTheDebtor, DisputeStateForbids, Invalid),
)  # fmt: skip
async def withdraw_dispute(call: Call, asked: Withdrawing) -> Response:
    """By the side that raised it."""
    return await call.answer(
        call.application.withdraw_dispute(
            request=call.command(), dispute_id=call.id("dispute_id"), note=asked.note, by=_partner(call)
        )
    )


@operation(
    router, "POST /v1/disputes/{dispute_id}/decision", "Decide a dispute", tag=TAG, who=(ORGANIZER,), takes=Deciding,
    answers=DisputeState, refusals=(DisputeNotFound, DisputeStateForbids, Invalid),
)  # fmt: skip
async def decide_dispute(call: Call, asked: Deciding) -> Response:
    """Once the other side has contested. Money moves as an adjustment in the open window."""
    return await call.answer(
        call.application.decide_dispute(
            request=call.command(), dispute_id=call.id("dispute_id"), uphold=asked.uphold, note=asked.note
        )
    )


@operation(router, "GET /v1/disputes", "Disputes", tag=TAG, who=BOTH, takes=ByPosition)
async def list_disputes(call: Call, asked: ByPosition) -> Response:
    """All for the organizer; those raised and those to be answered for an owner."""

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        if call.role == ORGANIZER:
            found = view.all(connection, schema, after=asked.after, limit=asked.limit)
        else:
            found = view.of_party(connection, schema, call.subject_id, after=asked.after, limit=asked.limit)
        return {"disputes": rows(found), "next_after": found[-1].raised_position if found else asked.after}

    return await viewed(call, ("disputes",), question)


@operation(router, "GET /v1/disputes/{dispute_id}", "One dispute", tag=TAG, who=BOTH, refusals=(DisputeNotFound,))
async def show_dispute(call: Call, asked: Nothing) -> Response:
    """For its two sides and the organizer."""
    dispute_id = call.id("dispute_id")

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        found = view.find(connection, schema, dispute_id)
        if found is None or (call.role == OWNER and call.subject_id not in (found.debtor_id, found.creditor_id)):
            raise DisputeNotFound()
        return row(found)

    return await viewed(call, ("disputes",), question)


def _partner(call: Call) -> UUID | None:
    """Who speaks: a partner, or the organizer, for itself and for the pool."""
    return call.subject_id if call.role == OWNER else None
