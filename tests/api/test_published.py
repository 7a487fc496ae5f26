"""What partners fetch: keys that their own verifier trusts, and QR codes that an ordinary reader reads."""

import time
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from merchants import keys as partner_keys
from merchants import token as partner_token
from network.token import from_text
from tests.api.street import Street


def fetched(street: Street) -> partner_keys.KeySet:
    root = street.done("GET", f"/v1/coalitions/{street.slug}")["root_key"]
    pinned = partner_keys.VerifyKey.of(
        bytes.fromhex(root["kid"]), root["algorithm"], urlsafe_b64decode(root["public_key"] + "=")
    )
    answer = street.http.get(f"/.well-known/pollen/{street.slug}/keys.cose")
    assert answer.headers["Content-Type"] == "application/cose"
    assert "max-age" in answer.headers["Cache-Control"]
    return partner_keys.open_key_set(answer.content, [pinned], at=int(time.time()))


def test_a_partners_verifier_accepts_the_key_set_and_a_token(street: Street) -> None:
    paper = street.paper()
    time.sleep(5.1)  # a key set is kept for five seconds, and this shop's key is new

    key_set = fetched(street)
    claims = partner_token.verify(from_text(paper["token"]), key_set, at=datetime.now(UTC))

    assert str(claims.certificate_id) == paper["certificate_id"]
    assert (
        partner_keys.read_jwks(street.done("GET", f"/.well-known/pollen/{street.slug}/keys.jwks")).keys.keys()
        == key_set.keys.keys()
    )


def test_a_rotated_key_is_published_at_once_and_old_certificates_still_count(street: Street) -> None:
    paper, before = street.paper(), fetched(street)
    path, key = f"/v1/merchants/{street.salon.id}/keys/rotation", "rotate-once"

    first, again = (street.call("POST", path, street.salon.owner, {"leaked": True}, key=key) for _ in range(2))
    after = fetched(street)

    assert first.content == again.content
    assert after.version > before.version
    assert len(after.keys) == len(before.keys) + 1
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=paper["token"]))
    new = street.paper()
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=new["token"]))


@pytest.mark.parametrize("with_code", [False, True])
def test_the_picture_says_what_the_link_says(street: Street, with_code: bool) -> None:
    copy = street.done("POST", "/v1/claims", street.wallet, {"token": street.paper()["token"]})

    picture = street.call("POST", "/v1/qr.png", street.wallet, {"token": copy["token"], "with_code": with_code})
    drawing = street.call("POST", "/v1/qr.svg", street.wallet, {"token": copy["link"]})

    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture.content)).convert("L"))
    assert found.text == copy["link"]
    assert (picture.headers["Content-Type"], drawing.headers["Content-Type"]) == ("image/png", "image/svg+xml")
    assert drawing.text.startswith("<svg")


def test_only_our_own_tokens_are_drawn(street: Street, elsewhere: Street) -> None:
    answer = street.call("POST", "/v1/qr.png", street.wallet, {"token": elsewhere.paper()["token"]})

    assert (answer.status_code, answer.json()["code"]) == (422, "token_key_unknown")
