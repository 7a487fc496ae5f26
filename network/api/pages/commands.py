"""A page's way to the same handlers that the API's routes have: no second rule, and the same answer for a retry."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from fastapi.responses import Response
from pydantic import BaseModel

from network.api.bodies import Nothing
from network.api.calls import Call
from network.api.pages.visits import Visit
from network.api.progress import telling
from network.api.threads import in_thread
from network.api.views import POLL_SECONDS, Question, asked_of_views
from network.domain.errors import refusal_of
from network.projections.tracking import position_of

SEEN_SECONDS: Final = 2.0

Handler = Callable[..., Awaitable[Response]]


class PageCall(Call):
    """A call of a route by a page: the key and the ids come from a form instead of headers and the address."""

    __slots__ = ("_form_key", "_ids", "_route")

    def __init__(self, visit: Visit, route: str, asked: BaseModel, key: str, ids: dict[str, UUID | int]) -> None:
        super().__init__(visit.request, visit.service, visit.caller, asked)
        self._route = route.format(**ids)
        self._form_key = key
        self._ids = ids

    def id(self, name: str) -> UUID:
        """An id that the route's address would have."""
        found = self._ids[name]
        assert isinstance(found, UUID), "an id was given as one"
        return found

    def number(self, name: str) -> int:
        """A number that the route's address would have."""
        return int(self._ids[name])

    def _key(self, allowed: object, least: int) -> str:
        return self._form_key

    def _named(self) -> str:
        return self._route


async def done(
    visit: Visit, handler: Handler, route: str, asked: BaseModel, key: str = "", **ids: UUID | int
) -> dict[str, Any]:
    """What the route answers. Raises: whatever it refuses."""
    return (await _told(visit, handler, route, asked, key, ids))[0]


async def done_and_seen(
    visit: Visit, handler: Handler, route: str, asked: BaseModel, key: str, views: Collection[str], **ids: UUID | int
) -> dict[str, Any]:
    """The same for a command, and the page that comes next shows it: these views have come so far, or are given up
    waiting for. Raises: whatever it refuses.
    """
    facts, position = await _told(visit, handler, route, asked, key, ids)
    deadline = time.monotonic() + SEEN_SECONDS
    began = reached = await in_thread(_reached, visit, views)
    while reached < position and time.monotonic() < deadline:
        await asyncio.sleep(POLL_SECONDS)
        reached = await in_thread(_reached, visit, views)
        telling()(reached - began, position - began)
    return facts


async def asked(visit: Visit, handler: Handler, question: BaseModel | None = None, **ids: UUID | int) -> dict[str, Any]:
    """What a route that is read answers. Raises: whatever it refuses."""
    return await done(visit, handler, "GET", question or Nothing(), "", **ids)


async def found(visit: Visit, handler: Handler, question: BaseModel | None = None, **ids: UUID | int) -> dict[str, Any]:
    """The same, its instants as such. Raises: whatever it refuses."""
    facts: dict[str, Any] = _dated(await asked(visit, handler, question, **ids))
    return facts


async def of_views(visit: Visit, views: Collection[str], question: Question) -> dict[str, Any]:
    """What the views say, all of one instant, for a question that no route asks."""
    facts, _ = await asked_of_views(PageCall(visit, "GET", Nothing(), "", {}), views, question)
    return facts


async def file_of(visit: Visit, handler: Handler, question: BaseModel, **ids: UUID | int) -> Response:
    """A file as the route answers it. Raises: whatever it refuses."""
    return await handler(PageCall(visit, "GET", question, "", ids), question)


def _dated(facts: Any) -> Any:
    if isinstance(facts, list):
        return [_dated(one) for one in facts]
    if not isinstance(facts, dict):
        return facts
    return {
        name: datetime.fromisoformat(one) if name.split("_")[-1] == "at" and isinstance(one, str) else _dated(one)
        for name, one in facts.items()
    }


async def _told(
    visit: Visit, handler: Handler, route: str, asked: BaseModel, key: str, ids: dict[str, UUID | int]
) -> tuple[dict[str, Any], int]:
    answer = await handler(PageCall(visit, route, asked, key, ids), asked)
    facts: dict[str, Any] = msgspec.json.decode(bytes(answer.body))
    if answer.status_code >= 400:
        raise refusal_of(facts)
    return facts, int(answer.headers.get("Pollen-Position", "0"))


def _reached(visit: Visit, views: Collection[str]) -> int:
    with visit.coalition.readers.connection() as connection:
        return position_of(connection, visit.coalition.schema, views)
