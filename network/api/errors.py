"""Every refusal as HTTP: the one place that knows status codes. The body is always `{"code", "detail", ...facts}`."""

import logging
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any, ClassVar

import msgspec
import psycopg
from fastapi import Request
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from network.committer import Busy
from network.domain.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal
from network.store.recorder import CoalitionMoved
from network.token import TokenRefused
from network.typed_code import TypedCodeRefused

log = logging.getLogger(__name__)
_json = msgspec.json.Encoder()

JSON = "application/json"
_BUSY = (Busy, CoalitionMoved, psycopg.OperationalError, psycopg.InterfaceError, psycopg.IntegrityError,
         psycopg.InternalError)  # fmt: skip


class RequestRefused(Refusal):
    """A request that never reached a command. `status` is HTTP's, `headers` go with the answer."""

    status: ClassVar[int] = 400
    headers: ClassVar[dict[str, str]] = {}


class RequestMalformed(RequestRefused):
    """Not JSON, or not JSON that we read."""

    code = "request_malformed"
    sentence = "The request is not well-formed JSON ({problem})."


class IdempotencyKeyMissing(RequestRefused):
    """A command without its id."""

    code = "idempotency_key_missing"
    sentence = "This request changes something, so it needs an Idempotency-Key."


class IdempotencyKeyInvalid(RequestRefused):
    """A command's id that we do not store."""

    code = "idempotency_key_invalid"
    sentence = "An Idempotency-Key has {least} to 64 characters of A-Z a-z 0-9 . _ : -"


class CredentialMissing(RequestRefused):
    """No `Authorization: Bearer`."""

    status = 401
    code = "credential_missing"
    sentence = "This needs a credential: Authorization: Bearer pollen_..."
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": "Bearer"}


class CredentialUnknown(RequestRefused):
    """A secret that is not, or no longer, one of ours."""

    status = 401
    code = "credential_unknown"
    sentence = "This credential is not known here, or was revoked."
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class RoleNotAllowed(NotAllowed):
    """Another role's route."""

    code = "role_not_allowed"
    sentence = "A credential of the role {role} may not do this."


class NotYourMerchant(NotAllowed):
    """An owner or till acts for its own merchant alone."""

    code = "not_your_merchant"
    sentence = "This belongs to another shop."


class RouteNotFound(RequestRefused):
    """No route has this path."""

    status = 404
    code = "route_not_found"
    sentence = "There is nothing at this address."


class MethodNotAllowed(RequestRefused):
    """The path is there, the method is not."""

    status = 405
    code = "method_not_allowed"
    sentence = "This address does not take {method}."


class RequestTooLarge(RequestRefused):
    """More than any request of ours."""

    status = 413
    code = "request_too_large"
    sentence = "A request has at most {most} bytes."


class NotJson(RequestRefused):
    """Another content type."""

    status = 415
    code = "not_json"
    sentence = "Send JSON, with Content-Type: application/json."


class InvalidRequest(RequestRefused):
    """Fields of the wrong type, missing, or unknown. `fields` says which and why."""

    status = 422
    code = "invalid_request"
    sentence = "Something in this request is not right: {first}."

    def __init__(self, *fields: tuple[str, str]) -> None:
        super().__init__(first=": ".join(part for part in fields[0] if part))
        self.fields = [{"field": field, "problem": problem} for field, problem in fields]


class TooManyTries(RequestRefused):
    """Somebody guesses, or floods."""

    status = 429
    code = "too_many_tries"
    sentence = "Too many tries. Try again in {retry_after} seconds."


class NetworkBusy(RequestRefused):
    """The database is away, or more waits than the network keeps. The same key may be sent again."""

    status = 503
    code = "network_busy"
    sentence = "The network is busy. Send the same request again in a moment."
    headers: ClassVar[dict[str, str]] = {"Retry-After": "1"}


class ViewBehind(RequestRefused):
    """The view does not show the caller's own command yet."""

    status = 503
    code = "view_behind"
    sentence = "The view has not come to position {position} yet. Ask again in a moment."
    headers: ClassVar[dict[str, str]] = {"Retry-After": "1"}


