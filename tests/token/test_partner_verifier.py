"""The partner's verifier: the network's vectors, nothing of the network's code, and no disagreement."""

import ast
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merchants import token as partner
from merchants.cbor import CborError, byte_string, read_one
from merchants.keys import ED25519, KeySet, KeysRefused, VerifyKey, open_key_set, read_jwks
from network import token as network_token
from network.key_set import sign_key_set
from tests.token import gc1_vectors as vectors

MERCHANTS = Path(partner.__file__).parent
PUBLISHED: dict[str, Any] = json.loads(vectors.PATH.read_text())
AT = datetime.fromtimestamp(PUBLISHED["at"], UTC)
ROOT = VerifyKey.of(
    bytes.fromhex(PUBLISHED["root"]["kid"]),
    PUBLISHED["root"]["algorithm"],
    bytes.fromhex(PUBLISHED["root"]["x"]),
)
SIGNED = bytes.fromhex(PUBLISHED["key_set"])
FROM_COSE = open_key_set(SIGNED, [ROOT], at=PUBLISHED["at"])
FROM_JWKS = read_jwks(PUBLISHED["jwks"])


def read_or_code(scanned: str) -> str:
    try:
        return partner.from_text(scanned).hex()
    except partner.TokenRefused as refused:
        return refused.code


def named(kind: str) -> list[Any]:
    return [pytest.param(vector, id=vector["name"]) for vector in PUBLISHED[kind]]


@pytest.mark.parametrize("keys", [FROM_COSE, FROM_JWKS], ids=["cose", "jwks"])
@pytest.mark.parametrize("vector", named("accepted"))
def test_accepts(vector: dict[str, Any], keys: KeySet) -> None:
    claims = partner.verify(bytes.fromhex(vector["token"]), keys, at=AT)

    assert claims == partner.Claims(
        **vector["claims"]
        | {
            "certificate_id": UUID(vector["claims"]["certificate_id"]),
            "expires_at": datetime.fromtimestamp(vector["claims"]["expires_at"], UTC),
        }
    )


@pytest.mark.parametrize("vector", named("refused"))
def test_refuses(vector: dict[str, Any]) -> None:
    with pytest.raises(partner.TokenRefused) as refused:
        partner.verify(bytes.fromhex(vector["token"]), FROM_COSE, at=AT)

    assert refused.value.code == vector["code"]
    assert refused.value.detail.endswith(".")


@pytest.mark.parametrize("vector", named("texts"))
def test_reads_what_a_scanner_types(vector: dict[str, Any]) -> None:
    assert read_or_code(vector["text"]) == (vector["code"] or vector["token"])


def test_needs_nothing_of_the_network() -> None:
    for name in ("token", "keys", "cbor"):
        for node in ast.walk(ast.parse((MERCHANTS / f"{name}.py").read_text())):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not any(module.split(".")[0] == "network" for module in modules)

    loaded = "import merchants.token, sys; print([m for m in sys.modules if m.split('.')[0] == 'network'])"
    answer = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_uses_no_expired_key_set() -> None:
    late = datetime.fromtimestamp(FROM_COSE.expires_at, UTC)

    with pytest.raises(partner.TokenRefused) as refused:
        partner.verify(vectors.GOOD, FROM_COSE, at=late)

    assert refused.value.code == "token_keys_expired"


def test_needs_a_clock_with_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        partner.verify(vectors.GOOD, FROM_COSE, at=datetime(2026, 3, 2))  # noqa: DTZ001 - the point


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"at": FROM_COSE.expires_at}, "key_set_expired"),
        ({"version_min": 13}, "key_set_rolled_back"),
        ({"roots": []}, "key_set_root_unknown"),
        ({"signed": SIGNED[:-1] + bytes([SIGNED[-1] ^ 1])}, "key_set_signature_invalid"),
        ({"signed": SIGNED + b"\x00"}, "key_set_malformed"),
        ({"signed": vectors.GOOD}, "key_set_root_unknown"),
        ({"signed": b""}, "key_set_malformed"),
    ],
)
def test_refuses_a_key_set(changes: dict[str, Any], code: str) -> None:
    given_set = {"signed": SIGNED, "roots": [ROOT], "at": PUBLISHED["at"]} | changes

    with pytest.raises(KeysRefused) as refused:
        open_key_set(given_set.pop("signed"), given_set.pop("roots"), **given_set)

    assert refused.value.code == code


def test_refuses_a_key_set_by_another_root_of_the_same_kid() -> None:
    impostor = vectors.root_signer(98)
    object.__setattr__(impostor, "key", vectors.ROOT.key)

    with pytest.raises(KeysRefused) as refused:
        open_key_set(sign_key_set(vectors.KEY_SET, impostor), [ROOT], at=PUBLISHED["at"])

    assert refused.value.code == "key_set_signature_invalid"


@pytest.mark.parametrize("y", ["01" + "00" * 31, "ec" + "ff" * 30 + "7f", "00" * 32, "ed" + "ff" * 30 + "7f"])
def test_refuses_weak_keys(y: str) -> None:
    with pytest.raises(ValueError, match="weak"):
        VerifyKey.of(bytes(8), ED25519, bytes.fromhex(y))


def outcome(check: Any, *arguments: Any, **named_arguments: Any) -> object:
    try:
        return vars(check(*arguments, **named_arguments))
    except (partner.TokenRefused, network_token.TokenRefused):
        return "refused"


@given(payload=st.binary(max_size=80), start=st.integers(0, 60), cut=st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_network_and_partner_agree_on_tampered_but_signed_tokens(payload: bytes, start: int, cut: int) -> None:
    body = cbor2.dumps(vectors.PAYLOAD)
    changed = body[:start] + payload[:3] + body[start + cut :]
    token = vectors.forged(payload=changed)

    at_the_network = outcome(network_token.verify, token, vectors.KEYS, at=AT)
    at_the_partner = outcome(partner.verify, token, FROM_COSE, at=AT)

    assert at_the_network == at_the_partner


@given(content=st.binary(max_size=300))
@settings(max_examples=50, deadline=None)
def test_byte_strings_are_read_back(content: bytes) -> None:
    assert read_one(byte_string(content)) == content


@pytest.mark.parametrize(
    "encoded",
    ["f4", "f90000", "c100", "9fff", "5f40ff", "1c", "a1", "61ff", "a10100" + "00", "81" * 9 + "00", "a14100" + "00"],
)
def test_the_reader_knows_only_our_subset(encoded: str) -> None:
    with pytest.raises(CborError):
        read_one(bytes.fromhex(encoded))


def test_a_token_lives_until_its_last_second() -> None:
    last = vectors.EXPIRES - timedelta(seconds=1)

    assert partner.verify(vectors.GOOD, FROM_COSE, at=last).face_value == 50_000
