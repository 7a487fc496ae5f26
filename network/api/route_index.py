"""Which of some hundred routes a request is for: by how its address begins, not by trying one after the other.

The framework tries every route's pattern in turn, which for the last of them takes longer than many an answer. The
index stands before them and finds the same route that they would; what it does not find is theirs to refuse.
"""

from collections.abc import Sequence
from typing import Final

from fastapi import FastAPI
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import Receive, Scope, Send

_FOUND: Final = "pollen.route"
_ANY: Final = "{}"
Start = tuple[str, str]


class RouteIndex(BaseRoute):
    """Routes by the first two parts of their addresses, in the order in which they were declared."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        starts = [(route, _start_of(route)) for route in routes]
        asked = {start for _, start in starts} | {(first, _ANY) for _, (first, _) in starts}
        self._routes: dict[Start, list[BaseRoute]] = {
            start: [route for route, its in starts if _fits(start, its)] for start in asked
        }

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The first route that is wholly for this request; a wrong method, for example, is not."""
        if scope["type"] == "http":
            for route in self._candidates(scope["path"]):
                match, child = route.matches(scope)
                if match is Match.FULL:
                    return match, {**child, _FOUND: route}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As the route that was found."""
        found: BaseRoute = scope[_FOUND]
        await found.handle(scope, receive, send)

    def _candidates(self, path: str) -> Sequence[BaseRoute]:
        first, _, rest = path[1:].partition("/")
        found = self._routes.get((first, rest.partition("/")[0]))
        return found if found is not None else self._routes.get((first, _ANY), ())


def index_routes(app: FastAPI) -> None:
    """Put the index before the routes that the application has now; again after more of them came."""
    own = [route for route in app.router.routes if not isinstance(route, RouteIndex)]
    app.router.routes[:] = [RouteIndex(own), *own]


def _start_of(route: BaseRoute) -> Start:
    """Its address's first two parts; `_ANY` for one that may be anything."""
    path: str = getattr(route, "path", "")
    first, _, rest = path[1:].partition("/")
    second = rest.partition("/")[0]
    goes_on = isinstance(route, Mount) or ":path}" in first
    return (_ANY if "{" in first else first), (_ANY if goes_on or "{" in second else second)


def _fits(asked: Start, its: Start) -> bool:
    """Whether a route may be for an address that begins so."""
    return all(one in (_ANY, wanted) for wanted, one in zip(asked, its, strict=True))
