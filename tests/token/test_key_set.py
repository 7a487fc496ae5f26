"""The published key sets: what is signed is what is read, and nothing else is."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import cbor2
import pytest

from network.jwks import jwks, read_jwks
from network.key_set import CONTENT_TYPE, KeySet, open_key_set, sign_key_set
from network.public_keys import KeyRefused, PublicKey
from network.signing import LocalSigner
from tests.token import gc1_vectors as vectors

SIGNED = sign_key_set(vectors.KEY_SET, vectors.ROOT)
HEADER: dict[int, Any] = dict(cbor2.loads(cbor2.loads(SIGNED).value[0]))
PAYLOAD: list[Any] = cbor2.loads(cbor2.loads(SIGNED).value[2])


def forged(header: dict[Any, Any] = HEADER, payload: Any = PAYLOAD, by: LocalSigner[PublicKey] = vectors.ROOT) -> bytes:
    protected, body = cbor2.dumps(header, canonical=True), cbor2.dumps(payload, canonical=True)
    signature = by.sign(cbor2.dumps(["Signature1", protected, b"", body]))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, body, signature]))


def with_claims(**changes: Any) -> dict[int, Any]:
    labels = {"expires": 4, "issued": 6, "private": -65537}
    return HEADER | {15: dict(HEADER[15]) | {labels[name]: value for name, value in changes.items()}}


def refusal(signed: bytes, **changes: Any) -> str:
    with pytest.raises(KeyRefused) as refused:
        open_key_set(
            signed,
            changes.pop("roots", [vectors.ROOT.key]),
            at=changes.pop("at", vectors.NOW),
            **changes,
        )
    return refused.value.code


def test_a_signed_key_set_reads_back() -> None:
    assert forged() == SIGNED
    assert open_key_set(SIGNED, [vectors.ROOT.key], at=vectors.NOW, version_min=12) == vectors.KEY_SET


def test_its_payload_is_a_plain_cose_key_set() -> None:
    first = PAYLOAD[0]

    assert HEADER[3] == CONTENT_TYPE
    assert [first[label] for label in (1, 3, -1)] == [1, -19, 6]
    assert first[2] == vectors.SALON.key.kid
    assert first[-2] == vectors.SALON.key.public_key
    assert not any(-4 in key for key in PAYLOAD), "no private part"


@pytest.mark.parametrize(
    ("signed", "code"),
    [
        (b"", "key_set_malformed"),
        (SIGNED + b"\x00", "key_set_malformed"),
        (vectors.GOOD, "key_set_root_unknown"),
        (forged(by=vectors.root_signer(98)), "key_set_signature_invalid"),
        (forged(HEADER | {4: bytes(8)}), "key_set_root_unknown"),
        (forged(HEADER | {1: -9}), "key_set_malformed"),
        (forged(HEADER | {3: "application/cwt"}), "key_set_malformed"),
        (forged(HEADER | {2: [1]}), "key_set_malformed"),
        (forged({4: HEADER[4]}), "key_set_malformed"),
        (forged(with_claims(private=[2, 3, vectors.COALITION.bytes, 12])), "key_set_malformed"),
        (forged(with_claims(private=[1, 3, vectors.COALITION.bytes, True])), "key_set_malformed"),
        (forged(with_claims(expires=2**70)), "key_set_malformed"),
        (forged(payload={}), "key_set_malformed"),
        (forged(payload=[1]), "key_set_malformed"),
        (forged(payload=[dict(PAYLOAD[0]) | {99: 1}]), "key_set_malformed"),
        (forged(payload=[dict(PAYLOAD[0]) | {-1: 1}]), "key_set_malformed"),
        (forged(payload=[dict(PAYLOAD[0]) | {3: -8}]), "key_set_malformed"),
        (forged(payload=[dict(PAYLOAD[0]) | {-2: b"\x01" + bytes(31)}]), "key_weak"),
    ],
)
def test_refuses(signed: bytes, code: str) -> None:
    assert refusal(signed) == code


def test_refuses_an_expired_an_older_and_a_strangers_set() -> None:
    assert refusal(SIGNED, at=vectors.KEY_SET.expires_at) == "key_set_expired"
    assert refusal(SIGNED, version_min=13) == "key_set_rolled_back"
    assert refusal(SIGNED, roots=[]) == "key_set_root_unknown"
    assert refusal(SIGNED, roots=[vectors.root_signer(98).key]) == "key_set_root_unknown"


def test_every_flipped_bit_is_refused() -> None:
    for bit in range(0, 8 * len(SIGNED), 5):
        flipped = bytearray(SIGNED)
        flipped[bit // 8] ^= 1 << bit % 8
        refusal(bytes(flipped))


def test_a_key_set_is_of_one_coalition_and_counts_versions() -> None:
    with pytest.raises(KeyRefused):
        replace(vectors.KEY_SET, coalition_id=UUID(int=1))
    with pytest.raises(KeyRefused):
        replace(vectors.KEY_SET, version=0)


def test_two_roots_overlap_while_one_replaces_the_other() -> None:
    successor = vectors.root_signer(97)
    newer = replace(vectors.KEY_SET, version=13, expires_at=vectors.NOW + timedelta(days=1))

    roots = [vectors.ROOT.key, successor.key]

    assert open_key_set(SIGNED, roots, at=vectors.NOW).version == 12
    assert open_key_set(sign_key_set(newer, successor), roots, at=vectors.NOW).version == 13


def test_jwks_reads_back_through_json() -> None:
    document = json.loads(json.dumps(jwks(vectors.KEY_SET)))

    assert read_jwks(document) == vectors.KEY_SET


def test_jwks_is_as_rfc_7517_and_8037_want_it() -> None:
    # The Ed25519 example key of RFC 8037, appendix A.2, in the JWK of TEST 1's public key.
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    key_set: KeySet = replace(vectors.KEY_SET, keys=(replace(vectors.SALON.key, public_key=public),))

    ed25519 = jwks(key_set)["keys"][0]
    p256 = jwks(vectors.KEY_SET)["keys"][1]

    assert {name: ed25519[name] for name in ("kty", "crv", "x", "use")} == {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "use": "sig",
    }
    assert (p256["kty"], p256["crv"], p256["alg"]) == ("EC", "P-256", "ES256")
    assert not any("d" in key for key in jwks(vectors.KEY_SET)["keys"])


@pytest.mark.parametrize(
    "change",
    [{"kty": "EC"}, {"x": ""}, {"alg": "none"}, {"d": "AA"}, {"pollen": {}}, {"kid": "AA"}, {"x": "AQ" + "A" * 41}],
)
def test_refuses_a_changed_jwk(change: dict[str, Any]) -> None:
    document = jwks(vectors.KEY_SET)
    document["keys"][0] |= change

    with pytest.raises(KeyRefused):
        read_jwks(document)
