"""Reports on what certificates brought, as an owner and the organizer ask for them."""

import csv
import io
from typing import Any
from uuid import uuid4

from tests.api.street import Street


def used(street: Street) -> str:
    """A certificate handed out and used; returns the position to wait for."""
    paper = street.paper()
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=paper["token"]))
    return str(street.position)


def margins(street: Street, secret: str) -> list[dict[str, Any]]:
    """What the feed says of margins."""
    events = street.done("GET", "/v1/events?limit=1000", secret)["events"]
    return [event["facts"] for event in events if event["topic"] == "Merchant.MarginSet"]


def test_an_owner_reads_its_own_page_and_nobody_elses(street: Street) -> None:
    position = {"Pollen-Position": used(street)}
    path = f"/v1/reports/partners/{street.restaurant.id}"

    own = street.done("GET", path, street.restaurant.owner, headers=position)
    refused = street.call("GET", path, street.salon.owner)

    brought = {figure["name"]: figure for figure in own["brought"]}
    assert brought["used"]["value"] >= 1
    assert brought["unknown_guests"]["of"] == brought["visits"]["value"]
    assert own["measured"]["why"].startswith("Not measured yet: nothing was randomised.")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_a_party")


def test_the_page_speaks_the_readers_language(street: Street) -> None:
    path = f"/v1/reports/partners/{street.restaurant.id}?language=lv"

    page = street.done("GET", path, street.restaurant.owner)

    assert page["measured"]["why"].startswith("Vēl nav izmērīts")


def test_a_margin_is_the_owners_alone(street: Street) -> None:
    set_to = street.done("PUT", "/v1/margin", street.restaurant.owner, {"margin": 6_000})
    position = {"Pollen-Position": used(street)}
    path = f"/v1/reports/partners/{street.restaurant.id}"

    own = street.done("GET", path, street.restaurant.owner, headers=position)
    organizers = street.done("GET", path, street.organizer)
    feeds = [margins(street, secret) for secret in (street.restaurant.owner, street.organizer, street.salon.owner)]

    assert set_to == {"merchant_id": street.restaurant.id, "margin": 6_000}
    assert own["margin"] == 6_000
    assert organizers["margin"] is None
    assert "net_benefit" not in {figure["name"] for figure in organizers["cost"]}
    assert feeds == [[{"margin": 6_000}], [{}], []]


def test_the_organizer_gets_the_street_as_data_spreadsheet_and_paper(street: Street) -> None:
    position = {"Pollen-Position": used(street)}

    data = street.done("GET", "/v1/reports/street", street.organizer, headers=position)
    sheet = street.call("GET", "/v1/reports/street/csv", street.organizer)
    paper = street.call("GET", "/v1/reports/street/pdf?language=ru", street.organizer)

    assert data["heading"]["period"]["first_on"].endswith("-01")
    assert {one["name"] for one in data["partners"]} >= {"salon", "restaurant"}
    assert next(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))["figure"] == "issued"
    assert paper.content.startswith(b"%PDF")
    assert paper.headers["content-type"] == "application/pdf"


def test_an_owner_tries_other_terms_on_its_own_past_alone(street: Street) -> None:
    position = {"Pollen-Position": used(street)}
    asked = {"issuer_id": street.salon.id, "acceptor_id": street.restaurant.id, "face": {"fixed": 700}}

    tried = street.done("POST", "/v1/reports/what-if", street.salon.owner, asked, headers=position)
    refused = street.call("POST", "/v1/reports/what-if", street.join("bakery").owner, asked)
    unknown = street.call("POST", "/v1/reports/what-if", street.organizer, {"issuer_id": str(uuid4())})

    assert tried["difference"]["issued_value"] == 200 * tried["certificates"]
    assert tried["difference"]["owed"] == 200 * tried["was"]["uses_count"]
    assert "bill_value" not in tried["was"]
    assert tried["held_fixed"].startswith("Guests:")
    assert (refused.status_code, unknown.status_code) == (403, 404)


def test_a_report_that_ends_before_it_begins_is_refused(street: Street) -> None:
    answer = street.call("GET", "/v1/reports/street?first_on=2026-02-02&last_on=2026-02-01", street.organizer)
    ancient = street.call("GET", "/v1/reports/street?last_on=0001-01-01", street.organizer)

    assert (answer.status_code, answer.json()["detail"]) == (422, "A report begins before it ends.")
    assert ancient.status_code == 422
