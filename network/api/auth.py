"""Who calls: the credential behind `Authorization: Bearer`, remembered for a few seconds."""

import time
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request

from network.api import wallet_cookies
from network.api.errors import CredentialMissing, CredentialUnknown
from network.api.limits import Limits, Tries
from network.api.threads import in_thread
from network.coalitions import Coalitions, OpenCoalition
from network.credentials import Credential, credential_of_secret, digest_of, named_in
from network.domain.errors import CoalitionNotFound
from network.settings import Settings

REMEMBERED_FOR = 5.0
"""Seconds after which a credential that was revoked by another process is refused here."""

_REMEMBERED_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Caller:
    """A credential and the coalition that it belongs to: no request reaches any other one."""

    coalition: OpenCoalition
    credential: Credential
    name: str

    @property
    def role(self) -> str:
        """organizer, owner, till or wallet."""
        return self.credential.role

    @property
    def subject_id(self) -> UUID:
        """The coalition, the merchant or the wallet that it acts for."""
        return self.credential.subject_id


class Callers:
    """Finds callers by their secret. Belongs to the event loop: only `forget` may be called from elsewhere."""

    def __init__(self, coalitions: Coalitions, limits: Limits, settings: Settings) -> None:
        self._coalitions = coalitions
        self._settings = settings
        self._found: OrderedDict[bytes, tuple[Caller | None, float]] = OrderedDict()
        self._strangers = Tries(limits.unknown_secrets, limits.unknown_secrets_seconds)

    async def caller_of(self, request: Request) -> Caller:
        """By its secret, or a wallet by its cookie. Raises: CredentialMissing, CredentialUnknown, TooManyTries."""
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            return await self._wallet_of(request)
        if scheme.lower() != "bearer" or not secret:
            raise CredentialMissing()
        return await self._caller_with(request, secret)

    async def _wallet_of(self, request: Request) -> Caller:
        secret = wallet_cookies.secret_in(request, self._settings)
        if not secret:
            raise CredentialMissing()
        caller = await self._caller_with(request, secret)
        if caller.role != "wallet":
            raise CredentialUnknown()
        return caller

    async def _caller_with(self, request: Request, secret: str) -> Caller:
        digest = digest_of(secret)
        found = self._found.get(digest)
        if found is None or found[1] < time.monotonic():
            address = request.client.host if request.client else ""
            if found is None:
                self._strangers.must_have_room(address)
            found = (await self._look_up(secret, digest), time.monotonic() + REMEMBERED_FOR)
            if found[0] is None:
                self._strangers.count(address)
            self._remember(digest, found)
        if found[0] is None:
            raise CredentialUnknown()
        return found[0]

    async def find(self, secret: str) -> Caller | None:
        """Whose secret this is now, asked of the database."""
        return await self._look_up(secret, digest_of(secret))

    def forget(self) -> None:
        """A credential was made, rotated or revoked in this process: ask the database again."""
        self._found.clear()

    async def _look_up(self, secret: str, digest: bytes) -> Caller | None:
        named = named_in(secret)
        return await in_thread(self._find, named[1], digest) if named else None

    def _find(self, slug: str, digest: bytes) -> Caller | None:
        try:
            coalition = self._coalitions.open(slug)
        except CoalitionNotFound:
            return None
        credential = credential_of_secret(coalition, digest)
        if credential is None:
            return None
        return Caller(coalition, credential, f"{credential.role}:{credential.subject_id}")

    def _remember(self, digest: bytes, found: tuple[Caller | None, float]) -> None:
        self._found[digest] = found
        self._found.move_to_end(digest)
        while len(self._found) > _REMEMBERED_MAX:
            self._found.popitem(last=False)
