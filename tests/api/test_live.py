"""A certificate that lives in a phone, over HTTP: shown live, bound again, printed, said as a code."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from network.public_keys import Algorithm
from tests.api.phones import Phone
from tests.api.street import TERMS, Server, Street, serving
from tests.support import HandClock

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture(scope="module")
def server(module_database_url: str, clock: HandClock) -> Iterator[Server]:
    with serving(module_database_url, clock=clock) as running:
        yield running


def in_phone(street: Street, phone: Phone) -> Any:
    asked = {"token": street.paper()["token"], "holder_key": phone.key}
    return street.done("POST", "/v1/claims", street.wallet, asked)


def refused(street: Street, **presented: Any) -> str:
    answer = street.call("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(**presented))
    assert answer.status_code != 200
    return str(answer.json()["code"])


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_live_certificate_is_redeemed_as_the_phone_shows_it(
    street: Street, clock: HandClock, algorithm: Algorithm
) -> None:
    phone = Phone(algorithm=algorithm)
    held = in_phone(street, phone)
    assert held["typed_code"] is None

    shows = phone.shows(held["token"], clock.now)
    worth = street.done("POST", "/v1/presented", street.restaurant.till, {"token": shows})
    done = street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=shows))

    assert (worth["counts"], done["deducted"]) == (True, 500)


def test_the_bare_token_of_a_phones_certificate_is_worth_nothing(street: Street) -> None:
    held = in_phone(street, Phone())

    assert refused(street, token=held["token"]) == "token_proof_missing"
    assert refused(street, token=Phone(52).shows(held["token"], NOW)) == "token_proof_invalid"


def test_a_screenshot_is_refused_after_45_seconds_and_the_till_is_told_before(street: Street, clock: HandClock) -> None:
    phone = Phone()
    held = in_phone(street, phone)
    screenshot = phone.shows(held["token"], clock.now)

    clock.move(seconds=46)

    worth = street.done("POST", "/v1/presented", street.restaurant.till, {"token": screenshot})
    assert (worth["counts"], worth["refusal"]["code"]) == (False, "proof_stale")
    assert refused(street, token=screenshot) == "proof_stale"
    fresh = phone.shows(held["token"], clock.now)
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=fresh))


def test_a_lost_answer_is_repeated_although_the_proof_is_old_by_then(street: Street, clock: HandClock) -> None:
    phone = Phone()
    held = in_phone(street, phone)
    asked, key = street.redeeming(token=phone.shows(held["token"], clock.now)), str(uuid4())
    first = street.call("POST", "/v1/redemptions", street.restaurant.till, asked, key=key)

    clock.move(minutes=10)
    again = street.call("POST", "/v1/redemptions", street.restaurant.till, asked, key=key)

    assert (first.status_code, again.content) == (200, first.content)


def test_of_many_tills_with_one_screenshot_one_redeems_a_part(street: Street, clock: HandClock) -> None:
    street.shops["spa"] = street.join("spa")
    terms = TERMS | {"partial_redemption": True}
    agreement_id = street.agree("salon", "spa", terms)
    choice = {"certificate_id": str(uuid4()), "agreement_id": agreement_id}
    path = f"/v1/payments/{street.bill()}/certificates"
    (paper,) = street.done("POST", path, street.salon.till, {"choices": [choice]})["certificates"]
    phone = Phone()
    held = street.done("POST", "/v1/claims", street.wallet, {"token": paper["token"], "holder_key": phone.key})
    shows = phone.shows(held["token"], clock.now)
    bills = [street.redeeming(token=shows, amount=10) for _ in range(24)]

    with ThreadPoolExecutor(8) as tills:
        answers = list(
            tills.map(lambda one: street.call("POST", "/v1/redemptions", street.shops["spa"].till, one), bills)
        )

    codes = sorted(one.json().get("code", "done") for one in answers)
    assert codes == ["done"] + ["proof_used"] * 23


def test_a_phone_that_lost_its_key_binds_again_and_the_old_key_is_dead(street: Street, clock: HandClock) -> None:
    lost, new = Phone(), Phone(52)
    held = in_phone(street, lost)
    asked = {"holder_key": new.key}

    bound = street.done("POST", f"/v1/certificates/{held['certificate_id']}/binding", street.wallet, asked)

    assert bound["epoch"] == held["epoch"] + 1
    assert refused(street, token=lost.shows(held["token"], clock.now)) == "certificate_rebound"
    street.done(
        "POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=new.shows(bound["token"], clock.now))
    )


def test_paper_is_a_bearers_and_kills_the_phones_copy(street: Street, clock: HandClock) -> None:
    phone = Phone()
    held = in_phone(street, phone)

    answer = street.call("POST", f"/v1/certificates/{held['certificate_id']}/printing", street.wallet)
    paper = answer.json()

    assert refused(street, token=phone.shows(held["token"], clock.now)) == "certificate_printed"
    listed = street.done("GET", "/v1/wallet/certificates", street.wallet, headers=street.at(answer))["certificates"]
    assert next(one["state"] for one in listed if one["certificate_id"] == held["certificate_id"]) == "printed"
    assert paper["holder_key"] is None
    done = street.redeeming(typed_code=paper["typed_code"])
    assert street.done("POST", "/v1/redemptions", street.restaurant.till, done)["deducted"] == 500


def test_a_code_is_asked_for_and_lives_five_minutes(street: Street, clock: HandClock) -> None:
    held = in_phone(street, Phone())
    path = f"/v1/certificates/{held['certificate_id']}/code"
    first = street.done("POST", path, street.wallet)
    second = street.done("POST", path, street.wallet)

    assert refused(street, typed_code=first["typed_code"]) == "certificate_not_found"
    clock.move(minutes=6)
    assert refused(street, typed_code=second["typed_code"]) == "proof_stale"
    third = street.done("POST", path, street.wallet)
    asked = street.redeeming(typed_code=third["typed_code"])
    assert street.done("POST", "/v1/redemptions", street.restaurant.till, asked)["deducted"] == 500


def test_nobody_else_asks_for_a_code_or_binds_or_prints(street: Street) -> None:
    held = in_phone(street, Phone())
    _, stranger = street.open_wallet()

    for what, asked in (("code", None), ("printing", None), ("binding", {"holder_key": Phone(52).key})):
        answer = street.call("POST", f"/v1/certificates/{held['certificate_id']}/{what}", stranger, asked)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_the_holder")


WEAK = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"  # the identity point: one signature fits every message


@pytest.mark.parametrize(
    "changes",
    [
        {"x": WEAK},
        {"x": "A" * 43},
        {"x": "7f_______________________________________38"},
        {"crv": "P-256"},
        {"y": "A" * 43},
        {"kty": "EC", "crv": "P-256", "y": "A" * 43},
    ],
    ids=str,
)  # fmt: skip
def test_a_key_that_cannot_be_trusted_is_refused_and_nothing_is_claimed(
    street: Street, changes: dict[str, str]
) -> None:
    paper = street.paper()
    asked = {"token": paper["token"], "holder_key": Phone().key | changes}

    answer = street.call("POST", "/v1/claims", street.wallet, asked)

    assert (answer.status_code, answer.json()["code"]) == (422, "holder_key_refused")
    street.done("POST", "/v1/claims", street.wallet, {"token": paper["token"]})


def test_a_live_qr_opened_by_a_stranger_says_that_it_is_in_a_phone(street: Street, clock: HandClock) -> None:
    phone = Phone()
    held = in_phone(street, phone)

    seen = street.done("POST", "/v1/open", None, {"token": phone.shows(held["token"], clock.now - timedelta(hours=1))})

    assert (seen["in_wallet"], seen["slug"]) == (True, "street")
