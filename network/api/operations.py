"""How a route is declared: who may call it, what it takes, what it refuses. Checked and documented from one place."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from network.api import errors
from network.api.bodies import Body, Nothing, Query, Upload, read, read_query
from network.api.calls import Call
from network.api.errors import RequestRefused, RoleNotAllowed
from network.api.plain_route import PlainRoute
from network.api.service import Service
from network.domain.errors import Refusal, RequestConflict

ORGANIZER, OWNER, TILL, WALLET = "organizer", "owner", "till", "wallet"
EVERYBODY = (ORGANIZER, OWNER, TILL, WALLET)
ANYBODY: tuple[str, ...] = ()
"""No credential at all."""

B = TypeVar("B", bound=BaseModel)
Handler = Callable[[Call, B], Awaitable[Response]]
Refused = type[Refusal] | tuple[str, str]
"""A refusal, or the code and sentence of what a token or typed code is refused for."""


@dataclass(frozen=True)
class Operation:
    """One route. `changes`: it is a command, and needs an Idempotency-Key."""

    method: str
    path: str
    summary: str
    tag: str
    who: tuple[str, ...]
    takes: type[BaseModel]
    answers: type[BaseModel] | None
    refusals: tuple[Refused, ...]
    changes: bool
    media_type: str

    @property
    def parameters(self) -> list[str]:
        """The names in its path."""
        return re.findall(r"\{(\w+)\}", self.path)

    @property
    def takes_body(self) -> bool:
        """Whether `takes` is a body that has to be sent."""
        return issubclass(self.takes, Body) and self.takes is not Nothing

    @property
    def all_refusals(self) -> list[Refused]:
        """Its own, and those that follow from what it takes."""
        common: list[Refused] = [errors.NetworkBusy, errors.Unexpected]
        if self.who:
            common += [errors.CredentialMissing, errors.CredentialUnknown, errors.RoleNotAllowed, errors.TooManyTries]
        if self.changes:
            common += [errors.IdempotencyKeyMissing, errors.IdempotencyKeyInvalid, RequestConflict]
        if self.method != "GET":
            common += [errors.RequestMalformed, errors.RequestTooLarge]
        if self.method != "GET" and self.takes is not Upload:
            common.append(errors.NotJson)
        if self.method == "GET" and self.who:
            common.append(errors.ViewBehind)
        if self.method != "GET" or self.parameters or issubclass(self.takes, Query):
            common.append(errors.InvalidRequest)
        return list(dict.fromkeys([*self.refusals, *common]))


def operation(
    router: APIRouter,
    route: str,
    summary: str,
    *,
    tag: str,
    who: Sequence[str],
    takes: type[B] = Nothing,  # type: ignore[assignment]
    answers: type[BaseModel] | None = None,
    refusals: Sequence[Refused] = (),
    changes: bool | None = None,
    media_type: str = errors.JSON,
) -> Callable[[Handler[B]], Handler[B]]:
    """Declare `route`, such as "POST /v1/redemptions". The order is always: who, what, then the handler."""
    method, _, path = route.partition(" ")
    is_command = method != "GET" if changes is None else changes
    declared = Operation(
        method, path, summary, tag, tuple(who), takes, answers, tuple(refusals), is_command, media_type
    )

    def declare(handler: Handler[B]) -> Handler[B]:
        endpoint = _endpoint(declared, handler)
        endpoint.operation = declared  # type: ignore[attr-defined]
        endpoint.__name__ = handler.__name__
        endpoint.__doc__ = handler.__doc__
        router.add_api_route(
            path,
            endpoint,
            methods=[method],
            response_model=None,
            route_class_override=PlainRoute,
            **_documented(declared),
        )
        return handler

    return declare


def operations_of(routes: Sequence[Any]) -> list[Operation]:
    """Every declared operation among an application's routes."""
    return [route.endpoint.operation for route in routes if hasattr(getattr(route, "endpoint", None), "operation")]


