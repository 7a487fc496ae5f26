"""A month closed over HTTP: from the cut to money that arrived, each seeing what is theirs."""

from typing import Any

import pytest
from lxml import etree

from tests.api.street import Shop, Street, an_id
from tests.banking.test_pain001 import schema
from tests.banking.world import iban_of
from tests.settlement.banks import row, table

IBANS = {"salon": iban_of(11), "restaurant": iban_of(12)}


@pytest.fixture(scope="module")
def closed(street: Street) -> dict[str, Any]:
    """Window 1, in which the salon owes the restaurant 500, closed up to its instruction; what each step answered."""
    for name, iban in IBANS.items():
        shop = street.shops[name]
        known = street.done("PUT", f"/v1/bank-details/{shop.id}", shop.owner, {"iban": iban, "bic": "HABALV22"})
        assert known == {"party_id": shop.id, "known": True}
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=street.paper()["token"]))
    steps = {"preview": street.done("GET", "/v1/netting", street.organizer, headers=seen(street))}
    steps["cut"] = street.done("POST", "/v1/windows/1/cut", street.organizer, {"method": "loops", "review_days": 3})
    steps["stated"] = street.done("POST", "/v1/windows/1/statement", street.organizer)
    early = street.call("POST", "/v1/windows/1/agreement", street.organizer)
    assert (early.status_code, early.json()["code"]) == (409, "review_not_over")
    steps["first consent"] = street.done("POST", "/v1/windows/1/consent", street.salon.owner)
    steps["consent"] = street.done("POST", "/v1/windows/1/consent", street.restaurant.owner)
    steps["instructed"] = street.done("POST", "/v1/windows/1/instruction", street.organizer, {})
    (steps["payout"],) = street.done("GET", "/v1/windows/1/payouts", street.organizer, headers=seen(street))["payouts"]
    return steps


def seen(street: Street) -> dict[str, str]:
    return {"Pollen-Position": str(street.position)}


def refused(street: Street, method: str, path: str, secret: str, json: Any = None) -> tuple[int, str]:
    answer = street.call(method, path, secret, json)
    return answer.status_code, answer.json()["code"]


