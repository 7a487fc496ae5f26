"""The vectors of live mode: `PYTHONPATH=. python tests/token/gc1_live_vectors.py` writes tests/vectors/gc1_live.json.

Presentations are put together by hand from raw CBOR, apart from the code under test, which only reads them.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cbor2

from network.public_keys import P256_ORDER, Algorithm, PublicKey, cose_key_core, key_of_point
from network.signing import LocalSigner
from network.token import encode
from tests.token import gc1_vectors as static

PATH = Path(__file__).parents[1] / "vectors" / "gc1_live.json"
AT = int(static.NOW.timestamp())
NONCE = bytes(range(8))


def holder(seed: int, algorithm: Algorithm = Algorithm.ED25519) -> LocalSigner[PublicKey]:
    private = bytes([seed]) * 32
    return LocalSigner(key_of_point(algorithm, static.public_bytes(algorithm, private)), private)


PHONE = holder(41)
P256_PHONE = holder(42, Algorithm.P256)
THIEF = holder(43)
LIVE = encode(replace(static.CLAIMS, holder_key=PHONE.key), static.SALON)
P256_LIVE = encode(replace(static.CLAIMS, holder_key=P256_PHONE.key), static.SALON)


def shown(
    token: Any = LIVE,
    by: LocalSigner[PublicKey] = PHONE,
    *,
    at: Any = AT,
    protected: bytes | None = None,
    unprotected: Any = None,
    nonce: Any = None,
    payload: bytes | None = None,
) -> bytes:
    """A presentation with one part replaced and a signature that fits."""
    header = protected or cbor2.dumps({1: -19 if by.key.algorithm is Algorithm.ED25519 else -9})
    said = {6: at, **({} if nonce is None else {10: nonce}), -65538: token}
    body = cbor2.dumps(said) if payload is None else payload
    signature = by.sign(cbor2.dumps(["Signature1", header, b"", body]))
    return cbor2.dumps(cbor2.CBORTag(18, [header, unprotected or {}, body, signature]))


def _bound_to(cnf: Any) -> bytes:
    return shown(static.forged(payload=cbor2.dumps(static.PAYLOAD | {8: cnf}, canonical=True)))


def _respelled() -> bytes:
    good = shown(P256_LIVE, P256_PHONE)
    return good[:-32] + (P256_ORDER - int.from_bytes(good[-32:])).to_bytes(32)


_CORE = cose_key_core(PHONE.key.algorithm, PHONE.key.public_key)
_P256_CORE = cose_key_core(P256_PHONE.key.algorithm, P256_PHONE.key.public_key)
_GOOD = shown()

ACCEPTED: dict[str, tuple[bytes, bytes | None, int]] = {
    "an Ed25519 phone": (_GOOD, None, AT),
    "a P-256 phone": (shown(P256_LIVE, P256_PHONE), None, AT),
    "45 seconds old": (shown(at=AT - 45), None, AT - 45),
    "45 seconds ahead": (shown(at=AT + 45), None, AT + 45),
    "with the till's nonce": (shown(nonce=NONCE), NONCE, AT),
    "with a nonce that was not asked for": (shown(nonce=NONCE), None, AT),
}

REFUSED: dict[str, tuple[bytes, bytes | None, str]] = {
    "the bare token": (LIVE, None, "token_proof_missing"),
    "the bare P-256 token": (P256_LIVE, None, "token_proof_missing"),
    "46 seconds old": (shown(at=AT - 46), None, "token_proof_stale"),
    "46 seconds ahead": (shown(at=AT + 46), None, "token_proof_stale"),
    "signed by another phone": (shown(by=THIEF), None, "token_proof_invalid"),
    "signed by a phone of the other kind": (shown(by=P256_PHONE), None, "token_proof_invalid"),
    "a bearer's token inside": (shown(static.GOOD), None, "token_proof_invalid"),
    "a respelled P-256 signature": (_respelled(), None, "token_proof_invalid"),
    "a signature of 63 bytes": (
        cbor2.dumps(cbor2.CBORTag(18, [b"\xa1\x01\x32", {}, cbor2.loads(_GOOD).value[2], bytes(63)])),
        None,
        "token_proof_invalid",
    ),
    "no nonce though one was asked for": (_GOOD, NONCE, "token_proof_nonce"),
    "another nonce": (shown(nonce=NONCE[::-1]), NONCE, "token_proof_nonce"),
    "an empty nonce": (shown(nonce=b""), None, "token_malformed"),
    "a nonce of 17 bytes": (shown(nonce=bytes(17)), None, "token_malformed"),
    "a nonce as text": (shown(nonce="nonce"), None, "token_malformed"),
    "the older EdDSA number": (shown(protected=b"\xa1\x01\x27"), None, "token_malformed"),
    "a kid in its header": (shown(protected=cbor2.dumps({1: -19, 4: bytes(8)})), None, "token_key_unknown"),
    "an unprotected header": (shown(unprotected={4: b"x"}), None, "token_header_not_empty"),
    "a time as a float": (shown(at=float(AT)), None, "token_malformed"),
    "a time that is true": (shown(at=True), None, "token_malformed"),
    "a time of 0": (shown(at=0), None, "token_malformed"),
    "a time beyond year 9999": (shown(at=253_402_300_800), None, "token_malformed"),
    "no time": (shown(payload=cbor2.dumps({-65538: LIVE})), None, "token_malformed"),
    "no token": (shown(payload=cbor2.dumps({6: AT})), None, "token_malformed"),
    "a token as text": (shown("token"), None, "token_malformed"),
    "a list": (shown(payload=cbor2.dumps([AT, LIVE])), None, "token_malformed"),
    "a member too many": (shown(payload=cbor2.dumps({6: AT, 11: 0, -65538: LIVE})), None, "token_malformed"),
    "a presentation inside": (shown(_GOOD), None, "token_malformed"),
    "the token's end cut off": (shown(LIVE[:-1]), None, "token_malformed"),
    "cut short": (_GOOD[:-1], None, "token_malformed"),
    "bytes after the end": (_GOOD + b"\x00", None, "token_not_canonical"),
    "bound to the identity point": (_bound_to({1: _CORE | {-2: b"\x01" + bytes(31)}}), None, "token_malformed"),
    "bound to a point of order 4": (_bound_to({1: _CORE | {-2: bytes(32)}}), None, "token_malformed"),
    "bound to a respelled point": (
        _bound_to({1: _CORE | {-2: b"\xee" + b"\xff" * 30 + b"\x7f"}}),
        None,
        "token_malformed",
    ),
    "bound to a point off the curve P-256": (_bound_to({1: _P256_CORE | {-3: bytes(32)}}), None, "token_malformed"),
    "bound to a key with a kid": (_bound_to({1: _CORE | {2: b"kid"}}), None, "token_malformed"),
    "bound to a key of another kind": (_bound_to({1: {1: 4, -1: b"secret"}}), None, "token_malformed"),
    "bound by a thumbprint": (_bound_to({3: bytes(32)}), None, "token_malformed"),
    "bound to two keys": (_bound_to({1: _CORE, 3: bytes(32)}), None, "token_malformed"),
    "bound to no map": (_bound_to([1]), None, "token_malformed"),
}


def document() -> dict[str, Any]:
    """What tests/vectors/gc1_live.json holds; keys and time are those of gc1.json."""
    return {
        "profile": "GC1 live",
        "about": "Made by tests/token/gc1_live_vectors.py, with the key set of gc1.json. Bytes are hex.",
        "at": AT,
        "accepted": [
            {"name": name, "scanned": scanned.hex(), "nonce": nonce.hex() if nonce else None, "shown_at": shown_at}
            for name, (scanned, nonce, shown_at) in ACCEPTED.items()
        ],
        "refused": [
            {"name": name, "scanned": scanned.hex(), "nonce": nonce.hex() if nonce else None, "code": code}
            for name, (scanned, nonce, code) in REFUSED.items()
        ],
    }


def written() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    PATH.write_text(written())
