"""What is on record of a shop, and what programs may do for it."""

from collections.abc import Iterator
from html import unescape
from uuid import UUID

import httpx
import pytest

from network.credentials import find_credential
from tests.api.street import Street
from tests.api.test_webhooks import Receiver
from tests.banking.world import iban_of
from tests.pages.owners import owner, page, send
from tests.pages.visitors import Visitor
from tests.support import HandClock

HERE = "/shop/profile"
PROGRAMS = f"{HERE}/programs"


@pytest.fixture
def anna(anna: Visitor) -> Visitor:
    """The salon's owner, who showed a moment ago who she is: a test may let hours pass."""
    anna.come_back("anna")
    return anna


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.close()


def secret_in(answer: httpx.Response) -> str:
    return unescape(answer.text.split('id="secret">')[1].split("<")[0])


def test_guests_read_the_new_address(street: Street, anna: Visitor) -> None:
    assert send(anna, f"{HERE}/change", category="nails", address="").status_code == 422
    assert send(anna, f"{HERE}/change", category="nails", address="Brivibas 12").status_code == 303

    assert 'value="Brivibas 12"' in page(anna, street, HERE)
    me = street.done("GET", f"/v1/merchants/{street.salon.id}", street.restaurant.owner)
    assert (me["category"], me["address"], me["name"]) == ("nails", "Brivibas 12", "salon")


def test_a_mistyped_iban_is_refused_in_plain_words_and_a_right_one_kept(street: Street, anna: Visitor) -> None:
    iban = iban_of(7)
    swapped = iban[:-3] + iban[-2] + iban[-3] + iban[-1] if iban[-2] != iban[-3] else iban[:-1] + "9"

    refused = send(anna, f"{HERE}/bank", iban=swapped)
    assert refused.status_code == 422
    assert "Something in this IBAN is mistyped" in refused.text
    assert "No bank account is on record." in page(anna, street, HERE)

    assert send(anna, f"{HERE}/bank", iban=f" {iban[:4]} {iban[4:]} ").status_code == 303
    assert " ".join(iban[at : at + 4] for at in range(0, len(iban), 4)) in page(anna, street, HERE)
    assert send(anna, f"{HERE}/bank/remove").status_code == 303
    assert "No bank account is on record." in page(anna, street, HERE)


def test_taxes_are_typed_as_people_do(street: Street, anna: Visitor) -> None:
    assert send(anna, f"{HERE}/tax", country="lv", rates="a lot", valid_from="2026-01-01").status_code == 422
    assert send(anna, f"{HERE}/tax", country="lv", rates="21; 12,5 %", valid_from="2026-01-01").status_code == 303

    assert "LV, 21%, 12.5%" in page(anna, street, HERE)


def test_a_new_key_signs_and_the_old_certificate_still_counts(street: Street, anna: Visitor) -> None:
    issued = street.paper()
    before = keys(street)
    assert send(anna, f"{HERE}/key").status_code == 303

    assert len(keys(street)) == len(before) + 1
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=issued["token"]))


def keys(street: Street) -> list[object]:
    coalition = street.server.app.state.service.coalitions.open(street.slug)
    return [one for one in coalition.keyring.all() if one.merchant_id == UUID(street.salon.id)]


def test_a_program_gets_a_key_once_a_new_one_and_none(street: Street, anna: Visitor) -> None:
    first = secret_in(send(anna, f"{PROGRAMS}/credentials", label="Counter program"))
    assert street.done("GET", "/v1/me", first)["role"] == "till"
    assert "Counter program" in page(anna, street, PROGRAMS)
    assert first not in page(anna, street, PROGRAMS)

    credential_id = street.done("GET", "/v1/me", first)["credential_id"]
    second = secret_in(send(anna, f"{PROGRAMS}/credentials/rotate", credential_id=credential_id))
    assert street.call("GET", "/v1/me", first).status_code == 401
    assert street.call("GET", "/v1/me", second).status_code == 200

    assert send(anna, f"{PROGRAMS}/credentials/revoke", credential_id=credential_id).status_code == 303
    assert street.call("GET", "/v1/me", second).status_code == 401
    coalition = street.server.app.state.service.coalitions.open(street.slug)
    assert find_credential(coalition, UUID(credential_id)).revoked_at is not None  # type: ignore[union-attr]


def test_a_webhook_is_tested_paused_and_removed(street: Street, anna: Visitor, receiver: Receiver) -> None:
    assert send(anna, f"{PROGRAMS}/webhooks", url="ftp://example.org/").status_code == 422
    secret = secret_in(send(anna, f"{PROGRAMS}/webhooks", url=receiver.url, about="money"))
    assert secret.startswith("whsec_")
    path = f"{PROGRAMS}/webhooks/" + page(anna, street, PROGRAMS).split(f"{PROGRAMS}/webhooks/")[1].split('"')[0]

    receiver.answers = [204, 500]
    assert "The test arrived: your program answered 204." in send(anna, f"{path}/test").text
    assert "The test did not arrive: answered 500" in unescape(send(anna, f"{path}/test").text)
    assert [b"Webhook.Test" in body for _, body in receiver.got] == [True, True]
    assert page(anna, street, path).count("Webhook.Test") == 2

    assert send(anna, f"{path}/pause").status_code == 303
    assert "paused" in page(anna, street, path)
    assert send(anna, f"{path}/resume").status_code == 303
    assert send(anna, f"{path}/remove").status_code == 303
    assert anna.get(path).status_code == 404


def test_dangerous_acts_ask_again_who_it_is(street: Street, clock: HandClock, anna: Visitor) -> None:
    clock.move(minutes=11)

    for path in (f"{HERE}/key", f"{HERE}/leave", f"{HERE}/bank", f"{PROGRAMS}/credentials"):
        answer = send(anna, path, reason="x", sure="yes", iban=iban_of(3), label="x")
        assert "Is it you?" in answer.text, path
    assert street.done("GET", f"/v1/merchants/{street.salon.id}", street.salon.owner)["state"] == "admitted"


def test_a_shop_leaves_when_it_means_it(street: Street, clock: HandClock) -> None:
    street.shops["kiosk"] = street.join("kiosk")
    kiosk = owner(street, clock, "kiosk", "zane")

    assert send(kiosk, f"{HERE}/leave", reason="Too little").status_code == 422
    assert send(kiosk, f"{HERE}/leave", reason="Too little", sure="yes").status_code == 303

    assert street.done("GET", f"/v1/merchants/{street.shops['kiosk'].id}", street.organizer)["state"] == "left"
    assert "Leave the network" not in page(kiosk, street, HERE)
    kiosk.http.close()
