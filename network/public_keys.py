"""What a published verify key is, which keys we refuse to know, and how a signature is checked with one.

Sources: RFC 8032 (Ed25519), RFC 9053 and RFC 9864 (COSE algorithm numbers), RFC 9679 (key thumbprints).
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from network.edwards25519 import is_usable_public_key

KID_BYTES = 8
SIGNATURE_BYTES = 64
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class KeyRefused(Exception):
    """A key, a sealed key or a key set that we will not use. `code` is stable, `detail` is a sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Algorithm(StrEnum):
    """How a key signs. Ed25519 by default; P-256 because not every key service has Ed25519."""

    ED25519 = "Ed25519"
    P256 = "ES256"


class KeyState(StrEnum):
    """Active signs and verifies; retired only verifies; compromised verifies for online tills only."""

    ACTIVE = "active"
    RETIRED = "retired"
    COMPROMISED = "compromised"


# RFC 9864: the first number is written; the second, older and ambiguous one, is only read.
COSE_ALGORITHMS = {Algorithm.ED25519: (-19, -8), Algorithm.P256: (-9, -7)}
COSE_ALGORITHM_NUMBERS = frozenset(n for numbers in COSE_ALGORITHMS.values() for n in numbers)


@dataclass(frozen=True, kw_only=True)
class PublicKey:
    """A verify key that passed the checks of `check_public_key`; `kid` names it, not always alone.

    `public_key` is the 32 bytes of RFC 8032, or the 65 bytes of an uncompressed P-256 point (SEC 1).
    """

    kid: bytes
    algorithm: Algorithm
    public_key: bytes

    def __post_init__(self) -> None:
        if len(self.kid) != KID_BYTES:
            raise KeyRefused("key_malformed", f"a key id has {KID_BYTES} bytes, this one {len(self.kid)}")
        check_public_key(self.algorithm, self.public_key)

    @cached_property
    def _loaded(self) -> Ed25519PublicKey | EllipticCurvePublicKey:
        if self.algorithm is Algorithm.ED25519:
            return Ed25519PublicKey.from_public_bytes(self.public_key)
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), self.public_key)

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` (64 bytes, COSE form) is this key's one spelling of a signature on `message`.

        An ECDSA signature (r, s) has a twin (r, n - s); only the lower s is accepted, so that nobody
        can respell a token. OpenSSL refuses the twins of Ed25519 itself.
        """
        if len(signature) != SIGNATURE_BYTES:
            return False
        try:
            if isinstance(self._loaded, Ed25519PublicKey):
                self._loaded.verify(signature, message)
            else:
                r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
                if s > P256_ORDER // 2:
                    return False
                self._loaded.verify(encode_dss_signature(r, s), message, ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class KeyLimits:
    """What a key may sign for: at most `face_value_max` minor units, and no day outside its validity."""

    face_value_max: int
    valid_from: datetime
    valid_until: datetime

    def __post_init__(self) -> None:
        if type(self.face_value_max) is not int or self.face_value_max < 1:
            raise KeyRefused("key_malformed", "the highest face value is a positive integer")
        if self.valid_from.utcoffset() is None or not self.valid_from < self.valid_until:
            raise KeyRefused("key_malformed", "a key is valid from an aware instant until a later one")


@dataclass(frozen=True, kw_only=True)
class KeyRecord(PublicKey):
    """One issuing merchant's public key as the network keeps and publishes it.

    The numbers are the short names of the coalition in the network and of the merchant in the coalition;
    tokens carry them instead of the ids.
    """

    coalition_id: UUID
    coalition_number: int
    merchant_id: UUID
    merchant_number: int
    state: KeyState
    created_at: datetime
    limits: KeyLimits

    def __post_init__(self) -> None:
        super().__post_init__()
        for number in (self.coalition_number, self.merchant_number):
            if type(number) is not int or not 1 <= number <= 2**32 - 1:
                raise KeyRefused("key_malformed", f"coalitions and merchants count from 1, not {number!r}")

    def retired(self) -> "KeyRecord":
        """The record after rotation: its tokens still verify. A compromised key stays compromised."""
        return self if self.state is KeyState.COMPROMISED else replace(self, state=KeyState.RETIRED)

    def compromised(self) -> "KeyRecord":
        """The record after a leak: its tokens are accepted online only."""
        return replace(self, state=KeyState.COMPROMISED)


class KeyFinder(Protocol):
    """Leads from a kid to its keys; a plain dict of sequences is one."""

    def get(self, kid: bytes, /) -> Sequence[KeyRecord] | None:
        """Return every key with this kid, or None."""


def keys_by_kid(keys: Iterable[KeyRecord]) -> dict[bytes, list[KeyRecord]]:
    """`{kid: [keys]}`: eight bytes may collide, so one kid can lead to several keys."""
    found: dict[bytes, list[KeyRecord]] = {}
    for key in keys:
        found.setdefault(key.kid, []).append(key)
    return found


@lru_cache(maxsize=65_536)
def check_public_key(algorithm: Algorithm, public_key: bytes) -> None:
    """Refuse keys that cannot be trusted to sign, remembered per key because the check takes milliseconds.

    `cryptography` takes the identity point as an Ed25519 key, and one constant signature then fits every
    message; so low-order, mixed-order and non-canonical encodings never become a `PublicKey`.
    """
    if algorithm is Algorithm.ED25519:
        if not is_usable_public_key(public_key):
            raise KeyRefused("key_weak", "this is not the canonical encoding of a point of prime order")
        return
    if len(public_key) != 65 or public_key[0] != 4:
        raise KeyRefused("key_malformed", "a P-256 key is published as 65 bytes, uncompressed")
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), public_key)
    except ValueError as error:
        raise KeyRefused("key_weak", "this point is not on the curve P-256") from error


def cose_key_core(algorithm: Algorithm, public_key: bytes) -> dict[int, object]:
    """The members of a COSE_Key that identify it (RFC 9053, section 7): kty, crv, x and for P-256 y."""
    if algorithm is Algorithm.ED25519:
        return {1: 1, -1: 6, -2: public_key}
    return {1: 2, -1: 1, -2: public_key[1:33], -3: public_key[33:]}


def kid_of(algorithm: Algorithm, public_key: bytes) -> bytes:
    """The kid we give new keys: the first 8 bytes of the key's SHA-256 thumbprint (RFC 9679)."""
    return sha256(cbor2.dumps(cose_key_core(algorithm, public_key), canonical=True)).digest()[:KID_BYTES]


def key_of_point(algorithm: Algorithm, public_key: bytes) -> PublicKey:
    """A key that nobody named yet, under the kid that we give. Raises: KeyRefused, for one that cannot be trusted."""
    return PublicKey(kid=kid_of(algorithm, public_key), algorithm=algorithm, public_key=public_key)


def key_of_cose_core(members: Any) -> PublicKey:
    """The key in exactly the members of `cose_key_core`. Raises: KeyRefused."""
    match members:
        case {1: 1, -1: 6, -2: bytes(x)} if len(members) == 3:
            return key_of_point(Algorithm.ED25519, x)
        case {1: 2, -1: 1, -2: bytes(x), -3: bytes(y)} if len(members) == 4 and len(x) == len(y) == 32:
            return key_of_point(Algorithm.P256, b"\x04" + x + y)
    raise KeyRefused("key_malformed", "this is neither an Ed25519 nor a P-256 key")


def key_text(key: PublicKey) -> str:
    """A holder's key as the log keeps it: its COSE_Key in base64url."""
    return urlsafe_b64encode(cbor2.dumps(cose_key_core(key.algorithm, key.public_key), canonical=True)).decode()


def key_of_text(text: str) -> PublicKey:
    """What `key_text` wrote."""
    return key_of_cose_core(cbor2.loads(urlsafe_b64decode(text)))
