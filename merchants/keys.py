"""The coalition's published keys on the partner's side: read from the signed COSE KeySet, or from JWKS.

Written apart from the network's own code, from the same public sources (RFC 9052, 9053, 9597, 9864 and
7517), so that one mistake is not made twice. Nothing here needs the network package.
"""

from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from merchants.cbor import CborError, Item, byte_string, read_one

ED25519, P256 = "Ed25519", "ES256"
COSE_NAMES = {-19: ED25519, -8: ED25519, -9: P256, -7: P256}

_FIELD = 2**255 - 19
_HALF_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551 >> 1
_Y_OF_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
# The eight points of small order share these five y; no honest key has one of them.
_SMALL_ORDER_Y = {0, 1, _FIELD - 1, _Y_OF_ORDER_8, _FIELD - _Y_OF_ORDER_8}
_STATES = ("active", "retired", "compromised")
_PRIVATE = -65537


class KeysRefused(Exception):
    """A key set that must not be used. `code` is stable, `detail` is a sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class VerifyKey:
    """Checks signatures of one algorithm. Raises ValueError for a key that anybody could sign for."""

    kid: bytes
    algorithm: str
    point: "Ed25519PublicKey | ec.EllipticCurvePublicKey"

    @classmethod
    def of(cls, kid: bytes, algorithm: str, x: bytes, y: bytes = b"") -> "VerifyKey":
        """From the coordinates of a COSE_Key or JWK; for Ed25519 `x` is the encoded point."""
        if len(kid) != 8 or len(x) != 32:
            raise ValueError("kid and coordinates have fixed lengths")
        if algorithm == P256:
            point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + x + y)
            return cls(kid, algorithm, point)
        if algorithm != ED25519 or y:
            raise ValueError("not an algorithm of this profile")
        height = int.from_bytes(x, "little") & ((1 << 255) - 1)
        if height >= _FIELD or height in _SMALL_ORDER_Y:
            raise ValueError("a weak Ed25519 key")
        return cls(kid, algorithm, Ed25519PublicKey.from_public_bytes(x))

    def fits(self, signature: bytes, message: bytes) -> bool:
        """Whether this is the one accepted spelling of a signature on `message`."""
        if len(signature) != 64:
            return False
        try:
            if isinstance(self.point, Ed25519PublicKey):
                self.point.verify(signature, message)
                return True
            r, s = (int.from_bytes(half) for half in (signature[:32], signature[32:]))
            self.point.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return s <= _HALF_P256_ORDER


@dataclass(frozen=True)
class IssuerKey:
    """What one issuer's key may sign. Times are whole seconds since 1970, values minor units."""

    verify: VerifyKey
    issuer: int
    state: str
    face_value_max: int
    valid_from: int
    valid_until: int


@dataclass(frozen=True)
class KeySet:
    """A coalition's keys: `{kid: keys}`. Not to be used at or after `expires_at`."""

    coalition: int
    version: int
    expires_at: int
    keys: Mapping[bytes, Sequence[IssuerKey]]


def open_key_set(signed: bytes, roots: Sequence[VerifyKey], *, at: int, version_min: int = 0) -> KeySet:
    """Read the root-signed document. `at` is the clock in seconds, `version_min` the newest version seen.

    Raises KeysRefused with the codes that the network's own reader uses.
    """
    try:
        protected, payload, signature = open_sign1(signed)
        header: Any = read_one(protected)
        known = [root for root in roots if root.kid == header[4]]
        if not known:
            raise KeysRefused("key_set_root_unknown", "signed by a root that this till was not given")
        if not any(
            COSE_NAMES.get(header[1]) == root.algorithm and root.fits(signature, signed_part(protected, payload))
            for root in known
        ):
            raise KeysRefused("key_set_signature_invalid", "the coalition's signature does not fit")
        claims = header[15]
        if header[3] != "application/cose-key-set" or claims[_PRIVATE][0] != 1 or len(header) != 4:
            raise ValueError("another kind of document")
        key_set = KeySet(
            coalition=claims[_PRIVATE][1],
            version=claims[_PRIVATE][3],
            expires_at=claims[4],
            keys=_by_kid([_issuer_key(key) for key in _listed(read_one(payload))]),
        )
    except (CborError, LookupError, TypeError, ValueError) as error:
        raise KeysRefused("key_set_malformed", "this is not a key set") from error
    if key_set.version < version_min:
        raise KeysRefused("key_set_rolled_back", f"version {version_min} was seen, this is {key_set.version}")
    if at >= key_set.expires_at:
        raise KeysRefused("key_set_expired", "this key set has expired; fetch a new one")
    return key_set


