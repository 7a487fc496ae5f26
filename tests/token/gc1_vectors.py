"""The GC1 test vectors: `PYTHONPATH=. python tests/token/gc1_vectors.py` writes tests/vectors/gc1.json.

Everything is fixed (keys from counted bytes, deterministic signatures), so the file changes only when the
profile does. Forged tokens are put together by hand from raw CBOR, without the code under test.
"""

import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from network.jwks import jwks
from network.key_set import KeySet, sign_key_set
from network.public_keys import (
    P256_ORDER,
    Algorithm,
    KeyLimits,
    KeyRecord,
    KeyState,
    PublicKey,
    keys_by_kid,
    kid_of,
)
from network.signing import LocalSigner
from network.token import Claims, encode, text

PATH = Path(__file__).parents[1] / "vectors" / "gc1.json"

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EXPIRES = datetime(2026, 6, 1, tzinfo=UTC)
COALITION = UUID("6f1c1c2e-0000-4000-8000-000000000001")
LIMITS = KeyLimits(100_000, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
CERTIFICATE = UUID("0b9a3f6e-7c1d-4e2f-9a8b-1c2d3e4f5a6b")
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493


def public_bytes(algorithm: Algorithm, private: bytes) -> bytes:
    if algorithm is Algorithm.ED25519:
        return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    point = derive_private_key(int.from_bytes(private), SECP256R1()).public_key()
    return point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def signer(
    seed: int,
    *,
    issuer: int = 7,
    algorithm: Algorithm = Algorithm.ED25519,
    state: KeyState = KeyState.ACTIVE,
    kid: bytes | None = None,
    limits: KeyLimits = LIMITS,
) -> LocalSigner[KeyRecord]:
    private = bytes([seed]) * 32
    public = public_bytes(algorithm, private)
    record = KeyRecord(
        kid=kid or kid_of(algorithm, public),
        algorithm=algorithm,
        public_key=public,
        coalition_id=COALITION,
        coalition_number=3,
        merchant_id=UUID(int=issuer),
        merchant_number=issuer,
        state=state,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        limits=limits,
    )
    return LocalSigner(record, private)


def root_signer(seed: int = 99) -> LocalSigner[PublicKey]:
    private = bytes([seed]) * 32
    public = public_bytes(Algorithm.ED25519, private)
    key = PublicKey(kid=kid_of(Algorithm.ED25519, public), algorithm=Algorithm.ED25519, public_key=public)
    return LocalSigner(key, private)


SALON = signer(1)
P256 = signer(2, issuer=8, algorithm=Algorithm.P256)
RETIRED = signer(3, state=KeyState.RETIRED)
LEAKED = signer(4, issuer=9, state=KeyState.COMPROMISED)
TWIN = signer(5, issuer=10, kid=SALON.key.kid)
STRANGER = signer(6)
ROOT = root_signer()
SIGNERS = [SALON, P256, RETIRED, LEAKED, TWIN]
RECORDS = [each.key for each in SIGNERS]
KEYS = keys_by_kid(RECORDS)
KEY_SET = KeySet(
    coalition_id=COALITION,
    coalition_number=3,
    version=12,
    issued_at=datetime(2026, 3, 1, tzinfo=UTC),
    expires_at=datetime(2027, 3, 1, tzinfo=UTC),
    keys=tuple(RECORDS),
)

CLAIMS = Claims(
    certificate_id=CERTIFICATE,
    coalition_number=3,
    issuer_number=7,
    acceptor_number=21,
    face_value=50_000,
    currency="EUR",
    epoch=1,
    status_index=123_456,
    expires_at=EXPIRES,
)
DETAILS = [1, 3, 7, 21, 50_000, "EUR", 1, 123_456]
PAYLOAD = {4: int(EXPIRES.timestamp()), 7: CERTIFICATE.bytes, -65537: DETAILS}
PLAIN = object()


def signed(protected: bytes, payload: bytes, by: LocalSigner[KeyRecord] = SALON) -> bytes:
    """A signature over the Sig_structure of RFC 9052, built here by hand."""
    return by.sign(cbor2.dumps(["Signature1", protected, b"", payload]))


def forged(
    *,
    header: Any = PLAIN,
    protected: bytes | None = None,
    unprotected: Any = PLAIN,
    payload: Any = PLAIN,
    by: LocalSigner[KeyRecord] = SALON,
) -> bytes:
    """A token with one part replaced and a signature that fits."""
    if protected is None:
        protected = cbor2.dumps({1: -19, 4: by.key.kid} if header is PLAIN else header)
    body = payload if isinstance(payload, bytes) else cbor2.dumps(PAYLOAD if payload is PLAIN else payload)
    plain = {} if unprotected is PLAIN else unprotected
    return cbor2.dumps(cbor2.CBORTag(18, [protected, plain, body, signed(protected, body, by)]))


def detailed(**changes: Any) -> bytes:
    """A token whose private claim has some members replaced by position: `at_4=0` is a face value of 0."""
    details = [changes.get(f"at_{position}", value) for position, value in enumerate(DETAILS)]
    return forged(payload=PAYLOAD | {-65537: details})


GOOD = encode(CLAIMS, SALON)
_HEADER = cbor2.dumps({1: -19, 4: SALON.key.kid})
_BODY = cbor2.dumps(PAYLOAD)
_SIGNATURE = signed(_HEADER, _BODY)
_P256_TOKEN = encode(replace(CLAIMS, issuer_number=8), P256)


def _outer(*parts: Any) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(18, list(parts)))