def upload(street: Street, content: bytes, secret: str | None = None, key: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {secret or street.organizer}", "Idempotency-Key": key or an_id()}
    answer = street.http.post("/v1/bank-files", headers=headers, content=content)
    street.position = max(street.position, int(answer.headers.get("Pollen-Position", 0)))
    return answer


def test_every_step_says_how_far_the_window_is(closed: dict[str, Any]) -> None:
    states = [closed[name]["state"] for name in ("cut", "stated", "first consent", "consent", "instructed")]

    assert states == ["cut", "stated", "stated", "agreed", "instructed"]
    assert closed["stated"]["to_pay"] == closed["instructed"]["to_pay"] == 500
    assert closed["preview"]["number"] == 1
    payout = closed["payout"]
    assert (payout["debtor"], payout["creditor"], payout["missing"], payout["standing"]) == (
        "salon", "restaurant", 500, "open",
    )  # fmt: skip
    assert payout["not_by_bank"] is None


def test_a_statement_is_read_line_by_line_and_only_by_its_party(street: Street, closed: dict[str, Any]) -> None:
    path = f"/v1/windows/1/statements/{street.restaurant.id}"

    own = street.done("GET", path, street.restaurant.owner)
    everybody = street.done("GET", "/v1/windows/1/statements", street.organizer)

    assert own["opening"] + sum(line["amount"] for line in own["lines"]) == own["closing"] == 500
    assert (own["more"], own["lines"][0]["bill"]) == (False, 1_800)
    assert street.done("GET", f"{path}?after={own['next_after']}", street.restaurant.owner)["lines"] == []
    assert sum(one["closing"] for one in everybody["statements"]) == 0
    assert refused(street, "GET", path, street.salon.owner) == (403, "not_your_merchant")
    mine = street.done("GET", "/v1/windows/1/statements", street.salon.owner)
    assert ([one["closing"] for one in mine["statements"]], "netting" in mine) == ([-500], False)


def test_an_owner_sees_no_sums_of_others(street: Street, closed: dict[str, Any]) -> None:
    (of_owner,) = street.done("GET", "/v1/windows", street.salon.owner)["windows"]
    of_organizer = street.done("GET", "/v1/windows/1", street.organizer)

    assert "gross" in of_organizer
    assert not {"gross", "to_pay", "missing"} & of_owner.keys()
    bakery = street.join("bakery")
    assert street.done("GET", "/v1/windows/1/payouts", bakery.owner)["payouts"] == []
    reference = closed["payout"]["end_to_end_id"]
    assert refused(street, "GET", f"/v1/payouts/{reference}", bakery.owner) == (404, "payout_not_found")
    assert refused(street, "POST", "/v1/windows/1/consent", bakery.owner)[0] in (403, 409)


def test_a_debtor_takes_its_own_file_to_its_bank(street: Street, closed: dict[str, Any]) -> None:
    path = f"/v1/windows/1/payouts/{street.salon.id}/pain.001.xml"

    first, again = (street.call("GET", path, secret) for secret in (street.salon.owner, street.organizer))

    schema().assertValid(etree.fromstring(first.content))
    assert first.content == again.content
    assert first.headers["Content-Type"].startswith("application/xml")
    assert refused(street, "GET", path, street.restaurant.owner) == (403, "not_your_merchant")
    other = f"/v1/windows/1/payouts/{street.restaurant.id}/pain.001.xml"
    assert refused(street, "GET", other, street.organizer) == (409, "no_payment_file")
    both = (street.organizer, street.restaurant.owner)
    whole, part = (street.call("GET", "/v1/windows/1/payouts.csv", secret).text for secret in both)
    assert IBANS["salon"] in whole
    assert len(part.splitlines()) == 1


def test_bank_details_are_their_owners_own(street: Street, closed: dict[str, Any]) -> None:
    path = f"/v1/bank-details/{street.salon.id}"

    assert street.done("GET", path, street.salon.owner)["details"]["iban"] == IBANS["salon"]
    assert street.done("GET", path, street.salon.owner)["details"]["holder"] == "salon"
    assert refused(street, "GET", path, street.restaurant.owner) == (403, "not_your_merchant")
    assert refused(street, "PUT", path, street.salon.owner, {"iban": "LV00HABA0551000000001"}) == (
        422, "iban_check_digits_wrong",
    )  # fmt: skip
    assert refused(street, "PUT", f"/v1/bank-details/{an_id()}", street.organizer, {"iban": IBANS["salon"]}) == (
        404, "party_not_found",
    )  # fmt: skip
    fresh: Shop = street.join("flowers")
    street.done("PUT", f"/v1/bank-details/{fresh.id}", fresh.owner, {"iban": iban_of(13)})
    street.done("DELETE", f"/v1/bank-details/{fresh.id}", fresh.owner)
    assert street.done("GET", f"/v1/bank-details/{fresh.id}", fresh.owner)["details"] is None


def test_what_banks_answer_is_booked_and_money_that_comes_back_opens_the_window(
    street: Street, closed: dict[str, Any]
) -> None:
    reference = closed["payout"]["end_to_end_id"]
    path = f"/v1/payouts/{reference}"
    assert street.done("POST", f"{path}/reminders", street.organizer)["missing"] == 500
    assert refused(street, "POST", f"{path}/reminders", street.organizer) == (409, "reminded_already")

    key = an_id()
    file = table(row(IBANS["restaurant"], "5.00", reference, bank="A"), row(IBANS["restaurant"], "1.00", bank="B"))
    first, again = upload(street, file, key=key), upload(street, file, key=key)
    assert (first.status_code, first.content) == (200, again.content)
    assert (first.json()["matched"], first.json()["unmatched"]) == (1, 1)
    once_more = upload(street, file)
    assert (once_more.status_code, once_more.json()["code"]) == (409, "bank_file_loaded_before")
    assert street.done("GET", "/v1/windows/1", street.organizer, headers=seen(street))["state"] == "settled"
    assert upload(street, b"<html>").json()["code"] == "bank_file_unreadable"
    assert upload(street, table(row("LV97HABA0012345678910", "1.00"))).json()["code"] == "bank_file_of_another_iban"
    assert upload(street, file, street.salon.owner).json()["code"] == "role_not_allowed"

    upload(street, table(row(IBANS["restaurant"], "-5.00", reference, bank="back")))
    assert street.done("GET", "/v1/windows/1", street.organizer, headers=seen(street))["state"] == "instructed"
    shown = street.done("GET", path, street.salon.owner, headers=seen(street))
    assert ([one["amount"] for one in shown["bookings"]], shown["standing"]) == ([500, -500], "returned")
    (due,) = street.done("GET", "/v1/payouts", street.restaurant.owner, headers=seen(street))["payouts"]
    assert (due["missing"], due["days_late"], due["reminders"]) == (500, 0, 1)
    assert street.done("GET", "/v1/payouts?late=true", street.organizer)["payouts"] == []

    cash = {"confirmation_id": an_id(), "amount": 400, "cause": "in cash"}
    assert refused(street, "POST", f"{path}/confirmations", street.salon.owner, cash) == (403, "not_your_payment")
    street.done("POST", f"{path}/confirmations", street.restaurant.owner, cash)
    taken_back = {"line": cash["confirmation_id"], "reason": "counted wrong"}
    assert street.done("POST", f"{path}/withdrawals", street.restaurant.owner, taken_back)["paid"] == 0
    street.done("POST", f"{path}/confirmations", street.organizer, cash | {"confirmation_id": an_id()})

    (line,) = street.done("GET", "/v1/bank-lines", street.organizer, headers=seen(street))["lines"]
    assert (line["amount"], line["why"]) == (100, "no_reference")
    assign = f"/v1/bank-lines/{line['line']}/assignment"
    assigned = street.done("POST", assign, street.organizer, {"end_to_end_id": reference})
    assert (assigned["paid"], assigned["state"]) == (500, "settled"), "500 - 500 + 100 by the bank, 400 in cash"
