"""Questions to the views: waited for if the caller names a position, answered with the one they speak for."""

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import fields
from typing import Any

from fastapi.responses import Response
from psycopg import Connection

from network.api.calls import Call, shown
from network.api.errors import InvalidRequest, ViewBehind
from network.api.threads import in_thread
from network.coalitions import OpenCoalition
from network.projections.tracking import at_one_position

WAIT_SECONDS = 2.0
POLL_SECONDS = 0.01

Question = Callable[[Connection, str], dict[str, Any]]


async def viewed(
    call: Call, views: Collection[str], question: Question, *, coalition: OpenCoalition | None = None
) -> Response:
    """The answer to `question(connection, schema)`, all of one instant. Raises: ViewBehind, InvalidRequest."""
    facts, position = await asked_of_views(call, views, question, coalition=coalition)
    answer = shown(facts)
    answer.headers["Pollen-Position"] = str(position)
    return answer


async def asked_of_views(
    call: Call, views: Collection[str], question: Question, *, coalition: OpenCoalition | None = None
) -> tuple[dict[str, Any], int]:
    """The facts, and the position that the views speak for. No thread waits meanwhile: only the caller does."""
    awaited = _awaited(call)
    of = coalition or call.coalition
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        position, facts = await in_thread(_ask, of, views, awaited, question)
        if facts is not None:
            return facts, position
        if time.monotonic() >= deadline:
            raise ViewBehind(position=awaited, reached=position)
        await asyncio.sleep(POLL_SECONDS)


def rows(found: Collection[Any], *without: str) -> list[dict[str, Any]]:
    """View rows as JSON objects, without those fields that this caller is not shown."""
    return [row(one, *without) for one in found]


def row(found: Any, *without: str) -> dict[str, Any]:
    """One view row as a JSON object."""
    return {one.name: getattr(found, one.name) for one in fields(found) if one.name not in without}


def _ask(
    coalition: OpenCoalition, views: Collection[str], awaited: int, question: Question
) -> tuple[int, dict[str, Any] | None]:
    with (
        coalition.readers.connection() as connection,
        at_one_position(connection, coalition.schema, views) as position,
    ):
        return position, question(connection, coalition.schema) if position >= awaited else None


def _awaited(call: Call) -> int:
    text = call.request.headers.get("pollen-position", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise InvalidRequest(("Pollen-Position", "A position is a number"))
    return int(text)
