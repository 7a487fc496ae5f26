"""A guest's certificate from the salon's bill to the restaurant's, over HTTP, and what is written down of it."""

from tests.api.street import TERMS, Server, Street


def test_a_certificate_goes_from_a_bill_to_a_phone_to_a_friend_to_a_bill(server: Server) -> None:
    street = Street.found(server, "story")  # nobody else owes anything there
    payment_id = street.bill()
    option = street.only_option(payment_id)
    assert (option["fits"], option["face"], option["acceptor_name"]) == (True, 500, "restaurant")

    paper = street.paper()
    seen = street.done("POST", "/v1/open", None, {"token": paper["token"]})
    assert (seen["slug"], seen["face"], seen["acceptor_name"], seen["counts"]) == ("story", 500, "restaurant", True)

    held = street.done("POST", "/v1/claims", street.wallet, {"token": paper["token"]})
    copy = street.done("GET", f"/v1/certificates/{held['certificate_id']}/copy", street.wallet)
    assert {name: copy[name] for name in ("token", "typed_code", "link")} == {
        name: held[name] for name in ("token", "typed_code", "link")
    }
    dead = street.call("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=paper["token"]))
    assert (dead.status_code, dead.json()["code"]) == (409, "certificate_claimed")

    passed = street.done("POST", f"/v1/certificates/{held['certificate_id']}/passing", street.wallet)
    _, friend = street.open_wallet()
    theirs = street.done("POST", "/v1/claims", friend, {"token": passed["link"]})
    asked = street.redeeming(typed_code=theirs["typed_code"].lower().replace("-", " "))
    redeemed = street.call("POST", "/v1/redemptions", street.restaurant.till, asked)
    assert redeemed.status_code == 200
    assert (redeemed.json()["deducted"], redeemed.json()["to_pay"]) == (500, 1_300)

    at = street.at(redeemed)
    listed = street.done("GET", "/v1/wallet/certificates", street.wallet, headers=at)["certificates"]
    assert [(one["state"], one["acceptor_name"]) for one in listed] == [("taken", "restaurant")]
    (owed,) = street.done("GET", "/v1/reports/obligations", street.salon.owner, headers=at)["obligations"]
    assert (owed["debtor_id"], owed["creditor_id"], owed["owed"]) == (street.salon.id, street.restaurant.id, 500)
    balances = street.done("GET", "/v1/reports/balances", street.organizer, headers=at)["balances"]
    assert sum(one["net"] for one in balances) == 0
    what = street.done("GET", f"/v1/certificates/{held['certificate_id']}/history", street.restaurant.owner, headers=at)
    assert [line["what"] for line in what["history"]] == ["Issued", "Claimed", "PassedOn", "Claimed", "Redeemed"]
    street.http.close()


def test_an_undone_redemption_can_be_used_again(street: Street) -> None:
    paper = street.paper()
    redeemed = street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=paper["token"]))

    path = f"/v1/certificates/{paper['certificate_id']}/redemptions/{redeemed['redemption_id']}/reversal"
    undone = street.done("POST", path, street.restaurant.till, {"reason": "wrong table"})

    assert (undone["state"], undone["outstanding"]) == ("active", 500)


def test_options_say_why_an_agreement_does_not_fit(street: Street) -> None:
    payment_id = street.bill(1_000)

    option = street.only_option(payment_id)

    assert option["fits"] is False
    assert option["refusal"]["code"] == "bill_too_small_to_issue"


def test_options_know_the_limits(street: Street) -> None:
    street.shops["florist"] = street.join("florist")
    agreement_id = street.agree("florist", "restaurant", TERMS)
    cap = {"scope": f"agreement:{agreement_id}", "limit": 0, "reason": "the budget is used up"}
    street.done("PUT", "/v1/caps", street.organizer, cap)

    option = street.only_option(street.bill(shop="florist"), "florist")

    assert option["refusal"]["code"] == "cap_reached"


def test_a_refund_gives_back_money_and_a_certificate(street: Street) -> None:
    paper = street.paper()
    asked = street.redeeming(token=paper["token"])
    street.done("POST", "/v1/redemptions", street.restaurant.till, asked)
    bill = {"bill_reference": asked["bill_reference"], "amount": 1_800, "currency": "EUR"}
    payment_id = street.done("POST", "/v1/payments", street.restaurant.till, bill)["payment_id"]

    refund = {"refund_id": paper["certificate_id"], "amount": 1_800}
    refunded = street.done("POST", f"/v1/payments/{payment_id}/refunds", street.restaurant.till, refund)

    assert refunded["cash"] == 1_300
    assert [one["face"] for one in refunded["certificates"]] == [500]


def test_a_stock_is_set_aside_handed_out_and_given_back(street: Street) -> None:
    bakery = street.shops["bakery"] = street.join("bakery")
    agreement_id = street.agree("bakery", "restaurant", TERMS)
    allotment_id = agreement_id[:-4] + "beef"
    asked = {
        "allotment_id": allotment_id,
        "agreement_id": agreement_id,
        "number": 3,
        "face": 700,
        "last_on": "2099-12-31",
    }
    made = street.call("POST", "/v1/allotments", street.restaurant.owner, asked)
    choice = {"certificate_id": allotment_id[:-4] + "cafe", "agreement_id": agreement_id}
    path = f"/v1/payments/{street.bill(shop='bakery')}/certificates"
    issued = street.done("POST", path, bakery.till, {"choices": [{**choice, "allotment_id": allotment_id}]})

    back = street.call("POST", f"/v1/allotments/{allotment_id}/returns", bakery.owner, {"number": 1})

    assert made.status_code == 200
    assert issued["certificates"][0]["face"] == 700
    assert back.json()["left"] == 1
    (stock,) = street.done("GET", "/v1/allotments", bakery.owner, headers=street.at(back))["allotments"]
    assert (stock["remaining"], stock["handed_out"]) == (1, 1)
