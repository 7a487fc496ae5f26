"""A stand-in for the network on a real socket: it keeps idempotency keys, and fails when and how a test says.

Failures are taken one a request, in order: "drop_before" (closed unread), "drop_after" (done, then closed unanswered),
"busy" (503, not done), "broken" (500, done), "slow" (done, answered after the till's patience), "portal" (a page).
With an `upstream` it is a bad line to a real network instead, which alone decides and remembers.
"""

import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx

MERCHANT = "11111111-1111-4111-8111-111111111111"
CERTIFICATE = "22222222-2222-4222-8222-222222222222"
ISSUER = "33333333-3333-4333-8333-333333333333"
SLOW_SECONDS = 1.0


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    route: str
    key: str | None
    body: bytes
    headers: dict[str, str]
    at: float


@dataclass
class FailingNetwork:
    """`effects` are the commands that took effect, in order: a doubled one would be in it twice."""

    failures: deque[str] = field(default_factory=deque)
    refusals: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    gives_nothing: dict[str, str] | None = None
    seen: list[Seen] = field(default_factory=list)
    effects: list[tuple[str, str]] = field(default_factory=list)
    answers: dict[str, tuple[bytes, int, bytes]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    upstream: str | None = None
    server: ThreadingHTTPServer | None = None
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        handler = type("Handler", (_Handler,), {"network": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def sent(self, part: str = "/v1/") -> list[Seen]:
        """The commands that arrived, reads left out."""
        return [one for one in self.seen if part in one.route and one.key is not None]

    def answer(self, one: Seen) -> tuple[int, bytes]:
        """What a network does: the same key again is the same answer again."""
        if self.upstream is not None:
            names = ("Authorization", "Idempotency-Key", "Content-Type", "Pollen-Position")
            headers = {name: one.headers[name] for name in names if name in one.headers}
            told = httpx.request(one.method, self.upstream + one.route, content=one.body, headers=headers, timeout=30)
            return told.status_code, told.content
        with self.lock:
            if one.key is None:
                return 200, json.dumps(self._view(one.route)).encode()
            fingerprint = f"{one.method} {one.route} ".encode() + one.body
            if one.key in self.answers:
                first, status, content = self.answers[one.key]
                assert first == fingerprint, "a key was used again for something else"
                return status, content
            refused = next((told for part, told in self.refusals.items() if part in one.route), None)
            status, body = refused or (200, self._fact(one))
            if refused is None:
                self.effects.append((one.route, one.body.decode()))
            self.answers[one.key] = (fingerprint, status, json.dumps(body).encode())
            return status, json.dumps(body).encode()

    def _fact(self, one: Seen) -> dict[str, Any]:
        asked = json.loads(one.body or b"{}")
        certificate = {
            "certificate_id": CERTIFICATE, "issuer_id": ISSUER, "acceptor_id": MERCHANT, "state": "active",
            "face": 500, "outstanding": 0, "currency": "EUR", "expires_at": "2026-12-01T22:00:00Z", "epoch": 0,
            "in_wallet": False, "transferable": True, "partial_redemption": False, "smallest_bill": 0,
        }  # fmt: skip
        if one.route.endswith("/reversal"):
            return {**certificate, "redemption_id": one.route.split("/")[-2], "deducted": 500, "outstanding": 500}
        if one.route.endswith("/redemptions"):
            return {**certificate, "redemption_id": asked["redemption_id"], "deducted": 500, "released": 0,
                    "bill": asked["bill"], "to_pay": asked["bill"] - 500}  # fmt: skip
        if one.route.endswith("/certificates"):
            made = [
                {**certificate, **choice, "token": "T0KEN", "typed_code": "00000-00000", "issuer_name": "Salon",
                 "acceptor_name": "Bistro"} for choice in asked["choices"]
            ]  # fmt: skip
            return {"payment_id": one.route.split("/")[-2], "certificates": made}
        if "/proposal" in one.route:
            return self._drawn(one.route, {**certificate, **asked})
        if one.route.endswith("/refunds"):
            return {"refund_id": asked["refund_id"], "payment_id": one.route.split("/")[-2], "amount": asked["amount"],
                    "cash": asked["amount"], "currency": "EUR"}  # fmt: skip
        reference = asked.get("bill_reference", "")
        return {
            "payment_id": str(uuid5(NAMESPACE_URL, reference)), "bill_reference": reference, "deducted": 0,
            "amount": asked.get("amount", 0), "paid": asked.get("amount", 0), "currency": "EUR",
        }  # fmt: skip

    def _drawn(self, route: str, certificate: dict[str, Any]) -> dict[str, Any]:
        """The draw of a bill; its acceptance hands it out."""
        drawn = {name: certificate[name] for name in ("acceptor_id", "face", "expires_at")}
        why = {"code": "only_partner", "detail": "Bistro is the one neighbour that fits this bill.", "name": "Bistro",
               "partners": 1}  # fmt: skip
        told = {"payment_id": route.split("/")[3], "reason": why,
                "certificate": {**drawn, "agreement_id": ISSUER, "acceptor_name": "Bistro"}}  # fmt: skip
        made = {"token": "T0KEN", "typed_code": "00000-00000", "issuer_name": "Salon", "acceptor_name": "Bistro"}
        return {**told, "certificates": [{**certificate, **made}]} if route.endswith("/acceptance") else told

    def _view(self, route: str) -> dict[str, Any]:
        if route == "/v1/me":
            coalition = {"slug": "old-town", "currency": "EUR", "time_zone": "Europe/Riga"}
            return {
                "role": "till",
                "subject_id": MERCHANT,
                "credential_id": ISSUER,
                "label": "t",
                "coalition": coalition,
            }
        option = {"agreement_id": ISSUER, "acceptor_id": MERCHANT, "acceptor_name": "Bistro", "face": 500}
        return {"options": [option | {"fits": self.gives_nothing is None, "refusal": self.gives_nothing}] * 2}


class _Handler(BaseHTTPRequestHandler):
    network: FailingNetwork
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        one = Seen(
            self.command, self.path, self.headers.get("Idempotency-Key"), body, dict(self.headers), time.monotonic()
        )
        network = self.network
        with network.lock:
            network.seen.append(one)
            failure = network.failures.popleft() if network.failures and one.key else ""
        if failure == "drop_before":
            return self._drop()
        if failure == "busy":
            return self._reply(503, b'{"code":"network_busy","detail":"Busy."}')
        if failure == "portal":
            return self._reply(200, b"<html>Sign in to the hotel's Wi-Fi</html>", kind="text/html")
        status, content = network.answer(one)
        if failure == "drop_after":
            return self._drop()
        if failure == "broken":
            return self._reply(500, b"oops", kind="text/plain")
        if failure == "slow":
            time.sleep(SLOW_SECONDS)
        return self._reply(status, content)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - http.server's names

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _reply(self, status: int, content: bytes, *, kind: str = "application/json") -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Pollen-Position": "7", **self.network.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def finish(self) -> None:
        with suppress(OSError, ValueError):  # the test wanted the connection dropped
            super().finish()

    def log_message(self, *_: object) -> None: ...


@contextmanager
def failing_network(upstream: str | None = None) -> Iterator[FailingNetwork]:
    network = FailingNetwork(upstream=upstream)
    network.start()
    try:
        yield network
    finally:
        network.stop()
