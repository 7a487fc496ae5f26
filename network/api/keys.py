"""The verify keys of each coalition as this process knows them, and the key set that it publishes."""

import asyncio
import logging
import time
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from network import token
from network.api.threads import in_thread
from network.coalitions import Clock, OpenCoalition
from network.domain.certificate import Proof
from network.jwks import jwks
from network.key_set import KeySet, sign_key_set
from network.presentation import PROOF_SECONDS, taken_apart
from network.public_keys import KeyRecord, KeyState, PublicKey, keys_by_kid
from network.token import Claims, TokenRefused

log = logging.getLogger(__name__)

KNOWN_FOR = 5.0
"""Seconds after which a rotation by another process is seen."""

MISS_INTERVAL = 0.5
"""Seconds between two reads for the sake of unknown keys: a flood of forged tokens costs two reads a second."""

GENUINE_MAX = 20_000
"""Tokens of a coalition that are known to be genuine; about 300 bytes each."""

KEY_SET_LIFE = timedelta(days=7)
KEY_SET_RENEWED = 5.0
_STATES = (KeyState.ACTIVE, KeyState.RETIRED, KeyState.COMPROMISED)


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a certificate: the holder before has another epoch. `proof`: its phone was there, and when."""

    certificate_id: UUID
    epoch: int
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class _Genuine:
    """A token whose signature fits; one with a holder's key still wants that holder's proof."""

    copy: Copy
    holder_key: PublicKey | None


@dataclass
class _Known:
    keys: dict[bytes, list[KeyRecord]] = field(default_factory=dict)
    genuine: OrderedDict[bytes, _Genuine] = field(default_factory=OrderedDict)
    read_at: float = float("-inf")
    reading: "asyncio.Task[None] | None" = None

    def get(self, kid: bytes, /) -> Sequence[KeyRecord] | None:
        return self.keys.get(kid)

    def take(self, keys: list[KeyRecord]) -> None:
        """The keys as they are now. What was verified with others is verified again."""
        newest = keys_by_kid(keys)
        if self.keys and newest != self.keys:
            self.genuine.clear()
        self.keys = newest

    def remember(self, encoded: bytes, genuine: _Genuine) -> None:
        """Its signature need not be checked again soon."""
        self.genuine[encoded] = genuine
        while len(self.genuine) > GENUINE_MAX:
            self.genuine.popitem(last=False)


@dataclass(frozen=True)
class Published:
    """One coalition's key set, signed, in both forms."""

    key_set: KeySet
    root: PublicKey
    cose: bytes
    made_at: float

    @property
    def root_key(self) -> dict[str, str]:
        """The key that a till pins once, and that signs every key set."""
        return {
            "kid": self.root.kid.hex(),
            "algorithm": str(self.root.algorithm),
            "public_key": urlsafe_b64encode(self.root.public_key).rstrip(b"=").decode(),
        }

    @property
    def as_jwks(self) -> dict[str, object]:
        """The same keys for JOSE libraries."""
        return jwks(self.key_set)


class Keys:
    """Belongs to the event loop. A known key costs a look into a dict; only a miss waits for the database."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._published: dict[str, Published] = {}

    async def verified(self, coalition: OpenCoalition, scanned: str) -> Copy:
        """Which copy a scanned token is, once its signature fits. Its time is the command's to judge.

        A signature costs as much as the rest of a redemption, so it is checked once: a till asks what a copy is worth
        and redeems it a moment later, and often the same evening this process has signed it. A phone's signature is
        new every time and is always checked. Raises: TokenRefused.
        """
        encoded = token.from_text(scanned)
        known = self._known.get(coalition.schema)
        shown = None if known and encoded in known.genuine else taken_apart(encoded)
        genuine = await self._genuine(coalition, encoded if shown is None else shown.token)
        if shown is None:
            if genuine.holder_key is not None:
                raise TokenRefused("token_proof_missing")
            return genuine.copy
        shown.must_prove(genuine.holder_key)
        return replace(genuine.copy, proof=Proof(shown.shown_at, PROOF_SECONDS))

    async def _genuine(self, coalition: OpenCoalition, encoded: bytes) -> _Genuine:
        known = self._known.setdefault(coalition.schema, _Known())
        if time.monotonic() - known.read_at > KNOWN_FOR:
            reading = self._read_soon(coalition, known)
            if not known.keys:
                await asyncio.shield(reading)
        genuine = known.genuine.get(encoded)
        if genuine is None:
            claims = await self._verify(coalition, known, encoded)
            genuine = _Genuine(Copy(claims.certificate_id, claims.epoch), claims.holder_key)
            known.remember(encoded, genuine)
        return genuine

    def signed_here(
        self, coalition: OpenCoalition, token_text: str, copy: Copy, holder_key: PublicKey | None = None
    ) -> None:
        """A command of this process answered with this token."""
        known = self._known.setdefault(coalition.schema, _Known())
        known.remember(token.from_text(token_text), _Genuine(copy, holder_key))

    async def _verify(self, coalition: OpenCoalition, known: _Known, encoded: bytes) -> Claims:
        for _ in range(2):  # a read that was under way already may have begun before the key was made
            try:
                return token.verify(encoded, known, at=None)
            except TokenRefused as refused:
                if refused.code != "token_key_unknown":
                    raise
            await asyncio.shield(self._read_soon(coalition, known))
        return token.verify(encoded, known, at=None)

    async def refresh(self, coalition: OpenCoalition) -> None:
        """A key was made or rotated here: see it at once."""
        self._published.pop(coalition.schema, None)
        known = self._known.setdefault(coalition.schema, _Known())
        known.take(await in_thread(coalition.keyring.all))

    async def published(self, coalition: OpenCoalition) -> Published:
        """The root-signed key set, made anew every few seconds."""
        kept = self._published.get(coalition.schema)
        if kept is None or time.monotonic() - kept.made_at > KEY_SET_RENEWED:
            kept = await in_thread(_publish, coalition, self._clock())
            self._published[coalition.schema] = kept
        return kept

    def _read_soon(self, coalition: OpenCoalition, known: _Known) -> "asyncio.Task[None]":
        if known.reading is None or known.reading.done():
            known.reading = asyncio.create_task(self._read(coalition, known))
            known.reading.add_done_callback(_look_at)
        return known.reading

    @staticmethod
    async def _read(coalition: OpenCoalition, known: _Known) -> None:
        await asyncio.sleep(max(0.0, known.read_at + MISS_INTERVAL - time.monotonic()))
        known.read_at = time.monotonic()
        known.take(await in_thread(coalition.keyring.all))


def _look_at(reading: "asyncio.Task[None]") -> None:
    """Nobody may be waiting for it; whoever meets an unknown key tries again and is told."""
    if not reading.cancelled() and (error := reading.exception()):
        log.warning("keys_not_read", extra={"error": type(error).__name__})


def _publish(coalition: OpenCoalition, now: datetime) -> Published:
    keys = sorted(coalition.keyring.all(), key=lambda key: (key.created_at, key.kid))
    key_set = KeySet(
        coalition_id=coalition.coalition_id,
        coalition_number=coalition.entry.number,
        # Only grows: keys are added and never taken away, and a key's state only moves on.
        version=1 + sum(1 + _STATES.index(key.state) for key in keys),
        issued_at=now.replace(microsecond=0),
        expires_at=now.replace(microsecond=0) + KEY_SET_LIFE,
        keys=tuple(keys),
    )
    root = coalition.keyring.root()
    return Published(key_set, root.key, sign_key_set(key_set, root), time.monotonic())
