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
from network.projections.tracking import position_of

router = APIRouter()
VIEWS = ("assignments",)


class Measuring(Query):
    """`margin`: basis points of its revenue that stay with a shop, to show the effect on it too."""

    margin: int | None = Field(None, ge=0, le=10_000)


@operation(
    router, "GET /v1/reports/effect", "What certificates changed", tag="reports", who=(ORGANIZER, OWNER),
    takes=Measuring,
)  # fmt: skip
async def report_effect(call: Call, asked: Measuring) -> Response:
    """Randomised draws only, intention to treat, with intervals that hold however often one looks. Counts under 5 are
    not shown; `draws` says why a draw is not measured.
    """
    merchant_id = call.subject_id if call.role == OWNER else None

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        # scipy takes a second to load, which a server that never measures should not pay.
        from network.measuring.document import report_document  # noqa: PLC0415
        from network.measuring.reading import read_report  # noqa: PLC0415

        position = position_of(connection, schema, VIEWS)
        report = read_report(connection, schema, position=position, at=call.at, merchant_id=merchant_id)
        return report_document(report, margin=asked.margin)

    return await viewed(call, VIEWS, question)
