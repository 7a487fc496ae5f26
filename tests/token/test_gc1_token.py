"""The network's token: what it accepts, what it refuses and why, and that one token has one spelling."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from network.public_keys import KeyLimits, keys_by_kid
from network.token import ALPHABET, Claims, TokenRefused, encode, from_text, text, verify
from tests.token import gc1_vectors as vectors

QR_ALPHANUMERIC = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")

uint32 = st.integers(0, 2**32 - 1)
number = st.integers(1, 2**32 - 1)
claims_of_any_kind = st.builds(
    Claims,
    certificate_id=st.uuids(),
    coalition_number=st.just(3),
    issuer_number=st.just(7),
    acceptor_number=number,
    face_value=st.integers(1, 2**53 - 1),
    currency=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3),
    epoch=uint32,
    status_index=uint32,
    expires_at=st.integers(1, 253_402_300_798).map(lambda second: datetime.fromtimestamp(second, UTC)),
)
UNLIMITED = vectors.signer(
    1,
    limits=KeyLimits(2**53, datetime(1970, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
)


def refusal(token: bytes, at: datetime | None = vectors.NOW) -> str:
    with pytest.raises(TokenRefused) as refused:
        verify(token, vectors.KEYS, at=at)
    return refused.value.code


def read_or_code(scanned: str) -> bytes | str:
    try:
        return from_text(scanned)
    except TokenRefused as refused:
        return refused.code


@pytest.mark.parametrize("name", vectors.ACCEPTED)
def test_accepts(name: str) -> None:
    token, expected = vectors.ACCEPTED[name]

    claims = verify(token, vectors.KEYS, at=vectors.NOW)

    assert claims == expected


@pytest.mark.parametrize("name", vectors.REFUSED)
def test_refuses(name: str) -> None:
    token, code = vectors.REFUSED[name]

    refused_as = refusal(token)

    assert refused_as == code


def test_a_refusal_speaks_to_a_cashier() -> None:
    token, _ = vectors.REFUSED["expired long ago"]

    with pytest.raises(TokenRefused) as refused:
        verify(token, vectors.KEYS, at=vectors.NOW)

    assert refused.value.detail == "This certificate was valid until 2026-01-31 12:00 UTC."
    assert refused.value.facts == {"expired_at": datetime(2026, 1, 31, 12, tzinfo=UTC)}


def test_leaves_time_to_the_caller_when_none_is_given() -> None:
    token, _ = vectors.REFUSED["expired long ago"]

    claims = verify(token, vectors.KEYS, at=None)

    assert claims.expires_at < vectors.NOW


def test_refuses_a_key_that_is_not_valid_yet() -> None:
    assert refusal(vectors.GOOD, at=vectors.LIMITS.valid_from - timedelta(seconds=1)) == "token_key_limits"


@given(claims=claims_of_any_kind)
@settings(max_examples=60, deadline=None)
def test_what_is_encoded_is_what_is_verified(claims: Claims) -> None:
    token = encode(claims, UNLIMITED)

    read = verify(from_text(text(token)), keys_by_kid([UNLIMITED.key]), at=None)

    assert read == claims
    assert len(token) <= 151  # with every number as large as it can be


def test_a_token_with_large_numbers_has_139_bytes() -> None:
    # 139 bytes and a host of 16 letters are the most that QR version 9 holds at level M.
    claims = replace(
        vectors.CLAIMS,
        coalition_number=300,
        issuer_number=1200,
        acceptor_number=1300,
        status_index=9_999_999,
    )
    signer = vectors.signer(1)
    object.__setattr__(signer, "key", replace(signer.key, coalition_number=300, merchant_number=1200))

    assert len(encode(claims, signer)) == 139
    assert len(vectors.GOOD) == 133


def test_is_a_cose_sign1_that_any_library_can_check() -> None:
    protected, unprotected, payload, signature = cbor2.loads(vectors.GOOD).value

    signed = b"\x84\x6aSignature1\x4d" + protected + b"\x40\x58" + bytes([len(payload)]) + payload

    Ed25519PublicKey.from_public_bytes(vectors.SALON.key.public_key).verify(signature, signed)
    assert dict(unprotected) == {}
    assert cbor2.loads(protected) == {1: -19, 4: vectors.SALON.key.kid}
    assert cbor2.loads(payload) == vectors.PAYLOAD


@pytest.mark.parametrize("name", ["Ed25519 by its own number", "P-256 by its own number"])
def test_every_flipped_bit_is_refused(name: str) -> None:
    token, _ = vectors.ACCEPTED[name]

    for bit in range(8 * len(token)):
        flipped = bytearray(token)
        flipped[bit // 8] ^= 1 << bit % 8
        refusal(bytes(flipped))


@given(junk=st.binary(max_size=420))
@settings(max_examples=200, deadline=None)
def test_junk_is_refused_and_never_crashes(junk: bytes) -> None:
    refusal(junk)
    refusal(b"\xd2\x84" + junk)
    refusal(vectors.forged(payload=junk))
    refusal(vectors.forged(protected=junk))


def test_a_key_signs_nothing_beyond_its_limits() -> None:
    too_much = replace(vectors.CLAIMS, face_value=vectors.LIMITS.face_value_max + 1)

    with pytest.raises(TokenRefused) as refused:
        encode(too_much, vectors.SALON)

    assert refused.value.code == "token_key_limits"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("coalition_number", 0),
        ("issuer_number", 2**32),
        ("acceptor_number", True),
        ("face_value", 0),
        ("face_value", 1.0),
        ("currency", "eur"),
        ("currency", "EUR\n"),
        ("epoch", -1),
        ("status_index", None),
        ("expires_at", datetime(2026, 6, 1)),  # noqa: DTZ001 - that is the point
        ("expires_at", datetime(2026, 6, 1, tzinfo=timezone(timedelta(hours=2)))),
        ("expires_at", datetime(2026, 6, 1, microsecond=1, tzinfo=UTC)),
        ("expires_at", datetime(1969, 6, 1, tzinfo=UTC)),
    ],
)
def test_claims_hold_only_what_a_token_can_carry(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        replace(vectors.CLAIMS, **{name: value})


def test_claims_of_one_certificate_and_epoch_have_one_spelling() -> None:
    again = replace(vectors.CLAIMS, certificate_id=UUID(str(vectors.CERTIFICATE)), online_only=True)

    assert encode(again, vectors.SALON) == vectors.GOOD


def test_the_alphabet_has_32_symbols_that_qr_packs_and_german_keyboards_keep() -> None:
    assert len(set(ALPHABET)) == 32
    assert set(ALPHABET) <= QR_ALPHANUMERIC - set("YZIO")


@given(token=st.binary(min_size=40, max_size=400))
@settings(max_examples=100, deadline=None)
def test_text_round_trips(token: bytes) -> None:
    written = text(token)

    assert from_text(written) == token
    assert from_text(f"https://pollen.example/v#{written}\r\n") == token


@given(token=st.binary(min_size=40, max_size=60), bit=st.integers(0, 4))
@settings(max_examples=100, deadline=None)
def test_no_two_texts_in_capitals_mean_one_token(token: bytes, bit: int) -> None:
    written = text(token)
    respelled = written[:-1] + ALPHABET[ALPHABET.index(written[-1]) ^ 1 << bit]

    assert read_or_code(respelled) != token


@pytest.mark.parametrize("name", vectors.TEXTS)
def test_reads_what_a_scanner_types(name: str) -> None:
    scanned, code = vectors.TEXTS[name]

    assert read_or_code(scanned) == (code or vectors.GOOD)


def test_the_vectors_are_what_the_network_writes() -> None:
    assert vectors.PATH.read_text() == vectors.written(), "run tests/token/gc1_vectors.py and review the change"
