"""Campaigns, limits, and what tax asks, over HTTP."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.street import TERMS, Server, Street


@pytest.fixture(scope="module")
def street(server: Server) -> Street:
    return Street.found(server, "limits")


def issue(street: Street, agreement_id: str) -> Any:
    choice = {"certificate_id": str(uuid4()), "agreement_id": agreement_id}
    path = f"/v1/payments/{street.bill()}/certificates"
    return street.call("POST", path, street.salon.till, {"choices": [choice]})


def test_agreements_of_one_campaign_share_its_budget(street: Street) -> None:
    campaign = str(uuid4())
    unknown = {"agreement_id": str(uuid4()), "issuer_id": street.salon.id, "acceptor_id": street.restaurant.id}
    refused = street.call(
        "POST", "/v1/agreements", street.salon.owner, unknown | {"terms": TERMS | {"campaign_id": campaign}}
    )
    street.done("POST", "/v1/campaigns", street.organizer, {"campaign_id": campaign, "name": "Spring"})
    cap = {"scope": f"campaign:{campaign}", "limit": 1_000, "reason": "the spring budget"}
    street.done("PUT", "/v1/caps", street.organizer, cap)
    both = [street.agree("salon", "restaurant", TERMS | {"campaign_id": campaign}) for _ in range(2)]

    told = [issue(street, agreement) for agreement in (*both, *both)]

    assert (refused.status_code, refused.json()["code"]) == (404, "campaign_not_found")
    assert [answer.status_code for answer in told] == [200, 200, 409, 409]
    assert (told[2].json()["scope"], told[2].json()["available"]) == ("campaign", 0)
    shown = street.done("GET", "/v1/campaigns", street.salon.owner, headers={"Pollen-Position": str(street.position)})
    assert [(one["campaign_id"], one["name"]) for one in shown["campaigns"]] == [(campaign, "Spring")]


def test_a_redemption_says_what_was_supplied_at_which_rate(street: Street) -> None:
    path = f"/v1/merchants/{street.restaurant.id}/tax"
    taxes = {"country": "LV", "rates": [2_100, 500], "valid_from": "2020-01-01"}
    other = street.call("PUT", path, street.salon.owner, taxes)
    street.done("PUT", path, street.restaurant.owner, taxes)
    sold = [{"rate": 2_100, "amount": 1_300}, {"rate": 500, "amount": 500}]
    paper = street.paper()

    wrong = street.redeeming(
        token=paper["token"], sold=[{"rate": 2_100, "amount": 1_800}, {"rate": 1_200, "amount": 0}]
    )
    refused = street.call("POST", "/v1/redemptions", street.restaurant.till, wrong)
    done = street.call(
        "POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=paper["token"], sold=sold)
    )

    assert (other.status_code, refused.status_code, refused.json()["code"]) == (403, 422, "invalid_tax")
    after = int(done.headers["Pollen-Position"]) - 5
    events = street.done("GET", f"/v1/events?after={after}&limit=50", street.organizer)["events"]
    (redeemed,) = [one["facts"] for one in events if one["topic"] == "Certificate.Redeemed"]
    assert redeemed["supply"] == {
        "instrument": "third_party_funded",
        "country": "LV",
        "funded": 500,
        "parts": [{"rate": 2_100, "amount": 361}, {"rate": 500, "amount": 139}],
    }
    wait = {"Pollen-Position": str(street.position)}
    (record,) = street.done("GET", path.removesuffix("/tax"), street.organizer, headers=wait)["tax"]
    assert (record["country"], record["rates"], record["valid_from"]) == ("LV", [2_100, 500], "2020-01-01")
