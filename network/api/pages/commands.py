"""A page's way to the same handlers that the API's routes have: no second rule, and the same answer for a retry."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Final
from uuid import UUID

import msgspec
from fastapi.responses import Response
from pydantic import BaseModel

from network.api.bodies import Nothing
from network.api.calls import Call
from network.api.pages.visits import Visit
from network.api.threads import in_thread
from network.api.views import POLL_SECONDS
from network.domain.errors import refusal_of
from network.projections.tracking import position_of

SEEN_SECONDS: Final = 2.0

Handler = Callable[..., Awaitable[Response]]


class PageCall(Call):
    """A call of a route by a page: the key and the ids come from a form instead of headers and the address."""

    __slots__ = ("_form_key", "_ids", "_route")

    def __init__(self, visit: Visit, route: str, asked: BaseModel, key: str, ids: dict[str, UUID]) -> None:
        super().__init__(visit.request, visit.service, visit.caller, asked)
        self._route = route.format(**ids)
        self._form_key = key
        self._ids = ids

    def id(self, name: str) -> UUID:
        """An id that the route's address would have."""
        return self._ids[name]

    def _key(self, allowed: object, least: int) -> str:
        return self._form_key

    def _named(self) -> str:
        return self._route


async def done(
    visit: Visit, handler: Handler, route: str, asked: BaseModel, key: str = "", **ids: UUID
) -> dict[str, Any]:
    """What the route answers. Raises: whatever it refuses."""
    return (await _told(visit, handler, route, asked, key, ids))[0]


async def done_and_seen(
    visit: Visit, handler: Handler, route: str, asked: BaseModel, key: str, views: Collection[str], **ids: UUID
) -> dict[str, Any]:
    """The same for a command, and the page that comes next shows it: these views have come so far, or are given up
    waiting for. Raises: whatever it refuses.
    """
    facts, position = await _told(visit, handler, route, asked, key, ids)
    deadline = time.monotonic() + SEEN_SECONDS
    while await in_thread(_reached, visit, views) < position and time.monotonic() < deadline:
        await asyncio.sleep(POLL_SECONDS)
    return facts


async def asked(visit: Visit, handler: Handler, question: BaseModel | None = None, **ids: UUID) -> dict[str, Any]:
    """What a route that is read answers. Raises: whatever it refuses."""
    return await done(visit, handler, "GET", question or Nothing(), "", **ids)


async def _told(
    visit: Visit, handler: Handler, route: str, asked: BaseModel, key: str, ids: dict[str, UUID]
) -> tuple[dict[str, Any], int]:
    answer = await handler(PageCall(visit, route, asked, key, ids), asked)
    facts: dict[str, Any] = msgspec.json.decode(bytes(answer.body))
    if answer.status_code >= 400:
        raise refusal_of(facts)
    return facts, int(answer.headers.get("Pollen-Position", "0"))


def _reached(visit: Visit, views: Collection[str]) -> int:
    with visit.coalition.readers.connection() as connection:
        return position_of(connection, visit.coalition.schema, views)