def _with(label: int, value: Any) -> bytes:
    return cbor2.dumps(PAYLOAD | {label: value}, canonical=True)


def _respelled_p256() -> bytes:
    s = int.from_bytes(_P256_TOKEN[-32:])
    return _P256_TOKEN[:-32] + (P256_ORDER - s).to_bytes(32)


def _respelled_ed25519() -> bytes:
    s = int.from_bytes(GOOD[-32:], "little") + ED25519_ORDER
    return GOOD[:-32] + s.to_bytes(32, "little")


ACCEPTED: dict[str, tuple[bytes, Claims]] = {
    "Ed25519 by its own number": (GOOD, CLAIMS),
    "Ed25519 by the older EdDSA number": (forged(header={1: -8, 4: SALON.key.kid}), CLAIMS),
    "P-256 by its own number": (_P256_TOKEN, replace(CLAIMS, issuer_number=8)),
    "P-256 by the older ES256 number": (
        forged(header={1: -7, 4: P256.key.kid}, payload=PAYLOAD | {-65537: [1, 3, 8, *DETAILS[3:]]}, by=P256),
        replace(CLAIMS, issuer_number=8),
    ),
    "a retired key still verifies": (encode(CLAIMS, RETIRED), CLAIMS),
    "a leaked key makes it online-only": (
        encode(replace(CLAIMS, issuer_number=9), LEAKED),
        replace(CLAIMS, issuer_number=9, online_only=True),
    ),
    "the second key of a shared kid": (
        encode(replace(CLAIMS, issuer_number=10), TWIN),
        replace(CLAIMS, issuer_number=10),
    ),
    "the largest numbers": (
        encode(replace(CLAIMS, acceptor_number=2**32 - 1, epoch=2**32 - 1, status_index=2**32 - 1), SALON),
        replace(CLAIMS, acceptor_number=2**32 - 1, epoch=2**32 - 1, status_index=2**32 - 1),
    ),
    "one second before it expires": (
        encode(replace(CLAIMS, expires_at=NOW + timedelta(seconds=1)), SALON),
        replace(CLAIMS, expires_at=NOW + timedelta(seconds=1)),
    ),
}

