"""One request to the network, tried again with the same key until it is answered or its time is over.

Safe to repeat because every command carries an `Idempotency-Key`: the network answers a repeated key byte for byte
as it did the first time, also across its own crash.
"""

import json
import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpx

from merchants.errors import CredentialRefused, NoDecision, Refused, TooManyTries, UnexpectedAnswer, Unreachable

_RAW = ("image/", "application/cose", "application/statuslist+cwt")
ANSWER_BYTES_MAX = 16 << 20
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")

# Nothing was written yet when these are raised, so the network cannot have the command.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_NOT_THIS_ADDRESS = ("route_not_found", "method_not_allowed")  # a wrong address decides nothing about a command
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a caller waits, in seconds. `total` is the whole command with all its tries."""

    total: float = 20.0
    connect: float = 3.0
    read: float = 10.0
    first_pause: float = 0.2
    longest_pause: float = 5.0

    def pause(self, tries: int) -> float:
        """A random pause that doubles with every try, so that tills cut off together do not return together."""
        longest: float = min(self.longest_pause, self.first_pause * 2.0 ** min(tries - 1, 16))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - nobody gains by guessing it


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `body` is the JSON (None for a picture), `position` where the views have to be to show it."""

    status: int
    body: Any
    content: bytes
    position: int | None


class Transport:
    """Connections to one network with one credential. Shared by threads; close it, or use it in `with`."""

    def __init__(
        self,
        base_url: str,
        credential: str | None = None,
        *,
        patience: Patience | None = None,
        plain_http: bool = False,
    ) -> None:
        """`plain_http` lets a credential travel unencrypted to another machine: for a developer's network only."""
        url = urlsplit(base_url)
        if url.scheme not in ("https", "http") or not url.hostname:
            raise ValueError(f"{base_url!r} is not an address such as https://pollen.example")
        if url.scheme == "http" and url.hostname not in THIS_MACHINE and not plain_http:
            raise ValueError(f"{base_url!r} would send the credential unencrypted; use https")
        self.base_url = base_url.rstrip("/")
        self.patience = patience or Patience()
        headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        self._http = httpx.Client(
            base_url=self.base_url,
            headers={**headers, "Accept": "application/json", "User-Agent": "pollen-till/1"},
            follow_redirects=False,
            limits=httpx.Limits(max_connections=8, max_keepalive_connections=4, keepalive_expiry=30.0),
        )
        self._seen = threading.Lock()
        self._position = 0

    def __enter__(self) -> "Transport":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    @property
    def position(self) -> int:
        """The newest log position that an answer named: reads wait for it, so a till sees what it has done."""
        return self._position

    def command(
        self, method: str, route: str, body: object, *, key: str | None, patience: Patience | None = None
    ) -> Answer:
        """Something that changes the network. `key` None only for routes that change nothing."""
        return self.exchange(method, route, content=encoded(body), key=key, patience=patience)

    def read(self, route: str, params: Mapping[str, Any] | None = None) -> Answer:
        """A view, as new as this transport's own commands."""
        given = {name: value for name, value in (params or {}).items() if value is not None}
        return self.exchange("GET", route, params=given)

    def exchange(
        self,
        method: str,
        route: str,
        *,
        content: bytes | None = None,
        key: str | None = None,
        params: Mapping[str, Any] | None = None,
        patience: Patience | None = None,
    ) -> Answer:
        """Send until answered. Raises: Refused; Unreachable, UnexpectedAnswer, CredentialRefused, TooManyTries."""
        patience = patience or self.patience
        ends_at = time.monotonic() + patience.total
        may_have_arrived = False
        tries = 0
        while True:
            tries += 1
            request = self._http.build_request(
                method,
                route,
                content=content,
                params=params or None,
                headers=self._headers(method, content, key),
                timeout=_timeout(patience, ends_at),
            )
            pause = patience.pause(tries)
            trouble: NoDecision
            try:
                answer, headers = self._once(request, ends_at)
            except httpx.RequestError as error:
                may_have_arrived |= not isinstance(error, _NEVER_SENT)
                trouble = Unreachable(_spoken(error), may_have_arrived=may_have_arrived)
                trouble.__cause__ = error
            else:
                if answer.status not in _TRY_AGAIN:
                    return self._judged(answer, headers, may_have_arrived)
                may_have_arrived |= answer.status != 429
                asked = _retry_after(headers)
                trouble = _not_now(answer, headers, asked, may_have_arrived)
                pause = max(pause, asked or 0.0)
            if time.monotonic() + pause >= ends_at:
                raise trouble
            time.sleep(pause)

    def _headers(self, method: str, content: bytes | None, key: str | None) -> dict[str, str]:
        headers = {}
        if content is not None:
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["Idempotency-Key"] = key
        if method == "GET" and self._position:
            headers["Pollen-Position"] = str(self._position)
        return headers

    def _once(self, request: httpx.Request, ends_at: float) -> tuple[Answer, httpx.Headers]:
        response = self._http.send(request, stream=True)
        try:
            # A read time-out starts anew with every byte; a line that drips must not outlive the whole time.
            content = b""
            for part in response.iter_bytes():
                content += part
                if time.monotonic() > ends_at or len(content) > ANSWER_BYTES_MAX:
                    raise httpx.ReadTimeout("the answer took too long", request=request)
        finally:
            response.close()
        position = response.headers.get("Pollen-Position", "")
        number = int(position) if position.isascii() and position.isdigit() else None
        return Answer(response.status_code, _json(response.headers, content), content, number), response.headers

    def _judged(self, answer: Answer, headers: httpx.Headers, may_have_arrived: bool) -> Answer:
        if 200 <= answer.status < 300:
            kind = headers.get("Content-Type", "")
            if answer.body is None and answer.content and not kind.startswith(_RAW):
                _unexpected(answer.status, may_have_arrived=True)
            self.remember(answer.position)
            return answer
        body = answer.body
        told = body.get("code") if isinstance(body, dict) and 400 <= answer.status < 500 else None
        if not isinstance(told, str) or told in _NOT_THIS_ADDRESS:
            _unexpected(answer.status, may_have_arrived=True)
        facts = dict(body)
        code, detail = facts.pop("code"), str(facts.pop("detail", "This cannot be done."))
        if answer.status == 401:
            raise CredentialRefused(detail, may_have_arrived=may_have_arrived)
        self.remember(answer.position)
        raise Refused(code, detail, facts, answer.status)

    def remember(self, position: int | None) -> None:
        """Reads from now on show at least this position."""
        with self._seen:
            self._position = max(self._position, position or 0)


