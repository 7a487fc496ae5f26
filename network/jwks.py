"""The verify keys of a coalition as a JSON Web Key Set (RFC 7517, 8037, 9864), for ordinary JOSE libraries.

Unsigned: it is as trustworthy as the connection it came over. A JWS around it would add nothing, because
whoever can read a token has COSE, and with it the signed document of `network.key_set`.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from network.key_set import KeySet, instant, seconds
from network.public_keys import Algorithm, KeyLimits, KeyRecord, KeyRefused, KeyState, cose_key_core


def jwks(key_set: KeySet) -> dict[str, Any]:
    """The set as a JSON Web Key Set; members that JOSE does not know are under "pollen"."""
    return {
        "keys": [_jwk(key) for key in key_set.keys],
        "pollen": {
            "coalition": key_set.coalition_number,
            "coalition_id": str(key_set.coalition_id),
            "version": key_set.version,
            "iat": seconds(key_set.issued_at),
            "exp": seconds(key_set.expires_at),
        },
    }


def read_jwks(document: Mapping[str, Any]) -> KeySet:
    """Read back what `jwks` wrote. Nothing proves its origin but the connection it came over."""
    try:
        about = document["pollen"]
        coalition = (UUID(about["coalition_id"]), about["coalition"])
        return KeySet(
            coalition_id=coalition[0],
            coalition_number=coalition[1],
            version=about["version"],
            issued_at=instant(about["iat"]),
            expires_at=instant(about["exp"]),
            keys=tuple(_key_of_jwk(jwk, *coalition) for jwk in document["keys"]),
        )
    except (LookupError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise KeyRefused("key_set_malformed", "this is not a JWKS of ours") from error


def _jwk(key: KeyRecord) -> dict[str, Any]:
    core = cose_key_core(key.algorithm, key.public_key)
    point = {"x": _base64(core[-2])} | ({"y": _base64(core[-3])} if -3 in core else {})
    kind = {"kty": "OKP", "crv": "Ed25519"} if -3 not in core else {"kty": "EC", "crv": "P-256"}
    return {
        **kind,
        **point,
        "kid": _base64(key.kid),
        "alg": str(key.algorithm),
        "use": "sig",
        "pollen": {
            "merchant": key.merchant_number,
            "merchant_id": str(key.merchant_id),
            "state": str(key.state),
            "face_value_max": key.limits.face_value_max,
            "valid_from": seconds(key.limits.valid_from),
            "valid_until": seconds(key.limits.valid_until),
            "created_at": seconds(key.created_at),
        },
    }


def _key_of_jwk(jwk: Mapping[str, Any], coalition_id: UUID, coalition_number: int) -> KeyRecord:
    about = jwk["pollen"]
    algorithm = Algorithm(jwk["alg"])
    public_key = _bytes(jwk["x"])
    if algorithm is Algorithm.P256:
        public_key = b"\x04" + public_key + _bytes(jwk["y"])
    record = KeyRecord(
        kid=_bytes(jwk["kid"]),
        algorithm=algorithm,
        public_key=public_key,
        coalition_id=coalition_id,
        coalition_number=coalition_number,
        merchant_id=UUID(about["merchant_id"]),
        merchant_number=about["merchant"],
        state=KeyState(about["state"]),
        created_at=instant(about["created_at"]),
        limits=KeyLimits(about["face_value_max"], instant(about["valid_from"]), instant(about["valid_until"])),
    )
    if _jwk(record) != jwk:
        raise ValueError("a key with members that we do not write")
    return record


def _base64(raw: object) -> str:
    assert isinstance(raw, bytes), "COSE key members that we publish are bytes"
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