REFUSED: dict[str, tuple[bytes, str]] = {
    "401 bytes": (GOOD + bytes(401 - len(GOOD)), "token_too_long"),
    "nothing": (b"", "token_malformed"),
    "noise": (b"\x00" * 139, "token_malformed"),
    "no tag": (GOOD[1:], "token_malformed"),
    "the tag of COSE_Mac0": (b"\xd1" + GOOD[1:], "token_malformed"),
    "the tag written long": (b"\xd8\x12" + GOOD[1:], "token_malformed"),
    "a CWT tag around it": (b"\xd8\x3d" + GOOD, "token_malformed"),
    "cut short": (GOOD[:-1], "token_malformed"),
    "three parts": (_outer(_HEADER, {}, _BODY), "token_malformed"),
    "five parts": (_outer(_HEADER, {}, _BODY, _SIGNATURE, b""), "token_malformed"),
    "an array of no fixed length": (b"\xd2\x9f" + GOOD[2:] + b"\xff", "token_malformed"),
    "a header that is no byte string": (
        _outer({1: -19, 4: SALON.key.kid}, {}, _BODY, _SIGNATURE),
        "token_malformed",
    ),
    "a detached payload": (_outer(_HEADER, {}, None, _SIGNATURE), "token_malformed"),
    "a signature as text": (_outer(_HEADER, {}, _BODY, "s" * 64), "token_malformed"),
    "an unprotected list": (_outer(_HEADER, [], _BODY, _SIGNATURE), "token_malformed"),
    "bytes after the end": (GOOD + b"\x00", "token_not_canonical"),
    "a long head on the outside": (
        GOOD[:2] + b"\x58" + bytes([len(_HEADER)]) + GOOD[3:],
        "token_not_canonical",
    ),
    "an unprotected header": (forged(unprotected={4: SALON.key.kid}), "token_header_not_empty"),
    "a third header": (forged(header={1: -19, 3: 0, 4: SALON.key.kid}), "token_malformed"),
    "no kid": (forged(header={1: -19}), "token_malformed"),
    "a kid of seven bytes": (forged(header={1: -19, 4: SALON.key.kid[:7]}), "token_malformed"),
    "an algorithm by name": (forged(header={1: "EdDSA", 4: SALON.key.kid}), "token_malformed"),
    "an algorithm as a float": (forged(header={1: -19.0, 4: SALON.key.kid}), "token_malformed"),
    "the label true for 1": (forged(header={True: -19, 4: SALON.key.kid}), "token_malformed"),
    "the label 4.0 for 4": (forged(header={1: -19, 4.0: SALON.key.kid}), "token_malformed"),
    "a header that is a list": (forged(header=[1, -19]), "token_malformed"),
    "a header out of order": (
        forged(protected=b"\xa2\x04\x48" + SALON.key.kid + b"\x01\x32"),
        "token_not_canonical",
    ),
    "a header label twice": (
        forged(protected=b"\xa3\x01\x32\x01\x32\x04\x48" + SALON.key.kid),
        "token_malformed",
    ),
    "a long number in the header": (
        forged(protected=b"\xa2\x01\x38\x12\x04\x48" + SALON.key.kid),
        "token_not_canonical",
    ),
    "bytes after the header": (forged(protected=_HEADER + b"\x00"), "token_not_canonical"),
    "an unknown kid": (forged(by=STRANGER), "token_key_unknown"),
    "an Ed25519 key named as P-256": (
        forged(header={1: -9, 4: SALON.key.kid}),
        "token_algorithm_mismatch",
    ),
    "a P-256 key named as Ed25519": (
        forged(header={1: -19, 4: P256.key.kid}, by=P256),
        "token_algorithm_mismatch",
    ),
    "an algorithm of another kind": (forged(header={1: 5, 4: SALON.key.kid}), "token_algorithm_mismatch"),
    "another key's signature": (
        forged(header={1: -19, 4: SALON.key.kid}, by=STRANGER),
        "token_signature_invalid",
    ),
    "a signature of 63 bytes": (_outer(_HEADER, {}, _BODY, _SIGNATURE[:63]), "token_signature_invalid"),
    "no signature": (_outer(_HEADER, {}, _BODY, b""), "token_signature_invalid"),
    "an Ed25519 signature respelled": (_respelled_ed25519(), "token_signature_invalid"),
    "a P-256 signature respelled": (_respelled_p256(), "token_signature_invalid"),
    "a compressed payload": (forged(payload=zlib.compress(_BODY)), "token_malformed"),
    "a payload that is a list": (forged(payload=[1]), "token_malformed"),
    "an empty holder key": (forged(payload=_with(8, {1: {}})), "token_malformed"),
    "an unknown claim": (forged(payload=_with(6, 1)), "token_malformed"),
    "no certificate id": (
        forged(payload={key: PAYLOAD[key] for key in (4, -65537)}),
        "token_malformed",
    ),
    "claims out of order": (
        forged(payload={key: PAYLOAD[key] for key in (7, 4, -65537)}),
        "token_not_canonical",
    ),
    "a claim twice": (
        forged(payload=b"\xa4" + _BODY[1:7] + _BODY[1:]),
        "token_malformed",
    ),
    "bytes after the payload": (forged(payload=_BODY + b"\x00"), "token_not_canonical"),
    "a long number in the payload": (
        forged(payload=_BODY.replace(b"\x88\x01\x03\x07", b"\x88\x01\x03\x18\x07")),
        "token_not_canonical",
    ),
    "version 2": (detailed(at_0=2), "token_version_unsupported"),
    "version true": (detailed(at_0=True), "token_malformed"),
    "coalition 0": (detailed(at_1=0), "token_malformed"),
    "an issuer as text": (detailed(at_2="7"), "token_malformed"),
    "an acceptor of 33 bits": (detailed(at_3=2**32), "token_malformed"),
    "face value 0": (detailed(at_4=0), "token_malformed"),
    "face value below 0": (detailed(at_4=-1), "token_malformed"),
    "face value true": (detailed(at_4=True), "token_malformed"),
    "face value as a float": (detailed(at_4=50_000.0), "token_malformed"),
    "face value beyond a double": (detailed(at_4=2**53), "token_malformed"),
    "a currency in small letters": (detailed(at_5="eur"), "token_malformed"),
    "a currency of four letters": (detailed(at_5="EURO"), "token_malformed"),
    "a currency as a number": (detailed(at_5=978), "token_malformed"),
    "an epoch below 0": (detailed(at_6=-1), "token_malformed"),
    "a status index below 0": (detailed(at_7=-1), "token_malformed"),
    "nine details": (forged(payload=PAYLOAD | {-65537: [*DETAILS, 0]}), "token_malformed"),
    "seven details": (forged(payload=PAYLOAD | {-65537: DETAILS[:7]}), "token_malformed"),
    "no details": (forged(payload=PAYLOAD | {-65537: []}), "token_malformed"),
    "an expiry as a float": (forged(payload=PAYLOAD | {4: 1780272000.0}), "token_malformed"),
    "an expiry of 0": (forged(payload=PAYLOAD | {4: 0}), "token_malformed"),
    "an expiry beyond year 9999": (forged(payload=PAYLOAD | {4: 253_402_300_800}), "token_malformed"),
    "an expiry as a big number": (forged(payload=PAYLOAD | {4: 2**64}), "token_malformed"),
    "a certificate id of 15 bytes": (forged(payload=PAYLOAD | {7: bytes(15)}), "token_malformed"),
    "a certificate id as text": (forged(payload=PAYLOAD | {7: "0" * 16}), "token_malformed"),
    "another coalition": (detailed(at_1=4), "token_key_limits"),
    "another issuer": (detailed(at_2=8), "token_key_limits"),
    "a higher value than the key may sign": (detailed(at_4=100_001), "token_key_limits"),
    "a later day than the key may sign": (
        forged(payload=PAYLOAD | {4: int(LIMITS.valid_until.timestamp()) + 1}),
        "token_key_limits",
    ),
    "an earlier day than the key may sign": (
        forged(payload=PAYLOAD | {4: int(LIMITS.valid_from.timestamp())}),
        "token_key_limits",
    ),
    "expired this second": (encode(replace(CLAIMS, expires_at=NOW), SALON), "token_expired"),
    "expired long ago": (
        encode(replace(CLAIMS, expires_at=NOW - timedelta(days=30)), SALON),
        "token_expired",
    ),
}

