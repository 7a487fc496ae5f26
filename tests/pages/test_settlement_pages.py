"""A month closed on the console's pages alone, from the end of the window to the last cent."""

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from tests.api.street import Street
from tests.banking.world import iban_of
from tests.pages.visitors import Visitor
from tests.support import HandClock

HOME = "/console/settlement"
ONE = f"{HOME}/windows/1"


@pytest.fixture(scope="module")
def organizer(street: Street, clock: HandClock) -> Iterator[Visitor]:
    came = Visitor(street, clock)
    came.enrol("organizer", str(came.coalition.coalition_id), "olga")
    yield came
    came.http.close()


@pytest.fixture(scope="module")
def month(street: Street, organizer: Visitor) -> Visitor:
    """The salon owes the restaurant 5.00, and both have a bank account."""
    for number, name in enumerate(("salon", "restaurant"), 11):
        shop = street.shops[name]
        street.done("PUT", f"/v1/bank-details/{shop.id}", shop.owner, {"iban": iban_of(number), "bic": "HABALV22"})
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=street.paper()["token"]))
    street.done("GET", "/v1/netting", street.organizer, headers={"Pollen-Position": str(street.position)})
    return organizer


def go(organizer: Visitor, clock: HandClock, step: str, **fields: str) -> httpx.Response:
    """One step of window 1, as the button on its page does it; somebody who was away shows first who they are."""
    sent = organizer.send(f"{ONE}/{step}", fields, on=ONE, referer=f"{organizer.street.server.url}{ONE}")
    if sent.headers.get("location", "").startswith("/confirm"):
        assert sent.headers["location"] == f"/confirm?next={ONE}", "they come back to where they were"
        clock.now += timedelta(seconds=31)
        organizer.send("/confirm", {"password": "correct horse battery staple", "code": organizer.code()}, on="/people")
        sent = organizer.send(f"{ONE}/{step}", fields, on=ONE)
    return sent


def state(organizer: Visitor) -> str:
    """The step that the window's page marks."""
    found = re.search(r'aria-current="step"><span>([^<]+)<', organizer.get(ONE).text)
    assert found is not None
    return found[1]


def test_an_organizer_closes_a_month_on_pages_alone(month: Visitor, street: Street, clock: HandClock) -> None:
    assert "End window 1 now" in month.get(ONE).text
    assert "Owed so far: €5.00" in month.get(HOME).text

    clock.now += timedelta(minutes=11)
    assert go(month, clock, "cut", review_days="3").headers["location"] == ONE
    assert state(month) == "has ended"
    assert "of window 1 first" in month.get(HOME).text
    go(month, clock, "statement")
    page = month.get(ONE).text
    assert "Partners have 4 days left" in page
    assert "restaurant, salon" in page or "salon, restaurant" in page
    assert "gets €5.00" in page
    assert "pays €5.00" in page

    early = go(month, clock, "agreement")
    assert early.status_code == 422
    assert "The days to look are not over" in early.text
    clock.now += timedelta(days=5)
    month.sign_in("olga")
    month.second(month.code())
    go(month, clock, "agreement")
    assert state(month) == "agreed"
    assert "1 payment of €5.00 in all" in month.get(ONE).text
    go(month, clock, "instruction")
    assert state(month) == "payments asked for"
    assert "€5.00 of €5.00 is not there yet" in month.get(ONE).text


@pytest.mark.parametrize("kind", ["pdf", "xlsx", "csv", "json", "zip"])
def test_a_statement_is_read_and_saved(month: Visitor, street: Street, kind: str) -> None:
    whose = f"{ONE}/statements/{street.restaurant.id}"

    page = month.get(whose).text
    file = month.get(f"{whose}/{kind}")

    assert "Gets €5.00" in page
    assert "Certificate used" in page
    assert file.status_code == 200
    assert f".{kind}" in file.headers["content-disposition"]
    assert len(file.content) > 500


def test_what_is_no_window_or_no_party_is_said_so(month: Visitor, street: Street) -> None:
    for path in (
        f"{HOME}/windows/7",
        f"{HOME}/windows/x",
        f"{ONE}/statements/nobody",
        f"{ONE}/statements/{street.salon.id}/exe",
    ):
        assert month.get(path).status_code == 404


def test_a_live_part_says_nothing_while_nothing_changed(month: Visitor) -> None:
    part = month.get(HOME, headers={"HX-Request": "true"})
    again = re.search(r'hx-get="([^"]+)"', part.text)
    assert again is not None

    assert "<html" not in part.text
    assert month.get(again[1], headers={"HX-Request": "true"}).status_code == 204


def test_windows_are_cut_by_themselves_when_asked_to(month: Visitor) -> None:
    form = {"cadence": "monthly", "day": "2", "pay_days": "10", "reminders": "0, 5"}
    assert month.send(f"{HOME}/schedule", form, on=HOME).headers["location"] == HOME
    assert 'value="0, 5"' in month.get(HOME).text

    wrong = month.send(f"{HOME}/schedule", {**form, "reminders": "soon"}, on=HOME)
    assert "Write days such as 0, 7, 14." in wrong.text
    assert (
        "The day is between 1 and 7"
        in month.send(f"{HOME}/schedule", {**form, "cadence": "weekly", "day": "9"}, on=HOME).text
    )