def encoded(body: object) -> bytes:
    """The one spelling of a body: a repeated command has to be the same bytes."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str).encode()


def _timeout(patience: Patience, ends_at: float) -> httpx.Timeout:
    left = max(0.05, ends_at - time.monotonic())
    read = min(patience.read, left)
    connect = min(patience.connect, left)
    return httpx.Timeout(connect=connect, read=read, write=read, pool=connect)


def _json(headers: httpx.Headers, content: bytes) -> Any:
    if not headers.get("Content-Type", "").startswith("application/json"):
        return None
    try:
        return json.loads(content)
    except ValueError:
        return None


def _retry_after(headers: httpx.Headers) -> float | None:
    asked = headers.get("Retry-After", "")
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _not_now(answer: Answer, headers: httpx.Headers, asked: float | None, may_have_arrived: bool) -> NoDecision:
    told = answer.body.get("detail") if isinstance(answer.body, dict) else None
    if answer.status == 429:
        detail = str(told or "Too many tries. Wait a moment.")
        return TooManyTries(detail, may_have_arrived=may_have_arrived, retry_after=asked)
    detail = str(told or f"The network is busy or in repair (HTTP {answer.status}).")
    return Unreachable(detail, may_have_arrived=may_have_arrived, retry_after=asked)


def _unexpected(status: int, *, may_have_arrived: bool) -> NoReturn:
    detail = f"Something else than the certificate network answered (HTTP {status}). Check the address and the Wi-Fi."
    raise UnexpectedAnswer(detail, may_have_arrived=may_have_arrived, status=status)


def _spoken(error: httpx.RequestError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "The network did not answer in time."
    if isinstance(error, httpx.ConnectError):
        return "No connection to the certificate network."
    return "The connection to the certificate network was lost."