class PapersBusy(RequestRefused):
    """A long file takes its time, and only a few are made at once."""

    status = 503
    code = "papers_busy"
    sentence = "Other long statements are being written just now. Ask again in a minute."
    headers: ClassVar[dict[str, str]] = {"Retry-After": "60"}


class PaperNotMade(RequestRefused):
    """A long file that took too long, or whose making failed: nothing of it is sent."""

    status = 503
    code = "paper_not_made"
    sentence = (
        "This statement could not be written as a file: it takes more than the network has. Its pages show it all."
    )
    headers: ClassVar[dict[str, str]] = {"Retry-After": "600"}


class Unexpected(RequestRefused):
    """A mistake of ours."""

    status = 500
    code = "unexpected"
    sentence = "Something went wrong on our side. The same request may be sent again."


def status_of(kind: type[Refusal]) -> int:
    """The status that a kind of refusal is answered with."""
    if issubclass(kind, RequestRefused):
        return kind.status
    for base, status in ((NotFound, 404), (NotAllowed, 403), (Conflict, 409), (Invalid, 422)):
        if issubclass(kind, base):
            return status
    return 409


@cache
def status_of_code(code: str) -> int:
    """The status of a refusal that was stored with its request key."""
    return status_of(_kinds(Refusal).get(code, Refusal))


def refused(refusal: Refusal) -> Response:
    """A refusal as it is answered."""
    body: dict[str, object] = dict(refusal.body())
    headers: dict[str, str] = dict(refusal.headers) if isinstance(refusal, RequestRefused) else {}
    if isinstance(refusal, InvalidRequest):
        body.pop("first", None)
        body["fields"] = refusal.fields
    if isinstance(refusal, TooManyTries):
        headers["Retry-After"] = str(refusal.facts["retry_after"])
    return Response(_json.encode(body), status_of(type(refusal)), headers, JSON)


def refusal_of_fields(error: ValidationError) -> RequestRefused:
    """What pydantic found, without the values: they may be secrets."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    if problems[0]["type"] == "json_invalid":
        return RequestMalformed(problem=problems[0]["msg"].removeprefix("Invalid JSON: "))
    fields = [(".".join(_shown(part) for part in p["loc"]), p["msg"].removeprefix("Value error, ")) for p in problems]
    return InvalidRequest(*fields[:20])


def _shown(part: int | str) -> str:
    """A field's name as it may be repeated: an unknown one is the caller's own text."""
    return str(part).encode("ascii", "replace").decode()[:64]


async def on_refusal(request: Request, error: Exception) -> Response:
    """A refusal that a route, a command or a look-up raised."""
    assert isinstance(error, Refusal)
    return refused(error)


async def on_presented(request: Request, error: Exception) -> Response:
    """A token or typed code that must not be accepted."""
    assert isinstance(error, TokenRefused | TypedCodeRefused)
    detail = error.detail[:1].upper() + error.detail[1:]
    return Response(_json.encode({"code": error.code, "detail": detail}), 422, None, JSON)


async def on_http(request: Request, error: Exception) -> Response:
    """What the router itself refuses."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        answer = refused(MethodNotAllowed(method=request.method[:16]))
        answer.headers["Allow"] = (error.headers or {}).get("Allow", "")
        return answer
    return refused(RouteNotFound() if error.status_code == 404 else RequestMalformed(problem="HTTP"))


def on_anything(error: Exception) -> Response:
    """Whatever no route expects: busy when the database says so, else a mistake of ours, logged."""
    if isinstance(error, _BUSY):
        log.warning("network_busy", extra={"error": type(error).__name__})
        return refused(NetworkBusy())
    log.error("unexpected", exc_info=error)
    return refused(Unexpected())


async def on_busy(request: Request, error: Exception) -> Response:
    """The database is away."""
    return on_anything(error)


def _kinds(of: type[Refusal]) -> dict[str, type[Refusal]]:
    found = {of.code: of}
    for sub in of.__subclasses__():
        found |= _kinds(sub)
    return found


HANDLERS: dict[int | type[Exception], Callable[[Request, Exception], Coroutine[Any, Any, Response]]] = {
    Refusal: on_refusal,
    TokenRefused: on_presented,
    TypedCodeRefused: on_presented,
    HTTPException: on_http,
    Busy: on_busy,
    CoalitionMoved: on_busy,
    psycopg.Error: on_busy,
}
