"""What every answer goes through, as plain ASGI: security headers, figures, the log at debug."""

import time
from collections.abc import Iterable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from network.api.errors import on_anything
from network.api.metrics import Metrics

log = structlog.stdlib.get_logger(__name__)

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Iterable[tuple[bytes, bytes]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(), microphone=()"),
    (b"strict-transport-security", b"max-age=31536000"),
    (b"content-security-policy", PAGE_POLICY.encode()),
)
_NOT_KEPT = (b"cache-control", b"no-store")


class Outermost:
    """Wraps the application. Routes are counted by their pattern, never by the address that was asked for."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, debug: bool) -> None:
        self.app = app
        self.metrics = metrics
        self.debug = debug

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 0
        started = time.perf_counter()

        async def send_dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"]
                present = {name for name, _ in headers}  # a page brings a policy of its own
                headers.extend(one for one in (*_HEADERS, _NOT_KEPT) if one[0] not in present)
            await send(message)

        try:
            await self.app(scope, receive, send_dressed)
        except Exception as error:  # noqa: BLE001 - the last place before the server; it is logged, and answered if it can be
            if not status:
                await on_anything(error)(scope, receive, send_dressed)
            else:
                on_anything(error)
        route = getattr(scope.get("route"), "path", "other")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.metrics.count_request(method, route, status)
        if self.debug:
            took = round((time.perf_counter() - started) * 1000, 2)
            log.debug("request", method=method, route=route, status=status, milliseconds=took)


_METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})
