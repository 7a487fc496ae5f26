"""The organizers' console over HTTP: what it shows, what it decides, and who is kept out."""

import json
import re
from html import unescape
from pathlib import Path

import pytest

from network.api.pages.console import ROUTERS
from network.api.pages.console.event_words import WORDS
from network.api.pages.console.flows import STANCES
from network.reports.street import Stance
from tests.pages.visitors import PASSWORD, Visitor
from tests.support import HandClock

PAGES = ["/console", "/console/partners", "/console/agreements", "/console/limits", "/console/flows", "/console/log",
         "/console/health", "/console/settlement", "/console/settlement/windows/1", "/console/settlement/payments",
         "/console/settlement/disputes", "/console/settlement/defaults", "/console/settlement/defaults/drill",
         "/console/effect", "/console/exports"]  # fmt: skip


def organizer_id(visitor: Visitor) -> str:
    return str(visitor.coalition.coalition_id)


def test_whatever_a_partner_does_has_words() -> None:
    assert STANCES.keys() == {one.value for one in Stance}


def test_whatever_happens_has_words() -> None:
    stored = Path(__file__).parents[1] / "history" / "stored_events.jsonl"
    topics = {json.loads(line)["topic"] for line in stored.read_text().splitlines()}
    assert "Till.KeyRegistered" in topics

    assert topics - WORDS.keys() == set()


@pytest.mark.parametrize("path", [*PAGES, "/console/flows.csv", "/console/log.jsonl"])
def test_an_organizer_sees_every_page(organizer: Visitor, path: str) -> None:
    answer = organizer.get(path)

    assert answer.status_code == 200, answer.text


def test_nobody_else_comes_in(visitor: Visitor) -> None:
    paths = [(method, route.path) for router in ROUTERS for route in router.routes for method in route.methods]  # type: ignore[attr-defined]
    assert len(paths) > 15
    for method, path in paths:
        answer = visitor.send(path, {}) if method == "POST" else visitor.get(path)
        assert answer.headers.get("location", "").startswith("/sign-in"), (method, path)
    visitor.enrol("owner", visitor.street.salon.id, "anna")
    token = visitor.token("/account")
    for method, path in paths:
        answer = visitor.http.post(path, data={"csrf": token}) if method == "POST" else visitor.get(path)
        assert answer.status_code == 403, (method, path)


def test_a_form_of_another_site_decides_nothing(organizer: Visitor) -> None:
    form = {"merchant_id": organizer.street.salon.id, "reason": "none"}

    answer = organizer.http.post("/console/partners/suspend", data={"csrf": "x" * 43, **form})

    assert answer.status_code == 403
    assert "takes part" in organizer.get("/console/partners").text