def read_jwks(document: Mapping[str, Any]) -> KeySet:
    """Read the unsigned JWKS. Only its connection vouches for it: prefer the signed document."""
    try:
        about = document["pollen"]
        keys = [
            IssuerKey(
                verify=VerifyKey.of(
                    _bytes(jwk["kid"]),
                    ED25519 if jwk["alg"] == "EdDSA" else jwk["alg"],
                    _bytes(jwk["x"]),
                    _bytes(jwk.get("y", "")),
                ),
                issuer=jwk["pollen"]["merchant"],
                state=_STATES[_STATES.index(jwk["pollen"]["state"])],
                face_value_max=jwk["pollen"]["face_value_max"],
                valid_from=jwk["pollen"]["valid_from"],
                valid_until=jwk["pollen"]["valid_until"],
            )
            for jwk in document["keys"]
        ]
        return KeySet(about["coalition"], about["version"], about["exp"], _by_kid(keys))
    except (LookupError, TypeError, ValueError) as error:
        raise KeysRefused("key_set_malformed", "this is not a key set") from error


def open_sign1(encoded: bytes) -> tuple[bytes, bytes, bytes]:
    """Protected header, payload and signature of a tagged COSE_Sign1. Raises CborError.

    A non-empty unprotected header raises KeysRefused, so that callers can tell it apart.
    """
    if encoded[:1] != b"\xd2":
        raise CborError
    match read_one(encoded[1:]):
        case [bytes(protected), dict(unprotected), bytes(payload), bytes(signature)]:
            if unprotected:
                raise KeysRefused("header_not_empty", "unsigned additions")
            return protected, payload, signature
    raise CborError


def signed_part(protected: bytes, payload: bytes) -> bytes:
    """The Sig_structure of RFC 9052: ["Signature1", protected, no external data, payload]."""
    return b"\x84\x6aSignature1" + byte_string(protected) + b"\x40" + byte_string(payload)


def _issuer_key(key: Item) -> IssuerKey:
    if not isinstance(key, dict):
        raise TypeError("a key is a map")
    entries: Any = key
    algorithm = {-19: ED25519, -9: P256}[entries[3]]
    if (entries[1], entries[-1]) != ((1, 6) if algorithm == ED25519 else (2, 1)):
        raise ValueError("key type and curve contradict the algorithm")
    issuer, _merchant_id, state, face_value_max, valid_from, valid_until, _created_at = entries[_PRIVATE]
    return IssuerKey(
        verify=VerifyKey.of(entries[2], algorithm, entries[-2], entries.get(-3, b"")),
        issuer=issuer,
        state=_STATES[state],
        face_value_max=face_value_max,
        valid_from=valid_from,
        valid_until=valid_until,
    )


def _listed(item: Item) -> list[Item]:
    if not isinstance(item, list):
        raise TypeError("a key set is a list")
    return item


def _by_kid(keys: Sequence[IssuerKey]) -> dict[bytes, list[IssuerKey]]:
    found: dict[bytes, list[IssuerKey]] = {}
    for key in keys:
        found.setdefault(key.verify.kid, []).append(key)
    return found


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