_TEXT = text(GOOD)  # 133 bytes: 1 064 bits in 213 symbols, one spare bit

TEXTS: dict[str, tuple[str, str | None]] = {
    "bare": (_TEXT, None),
    "in its link": (f"https://pollen.example/v#{_TEXT}", None),
    "typed by a German keyboard": (f"https>--pollen.example-v§{_TEXT}\r\n", None),
    "typed with caps lock on": (f"HTTPS://POLLEN.EXAMPLE/V#{_TEXT.lower()}", None),
    "with spaces around": (f"  {_TEXT}\t", None),
    "nothing": ("", "token_text_malformed"),
    "a link without a token": ("https://pollen.example/v#", "token_text_malformed"),
    "the letter O": ("O" + _TEXT[1:], "token_text_malformed"),
    "the letter Y": (_TEXT[:-1] + "Y", "token_text_malformed"),
    "capitals and small letters": (_TEXT[:100].lower() + _TEXT[100:], "token_text_malformed"),
    "non-zero tail bits": (_TEXT[:-1] + "1", "token_text_malformed"),
    "a symbol too many": (_TEXT + "0", "token_text_malformed"),
    "two tokens": (f"{_TEXT} {_TEXT}", "token_text_malformed"),
    "641 symbols and more": ("0" * 648, "token_too_long"),
}


def _claims_for_json(claims: Claims) -> dict[str, Any]:
    return {
        "certificate_id": claims.certificate_id.hex,
        "coalition_number": claims.coalition_number,
        "issuer_number": claims.issuer_number,
        "acceptor_number": claims.acceptor_number,
        "face_value": claims.face_value,
        "currency": claims.currency,
        "epoch": claims.epoch,
        "status_index": claims.status_index,
        "expires_at": int(claims.expires_at.timestamp()),
        "online_only": claims.online_only,
    }


def document() -> dict[str, Any]:
    """What tests/vectors/gc1.json holds."""
    return {
        "profile": "GC1",
        "about": "Made by tests/token/gc1_vectors.py. Bytes are hex, times seconds since 1970.",
        "at": int(NOW.timestamp()),
        "root": {"kid": ROOT.key.kid.hex(), "algorithm": "Ed25519", "x": ROOT.key.public_key.hex()},
        "key_set": sign_key_set(KEY_SET, ROOT).hex(),
        "jwks": jwks(KEY_SET),
        "accepted": [
            {"name": name, "token": token.hex(), "claims": _claims_for_json(claims)}
            for name, (token, claims) in ACCEPTED.items()
        ],
        "refused": [{"name": name, "token": token.hex(), "code": code} for name, (token, code) in REFUSED.items()],
        "texts": [
            {"name": name, "text": scanned, "token": None if code else GOOD.hex(), "code": code}
            for name, (scanned, code) in TEXTS.items()
        ],
    }


def written() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    PATH.write_text(written())
