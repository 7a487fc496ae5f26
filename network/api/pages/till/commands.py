"""A page's way to the same handlers that the API's routes have: no second rule, and the same answer for a retry."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from fastapi.responses import Response
from pydantic import BaseModel

from network.access.deeds import note
from network.api.calls import Call
from network.api.pages.visits import Visit
from network.api.threads import in_thread
from network.domain.errors import refusal_of

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
    answer = await handler(PageCall(visit, route, asked, key, ids), asked)
    facts: dict[str, Any] = msgspec.json.decode(bytes(answer.body))
    if answer.status_code >= 400:
        raise refusal_of(facts)
    return facts


async def noted(visit: Visit, key: str, what: str, reference_id: UUID) -> None:
    """Put down who asks, before it is done."""
    await in_thread(note, visit.coalition, visit.session, key=key, what=what, reference_id=reference_id, at=visit.at)
