"""Every page there is, asked for by whoever should not: a stranger, another role, another site."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.api.street import Street
from tests.pages.test_tills import begin, person, till_of
from tests.pages.visitors import Visitor
from tests.support import HandClock

DOORS = ("/sign-in", "/enrol", "/till/pin")


@pytest.fixture(scope="module")
def people(street: Street, clock: HandClock, anna: Visitor) -> Iterator[dict[str, Visitor]]:
    """One of each role, signed in."""
    olga = Visitor(street, clock)
    olga.enrol("organizer", str(olga.coalition.coalition_id), "olga")
    till = till_of(street, clock, street.salon)
    assert begin(till, person(till, street.salon, "Liga")) == "/till"
    yield {"organizer": olga, "owner": anna, "till": till}
    for one in (olga, till):
        one.http.close()


@pytest.fixture(scope="module")
def pages(street: Street) -> list[tuple[str, str, Any]]:
    """`(method, address, how it is declared)` of every page."""
    declared = [one for one in street.server.app.routes if hasattr(getattr(one, "endpoint", None), "page")]
    return [
        (method, re.sub(r"{number}|{position}", "1", re.sub(r"{(?!number|position)\w+}", str(uuid4()), one.path)),
         one.endpoint.page)
        for one in declared for method in one.methods
    ]  # fmt: skip


def sent(visitor: Visitor, method: str, path: str, declared: Any, **headers: str) -> Any:
    """A form as a stranger's page would send it: with the cookie, without the token."""
    fields: dict[str, Any] = {"data": {"csrf": "x" * 43}} if method == "POST" else {}
    if declared.uploads:
        fields["files"] = {"file": b"x"}
    return visitor.http.request(method, path, headers=headers, **fields)


def test_a_stranger_is_led_to_a_door(visitor: Visitor, pages: list[tuple[str, str, Any]]) -> None:
    guarded = [one for one in pages if one[2].who]
    assert len(guarded) > 100

    for method, path, declared in guarded:
        answer = sent(visitor, method, path, declared)
        assert answer.status_code == 303, (method, path)
        assert answer.headers["location"].startswith(DOORS), (method, path)


def test_nobody_opens_a_page_of_another_role(people: dict[str, Visitor], pages: list[tuple[str, str, Any]]) -> None:
    for role, visitor in people.items():
        for method, path, declared in pages:
            if not declared.who or role in declared.who:
                continue
            answer = sent(visitor, method, path, declared)
            assert answer.status_code in (303, 403), (role, method, path)
            assert answer.headers.get("location", "/sign-in").startswith(DOORS), (role, method, path)


def test_no_form_of_another_site_does_anything(people: dict[str, Visitor], pages: list[tuple[str, str, Any]]) -> None:
    for method, path, declared in pages:
        if method == "POST":
            visitor = people[declared.who[0] if declared.who else "organizer"]
            assert sent(visitor, method, path, declared).status_code == 403, path


def test_every_answer_forbids_foreign_and_inline_scripts(
    people: dict[str, Visitor], pages: list[tuple[str, str, Any]]
) -> None:
    read = [(path, declared) for method, path, declared in pages if method == "GET"]
    for path, declared in read[::4]:  # one place writes it for all; a page may bring its own
        visitor = people[declared.who[0] if declared.who else "organizer"]
        policy = visitor.get(path).headers["content-security-policy"]
        assert "script-src 'self'" in policy, path
        assert "unsafe-inline" not in policy, path
        assert "http" not in policy, path


@pytest.mark.parametrize(("path", "status"), [("/shop/nothing", 404), ("/till/nothing", 404), ("/tills/cut-off", 405)])
def test_where_no_page_is_a_person_reads_so_and_a_program_gets_facts(
    people: dict[str, Visitor], path: str, status: int
) -> None:
    visitor = people["till" if path.startswith("/till/") else "owner"]

    page = visitor.get(path, headers={"Accept": "text/html", "Accept-Language": "lv"})
    facts = visitor.get(path)

    assert (page.status_code, facts.status_code) == (status, status)
    assert "Šādā adresē lapas nav" in page.text
    assert facts.json()["code"] in ("route_not_found", "method_not_allowed")