def _endpoint(declared: Operation, handler: Handler[B]) -> Callable[[Request], Awaitable[Response]]:
    roles = frozenset(declared.who)
    takes: type[B] = declared.takes  # type: ignore[assignment]
    by_query = declared.method == "GET"

    async def endpoint(request: Request) -> Response:
        service: Service = request.app.state.service
        caller = None
        if roles:
            caller = await service.callers.caller_of(request)
            if caller.credential.role not in roles:
                raise RoleNotAllowed(role=caller.credential.role)
        asked = read_query(request, takes) if by_query else await read(request, takes)
        return await handler(Call(request, service, caller, asked), asked)

    return endpoint


def _documented(declared: Operation) -> dict[str, Any]:
    extra: dict[str, Any] = {"parameters": _parameters(declared), "security": [{role: []} for role in declared.who]}
    if declared.takes_body:
        reference = {"$ref": f"#/components/schemas/{declared.takes.__name__}"}
        extra["requestBody"] = {"required": True, "content": {errors.JSON: {"schema": reference}}}
    if declared.takes is Upload:
        binary = {"schema": {"type": "string", "format": "binary"}}
        extra["requestBody"] = {"required": True, "content": {"application/octet-stream": binary}}
    return {
        "summary": declared.summary,
        "tags": [declared.tag],
        "responses": _responses(declared),
        "openapi_extra": extra,
    }


def _parameters(declared: Operation) -> list[dict[str, Any]]:
    """The names in the path, the query's fields, and the headers."""
    number = {"type": "integer", "minimum": 0, "maximum": 999_999}
    text = {
        "slug": {"type": "string"},
        "version": number,
        "number": number,
        "reference": {"type": "string", "pattern": "^[A-Z0-9-]{1,35}$"},
        "quarter": {"type": "string", "pattern": "^[0-9]{4}Q[1-4]$"},
        "position": {"type": "integer", "minimum": 0, "maximum": 2**49},
        "line": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    }
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": text.get(name, {"type": "string", "format": "uuid"})}
        for name in declared.parameters
    ]
    if issubclass(declared.takes, Query):
        schema = declared.takes.model_json_schema()
        required = schema.get("required", ())
        found += [
            {"name": name, "in": "query", "required": name in required, "schema": field}
            for name, field in schema.get("properties", {}).items()
        ]
    if declared.changes:
        key = {"type": "string", "pattern": "^[A-Za-z0-9._:-]{%s,64}$" % (1 if declared.who else 22)}
        about = "The command's id, made by the client. The same again is answered the same again, byte for byte."
        found.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": key, "description": about})
    elif declared.method == "GET" and declared.who:
        about = "Wait (at most two seconds) until the view shows this log position."
        position = {"type": "integer", "minimum": 0}
        found.append(
            {"name": "Pollen-Position", "in": "header", "required": False, "schema": position, "description": about}
        )
    return found


def _responses(declared: Operation) -> dict[int | str, dict[str, Any]]:
    schema: dict[str, Any] = {"type": "object"} if declared.media_type == errors.JSON else {"type": "string"}
    if declared.answers is not None:
        schema = {"$ref": f"#/components/schemas/{declared.answers.__name__}"}
    accepted: dict[str, Any] = {"description": "Done", "content": {declared.media_type: {"schema": schema}}}
    if declared.changes:
        about = "The log position from which views show it"
        accepted["headers"] = {"Pollen-Position": {"description": about, "schema": {"type": "integer"}}}
    found: dict[int | str, dict[str, Any]] = {200: accepted}
    for one in declared.all_refusals:
        status, code, sentence = told(one)
        described = found.setdefault(status, {"description": "", "content": {errors.JSON: {"examples": {}}}})
        content = described["content"][errors.JSON]
        content["schema"] = {"$ref": "#/components/schemas/Problem"}
        content["examples"][code] = {"value": {"code": code, "detail": sentence}}
        described["description"] = ", ".join(sorted(content["examples"]))
    return found


def told(refusal: Refused) -> tuple[int, str, str]:
    """Status, code and sentence of a refusal, for people who read about it."""
    if isinstance(refusal, tuple):
        return 422, *refusal
    status = refusal.status if issubclass(refusal, RequestRefused) else errors.status_of(refusal)
    return status, refusal.code, refusal.sentence
