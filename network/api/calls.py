"""One request on its way through a route: who calls, what was sent, and how a command's answer goes back."""

import re
import time
from concurrent.futures import Future
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

from network.api.auth import Caller
from network.api.errors import (
    JSON,
    IdempotencyKeyInvalid,
    IdempotencyKeyMissing,
    InvalidRequest,
    status_of_code,
)
from network.api.keys import Copy
from network.api.service import Service
from network.application import Answer, Application
from network.application import Request as CommandRequest
from network.coalitions import OpenCoalition
from network.public_keys import key_of_text

_KEY = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_STRANGERS_KEY = re.compile(r"[A-Za-z0-9._:-]{22,64}")
_json = msgspec.json.Encoder()


class _Signed(msgspec.Struct):
    """What of an answer's certificate leads from its token to its copy."""

    certificate_id: UUID
    epoch: int
    token: str
    holder_key: str | None = None


class _SignedOnes(msgspec.Struct):
    certificates: list[_Signed]


class Call:
    """What a route works with."""

    __slots__ = ("_caller", "asked", "request", "service")

    def __init__(self, request: Request, service: Service, caller: Caller | None, asked: BaseModel) -> None:
        self.request = request
        self.service = service
        self.asked = asked
        self._caller = caller

    @property
    def caller(self) -> Caller:
        """The credential that a route with roles was called with."""
        assert self._caller is not None, "a route for anybody has no caller"
        return self._caller

    @property
    def role(self) -> str:
        """organizer, owner, till or wallet."""
        return self.caller.credential.role

    @property
    def subject_id(self) -> UUID:
        """The coalition, merchant or wallet that the caller acts for."""
        return self.caller.credential.subject_id

    @property
    def coalition(self) -> OpenCoalition:
        """The caller's coalition; there is no way to another one."""
        return self.caller.coalition

    @property
    def application(self) -> Application:
        """The commands of the caller's coalition."""
        return self.caller.coalition.application

    @property
    def at(self) -> datetime:
        """The server's time."""
        return self.service.clock()

    @property
    def address(self) -> str:
        """Where the request comes from, for limits only; it is not logged."""
        return self.request.client.host if self.request.client else ""

    def id(self, name: str) -> UUID:
        """An id in the address. Raises: InvalidRequest."""
        try:
            return UUID(self.request.path_params[name])
        except ValueError:
            raise InvalidRequest((name, "An id in an address is a UUID")) from None

    def number(self, name: str) -> int:
        """A small number in the address. Raises: InvalidRequest."""
        text: str = self.request.path_params[name]
        if not (text.isascii() and text.isdigit() and len(text) <= 6):
            raise InvalidRequest((name, "A number in an address is written in digits"))
        return int(text)

    def command(self) -> CommandRequest:
        """The command's name for the committer. Raises: IdempotencyKeyMissing, IdempotencyKeyInvalid."""
        return CommandRequest(self.caller.name, self._key(_KEY, 1), self._fingerprint())

    def strangers_command(self, client_id: UUID) -> CommandRequest:
        """The same for somebody without a credential. The key alone protects the secret in the stored answer, so it is
        long enough to be a random one. Raises: IdempotencyKeyMissing, IdempotencyKeyInvalid.
        """
        return CommandRequest(f"public:{client_id}", self._key(_STRANGERS_KEY, 22), self._fingerprint())

    async def answer(self, future: "Future[Answer]", **more: object) -> Response:
        """Wait for the commit and send what was stored, unchanged; `more` is put behind an accepted answer's facts."""
        return answered(await self.committed(future), **more)

    async def answer_with_link(self, future: "Future[Answer]") -> Response:
        """The same, with the link of the token in it: what a phone opens and a QR shows."""
        answer = await self.committed(future)
        if answer.refused:
            return answered(answer)
        signed = msgspec.json.decode(answer.body, type=_Signed)
        self._remember(signed)
        return answered(answer, link=self.service.link(signed.token))

    async def answer_with_copies(self, future: "Future[Answer]") -> Response:
        """The same for an answer with new certificates."""
        answer = await self.committed(future)
        if not answer.refused:
            for signed in msgspec.json.decode(answer.body, type=_SignedOnes).certificates:
                self._remember(signed)
        return answered(answer)

    async def committed(self, future: "Future[Answer]") -> Answer:
        """What the command was answered with, once it is in the log."""
        started = time.perf_counter()
        answer = await self.service.landing.result(future)
        self.service.metrics.command_seconds.observe(time.perf_counter() - started)
        return answer

    def _remember(self, signed: "_Signed") -> None:
        key = key_of_text(signed.holder_key) if signed.holder_key else None
        self.service.keys.signed_here(self.coalition, signed.token, Copy(signed.certificate_id, signed.epoch), key)

    def _key(self, allowed: re.Pattern[str], least: int) -> str:
        key = self.request.headers.get("idempotency-key")
        if key is None:
            raise IdempotencyKeyMissing()
        if not allowed.fullmatch(key):
            raise IdempotencyKeyInvalid(least=least)
        return key

    def _fingerprint(self) -> bytes:
        """What a repeat must repeat. Defaults are left out, so that a new optional field does not break old repeats."""
        asked = self.asked.model_dump_json(exclude_defaults=True)
        return sha256(f"{self._named()}\0{asked}".encode()).digest()

    def _named(self) -> str:
        scope = self.request.scope
        return f"{scope['method']} {scope['path']}"


def answered(answer: Answer, **more: object) -> Response:
    """A command's answer as HTTP. Facts and headers depend on the stored answer alone: a repeat is the same again."""
    headers = {"Pollen-Position": str(answer.position)}
    body = answer.body
    if answer.refused:
        return Response(body, status_of_code(msgspec.json.decode(body)["code"]), headers, JSON)
    if more:
        body = body[:-1] + b"," + _json.encode(more)[1:]
    return Response(body, 200, headers, JSON)


def shown(facts: object) -> Response:
    """A question's answer."""
    return Response(_json.encode(facts), 200, None, JSON)
