"""The replayable feed."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from network.api.bodies import Position, Query
from network.api.calls import Call, shown
from network.api.operations import ORGANIZER, OWNER, operation
from network.api.threads import in_thread
from network.feed import page_of_events

router = APIRouter()


class After(Query):
    """`after`: 0 at first, then `next_after` of the page before."""

    after: Position = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 200


@operation(router, "GET /v1/events", "Events in log order", tag="events", who=(ORGANIZER, OWNER), takes=After)
async def list_events(call: Call, asked: After) -> Response:
    """All for the organizer; for an owner those that name its merchant, without other's guests. You have come to the
    end when `next_after` is `head`; a page may be short, or empty, before that.
    """
    merchant_id = None if call.role == ORGANIZER else call.subject_id
    page = await in_thread(
        page_of_events, call.coalition, merchant_id=merchant_id, after=asked.after, limit=asked.limit
    )
    return shown(asdict(page))
