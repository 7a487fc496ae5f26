"""Campaigns, limits, and what tax asks, over HTTP."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import pytest

from tests.api.street import TERMS, Server, Street


@pytest.fixture(scope="module")
def founded(server: Server) -> Iterator[Callable[[str], Street]]:
    """Streets by the names that tests give them."""
    with ExitStack() as clients:

        def found(slug: str) -> Street:
            street = Street.found(server, slug)
            clients.callback(street.http.close)
            return street

        yield found


@pytest.fixture(scope="module")
def street(founded: Callable[[str], Street]) -> Street:
    return founded("limits")


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


def propose(street: Street, secret: str, scope: str, limit: int | None) -> Any:
    asked = {"raise_id": str(uuid4()), "scope": scope, "limit": limit, "reason": "they pay on time"}
    return street.call("POST", "/v1/caps/raises", secret, asked)


def test_twelve_months_value_is_warned_of_from_80_percent_of_the_limit(founded: Callable[[str], Street]) -> None:
    street = founded("twelve-months")
    redeeming = street.redeeming(token=street.paper()["token"])
    street.done("POST", "/v1/redemptions", street.restaurant.till, redeeming)

    def report() -> Any:
        headers = {"Pollen-Position": str(street.position)}
        return street.done("GET", "/v1/reports/limited-network", street.organizer, headers=headers)

    found = {}
    euro = report()
    for limit in (626, 625, 500, 499):
        asked = {"limit": limit, "source": "a lawyer", "rate_on": "2026-03-02"}
        street.done("PUT", "/v1/reports/limited-network/limit", street.organizer, asked)
        (country,) = report()["countries"]
        found[limit] = (country["value"], country["state"])

    assert (euro["limit"], euro["countries"][0]["state"]) == (100_000_000, "within")
    assert found == {626: (500, "within"), 625: (500, "warned"), 500: (500, "warned"), 499: (500, "over")}


def test_raising_a_limit_takes_two_people_not_two_keys(founded: Callable[[str], Street]) -> None:
    street = founded("raising")
    scope = f"debtor:{street.salon.id}"
    cap = {"scope": scope, "limit": 1_000, "reason": "a new partner"}
    me = street.done("GET", "/v1/me", street.organizer)
    spare = {"credential_id": str(uuid4()), "role": "organizer", "subject_id": me["subject_id"], "label": "my laptop"}
    second_key = street.done("POST", "/v1/credentials", street.organizer, spare)["secret"]
    street.done("PUT", "/v1/caps", street.organizer, cap)

    directly = street.call("PUT", "/v1/caps", street.organizer, cap | {"limit": 2_000})
    alone = propose(street, street.organizer, scope, 2_000)
    other = street.second_organizer
    proposed = propose(street, street.organizer, scope, 2_000)
    confirm = f"/v1/caps/raises/{proposed.json()['raise_id']}/confirmation"
    myself = [street.call("POST", confirm, secret) for secret in (street.organizer, second_key)]
    owner = street.call("POST", confirm, street.salon.owner)
    confirmed = street.done("POST", confirm, other)

    assert (directly.status_code, directly.json()["code"]) == (409, "raise_needs_two")
    assert (alone.status_code, alone.json()["code"]) == (409, "second_person_needed")
    assert [(a.status_code, a.json()["code"]) for a in myself] == [(403, "cannot_confirm_own_raise")] * 2
    assert (owner.status_code, confirmed) == (403, {"scope": scope, "limit": 2_000})
    wait = {"Pollen-Position": str(street.position)}
    (shown,) = street.done("GET", "/v1/caps/raises", other, headers=wait)["raises"]
    assert (shown["state"], shown["over"], shown["cap"], shown["reason"]) == (
        "confirmed", 1_000, 2_000, "they pay on time",
    )  # fmt: skip
    assert shown["state_by"] != shown["person_id"] == me["subject_id"]
    (limit,) = street.done("GET", "/v1/caps", other)["caps"]
    assert (limit["cap"], limit["person_id"], limit["confirmed_by"]) == (2_000, me["subject_id"], shown["state_by"])
    told = street.done("GET", "/v1/events?after=0&limit=500", street.salon.owner)["events"]
    assert "Coalition.CapRaiseProposed" in {event["topic"] for event in told}


def test_a_proposal_is_withdrawn_and_one_that_came_before_its_second_person_cannot_be_confirmed(
    founded: Callable[[str], Street],
) -> None:
    street = founded("withdrawing")
    scope = f"debtor:{street.salon.id}"
    street.done("PUT", "/v1/caps", street.organizer, {"scope": scope, "limit": 1_000, "reason": "x"})
    second = street.second_organizer
    first, withdrawn = (propose(street, street.organizer, scope, None).json()["raise_id"] for _ in range(2))
    street.done("POST", f"/v1/caps/raises/{withdrawn}/withdrawal", second, {"reason": "too early"})
    me = street.done("GET", "/v1/me", street.organizer)
    asked = {"credential_id": str(uuid4()), "role": "organizer", "subject_id": me["subject_id"], "label": "invented"}
    late = street.done("POST", "/v1/credentials", street.organizer, asked | {"person_id": str(uuid4())})["secret"]

    told = [
        street.call("POST", f"/v1/caps/raises/{one}/confirmation", who)
        for one, who in ((withdrawn, second), (first, late), (first, second))
    ]

    assert [answer.json().get("code") for answer in told] == ["raise_not_found", "second_person_needed", None]
