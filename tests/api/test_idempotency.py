"""The same key again: the same status and the same bytes, also for a refusal, and for nothing else."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.api.street import Street, an_id


def test_a_repeated_redemption_is_answered_byte_for_byte(street: Street) -> None:
    asked = street.redeeming(token=street.paper()["token"])

    first, again = (
        street.call("POST", "/v1/redemptions", street.restaurant.till, asked, key="redeem-once") for _ in range(2)
    )

    assert first.status_code == 200
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["Pollen-Position"] == first.headers["Pollen-Position"]


def test_a_repeated_refusal_stays_a_refusal(street: Street) -> None:
    paper = street.paper()
    asked = street.redeeming(token=paper["token"]) | {"bill": 100}
    cap = {"scope": f"agreement:{street.agreement_id}", "limit": 0, "reason": "none left"}
    street.done("PUT", "/v1/caps", street.organizer, cap)
    path = f"/v1/payments/{street.bill()}/certificates"
    choices = {"choices": [{"certificate_id": an_id(), "agreement_id": street.agreement_id}]}

    first = street.call("POST", path, street.salon.till, choices, key="refused-once")
    street.lift(cap["scope"])
    again = street.call("POST", path, street.salon.till, choices, key="refused-once")

    assert (first.status_code, first.json()["code"]) == (409, "cap_reached")
    assert (again.status_code, again.content) == (409, first.content)
    assert street.done("POST", "/v1/redemptions", street.restaurant.till, asked)["deducted"] == 100


@pytest.mark.parametrize("other", ["another body", "another route"])
def test_a_key_used_for_something_else_is_a_conflict(street: Street, other: str) -> None:
    key = str(uuid4())
    bill = {"bill_reference": f"bill {key}", "amount": 1_000, "currency": "EUR"}
    street.done("POST", "/v1/payments", street.salon.till, bill, key=key)

    if other == "another body":
        answer = street.call("POST", "/v1/payments", street.salon.till, bill | {"amount": 1_001}, key=key)
    else:
        answer = street.call("POST", f"/v1/payments/{an_id()}/refunds", street.salon.till,
                             {"refund_id": an_id(), "amount": 1}, key=key)  # fmt: skip

    assert (answer.status_code, answer.json()["code"]) == (409, "request_conflict")


def test_another_shop_may_use_the_same_key(street: Street) -> None:
    bill = {"bill_reference": "the same words", "amount": 1_000, "currency": "EUR"}

    first = street.done("POST", "/v1/payments", street.salon.till, bill, key="monday-1")
    second = street.done("POST", "/v1/payments", street.restaurant.till, bill, key="monday-1")

    assert first["payment_id"] != second["payment_id"]


@pytest.mark.parametrize(("key", "code"), [
    (None, "idempotency_key_missing"),
    ("", "idempotency_key_invalid"),
    ("a" * 65, "idempotency_key_invalid"),
    ("with space", "idempotency_key_invalid"),
])  # fmt: skip
def test_a_command_needs_a_key(street: Street, key: str | None, code: str) -> None:
    headers = {"Authorization": f"Bearer {street.salon.till}"} | ({} if key is None else {"Idempotency-Key": key})
    bill = {"bill_reference": "b", "amount": 1_000, "currency": "EUR"}

    answer = street.http.post("/v1/payments", headers=headers, json=bill)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_an_application_repeats_its_secret_only_for_its_own_key(street: Street) -> None:
    asked = {"merchant_id": an_id(), "name": "Bakery", "category": "food", "address": "Corner 2"}
    path, key = f"/v1/coalitions/{street.slug}/merchants", str(uuid4())

    first, again = (street.call("POST", path, None, asked, key=key) for _ in range(2))
    stranger = street.call("POST", path, None, asked)
    guessable = street.call("POST", path, None, asked, key="apply-1")

    assert first.status_code == 200
    assert again.content == first.content
    assert (stranger.status_code, stranger.json()["code"]) == (409, "merchant_conflict")
    assert (guessable.status_code, guessable.json()["code"]) == (400, "idempotency_key_invalid")


def test_one_key_sent_by_many_at_once_takes_effect_once(street: Street) -> None:
    asked = street.redeeming(token=street.paper()["token"])

    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(
                lambda _: street.call("POST", "/v1/redemptions", street.restaurant.till, asked, key="at-once"),
                range(16),
            )
        )

    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