def test_an_applicant_waits_on_the_first_page_until_admitted(organizer: Visitor) -> None:
    answer = organizer.street.http.post(
        f"/v1/coalitions/{organizer.street.slug}/merchants",
        json={"merchant_id": "00000000-0000-4000-8000-00000000b00c", "name": "Books", "category": "books",
              "address": "Street 7"}, headers={"Idempotency-Key": "a-long-key-of-a-stranger-1"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert organizer.sees("/console", "Books")

    form = {"merchant_id": "00000000-0000-4000-8000-00000000b00c"}
    sent = organizer.send("/console/partners/admit", form, on="/console/partners")

    assert sent.headers["location"] == "/console/partners"
    assert "Books" not in organizer.get("/console").text


def test_a_shop_is_stopped_with_a_reason_and_let_in_again(organizer: Visitor) -> None:
    form = {"merchant_id": organizer.street.salon.id, "reason": "does not answer"}
    sent = organizer.send("/console/partners/suspend", form, on="/console/partners")
    assert sent.headers["location"] == "/console/partners", sent.text
    assert "does not answer" in organizer.get("/console/partners").text

    organizer.send("/console/partners/readmit", {"merchant_id": form["merchant_id"]}, on="/console/partners")

    assert "does not answer" not in organizer.get("/console/partners").text


def test_a_raise_takes_another_person(organizer: Visitor, clock: HandClock) -> None:
    limit = {"kind": "debtor", "one": organizer.street.salon.id, "reason": "a beginning"}
    sent = organizer.send("/console/limits", {**limit, "limit": "100"}, on="/console/limits")
    assert sent.headers.get("location") == "/console/limits", sent.text
    refused = organizer.send("/console/limits", {**limit, "limit": "200"}, on="/console/limits")
    assert "takes two people" in refused.text

    other = Visitor(organizer.street, clock)
    other.enrol("organizer", organizer_id(other), "peter")
    organizer.send("/console/limits/raises", {**limit, "limit": "200"}, on="/console/limits")
    raise_id = other.get("/console/limits").text.split('name="raise_id" value="')[1].split('"')[0]
    own = organizer.send("/console/limits/raises/confirm", {"raise_id": raise_id}, on="/console/limits")
    assert "You proposed this yourself" in own.text
    other.send("/console/limits/raises/confirm", {"raise_id": raise_id}, on="/console/limits")

    shown = organizer.get("/console/limits").text
    assert "<b>€100.00 → €200.00</b>" in shown
    assert "(Olga, Peter)" in shown
    other.http.close()


def test_a_dangerous_act_asks_again_who_it_is_and_then_goes_on(organizer: Visitor, clock: HandClock) -> None:
    street, asked = organizer.street, "/console/limits/raises"
    form = {"kind": "debtor", "one": street.restaurant.id, "limit": "100", "reason": 'a "b"'}
    cap = {"scope": f"debtor:{street.restaurant.id}", "limit": 5_000, "reason": "a beginning"}
    street.done("PUT", "/v1/caps", street.organizer, cap)
    clock.move(minutes=11)

    question = organizer.send(asked, form, on="/console/limits")
    assert "Is it you?" in question.text
    carried = {name: carried_in(question.text)[name] for name in ("next", "act", "kept")}
    wrong = organizer.send(
        "/confirm", {**carried, "password": "not hers at all", "code": organizer.code()}, on="/people"
    )
    assert carried_in(wrong.text)["kept"] == carried["kept"]
    right = organizer.send("/confirm", {**carried, "password": PASSWORD, "code": organizer.code()}, on="/people")
    waiting = carried_in(right.text)
    for _ in range(2):  # pressed twice, it is the same command
        done = organizer.http.post(asked, data=waiting)

    assert f'action="{asked}"' in right.text
    assert waiting.items() >= form.items()
    assert done.headers["location"] == "/console/limits"
    assert organizer.get("/console/limits").text.count("a &#34;b&#34;") == 1


@pytest.mark.parametrize("act", ["//evil.test/", "https://evil.test/", "/people\\evil"])
def test_nobody_goes_on_to_another_site(organizer: Visitor, clock: HandClock, act: str) -> None:
    clock.move(minutes=1)
    form = {"act": act, "kept": "{}", "password": PASSWORD, "code": organizer.code()}

    assert organizer.send("/confirm", form, on="/people").headers["location"] == "/console"


def carried_in(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}


def test_the_log_is_searched_and_names_no_guest(organizer: Visitor) -> None:
    paper = organizer.street.paper()
    found = organizer.get("/console/log", params={"certificate": paper["certificate_id"]}).text

    assert "Certificate handed out" in found
    assert "Partner applied" not in found
    assert "customer_id" not in organizer.get("/console/log.jsonl").text
    assert "Nothing was found" in organizer.get("/console/log", params={"day": "1990-01-01"}).text
    assert "does not look right" in organizer.get("/console/log", params={"day": "yesterday"}).text


def test_an_audit_runs_beside_and_says_what_it_found(organizer: Visitor) -> None:
    organizer.send("/console/health/audit", {}, on="/console/health")
    for _ in range(200):
        page = organizer.get("/console/health").text
        if "Everything agrees with the log" in page:
            break
    assert "Everything agrees with the log" in page
