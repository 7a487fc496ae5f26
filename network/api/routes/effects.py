"""What certificates changed, by randomised draws: for the organizer all pairs, for an owner its own."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection
from pydantic import Field

from network.api.bodies import Query
from network.api.calls import Call
from network.api.operations import ORGANIZER, OWNER, operation
from network.api.views import viewed
from network.measuring.keeping import shown_document, today, worked_out
from network.measuring.margins import with_margin

router = APIRouter()
VIEWS = ("assignments", "coalition")


class Measuring(Query):
    """`margin`: basis points of its revenue that stay with a shop, to show the effect on it too."""

    margin: int | None = Field(None, ge=0, le=10_000)


@operation(
    router, "GET /v1/reports/effect", "What certificates changed", tag="reports", who=(ORGANIZER, OWNER),
    takes=Measuring,
)  # fmt: skip
async def report_effect(call: Call, asked: Measuring) -> Response:
    """Randomised draws only, intention to treat, with intervals that hold however often one looks. Counts under 5 are
    not shown, nor do counts grow by less; `draws` says why a draw is not measured. Worked out once an hour.
    """
    merchant_id = call.subject_id if call.role == OWNER else None

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        day = today(connection, schema, call.at)
        document = shown_document(connection, schema, day, merchant_id)
        document = document or worked_out(connection, schema, day, merchant_id)
        return document if asked.margin is None else with_margin(document, asked.margin)

    return await viewed(call, VIEWS, question)
