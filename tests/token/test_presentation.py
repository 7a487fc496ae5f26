"""What a phone shows: the network's reader and the partner's, held to the same vectors."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from merchants import presentation as partner
from merchants.token import TokenRefused as PartnerRefused
from network import qr
from network.presentation import taken_apart, verify_presented
from network.public_keys import key_of_text, key_text
from network.token import TOKEN_BYTES_MAX, TokenRefused, from_text, text
from tests.token import gc1_live_vectors as live
from tests.token import gc1_vectors as static
from tests.token.test_partner_verifier import FROM_COSE

AT = datetime.fromtimestamp(live.AT, UTC)


@pytest.mark.parametrize("name", live.ACCEPTED)
def test_network_and_partner_accept(name: str) -> None:
    scanned, nonce, shown_at = live.ACCEPTED[name]

    claims, proved_at = verify_presented(scanned, static.KEYS, at=AT, nonce=nonce)
    _, seconds = partner.verify_presented(scanned, FROM_COSE, at=AT, nonce=nonce)

    assert replace(claims, holder_key=None) == static.CLAIMS
    assert proved_at == datetime.fromtimestamp(shown_at, UTC)
    assert seconds == shown_at


@pytest.mark.parametrize("name", live.REFUSED)
def test_network_and_partner_refuse(name: str) -> None:
    scanned, nonce, code = live.REFUSED[name]

    with pytest.raises(TokenRefused) as refused:
        verify_presented(scanned, static.KEYS, at=AT, nonce=nonce)
    with pytest.raises(PartnerRefused) as refused_by_partner:
        partner.verify_presented(scanned, FROM_COSE, at=AT, nonce=nonce)

    assert (refused.value.code, refused_by_partner.value.code) == (code, code)


def test_a_bearers_token_needs_no_phone() -> None:
    assert verify_presented(static.GOOD, static.KEYS, at=AT) == (static.CLAIMS, None)
    assert partner.verify_presented(static.GOOD, FROM_COSE, at=AT)[1] is None


def test_every_flipped_bit_is_refused() -> None:
    for bit in range(0, 8 * len(live._GOOD), 7):
        flipped = bytearray(live._GOOD)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(TokenRefused):
            verify_presented(bytes(flipped), static.KEYS, at=AT)
        with pytest.raises(PartnerRefused):
            partner.verify_presented(bytes(flipped), FROM_COSE, at=AT)


def test_an_old_picture_is_left_to_the_command_that_knows_its_repeats() -> None:
    old, _, _ = live.REFUSED["46 seconds old"]

    assert verify_presented(old, static.KEYS, at=None)[1] is not None


def test_fits_a_qr_of_version_13_for_either_kind_of_phone() -> None:
    sizes = {}
    for name, scanned in (("Ed25519", live._GOOD), ("P-256", live.ACCEPTED["a P-256 phone"][0])):
        assert from_text(f"https://pollen.example/v#{text(scanned)}") == scanned
        sizes[name] = (len(scanned), qr.version(qr.modules(qr.link("https://pollen.example", text(scanned)))))

    assert sizes == {"Ed25519": (265, 13), "P-256": (300, 14)}
    assert all(length <= TOKEN_BYTES_MAX for length, _ in sizes.values())


def test_a_holders_key_is_kept_as_text() -> None:
    for phone in (live.PHONE, live.P256_PHONE):
        assert key_of_text(key_text(phone.key)) == phone.key


def test_a_token_is_no_presentation() -> None:
    assert taken_apart(static.GOOD) is None


def test_the_vectors_are_what_they_were() -> None:
    assert live.PATH.read_text() == live.written(), "run tests/token/gc1_live_vectors.py and review the change"
