"""The auditor recomputes what is due, paid and open from the raw log, and finds a confirmation that cannot be."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest

from network.audit import audit
from network.coalitions import Coalitions
from network.projections.rebuilding import rebuild
from tests.audit.test_windows import books_of, more
from tests.projections.worlds import catch_up
from tests.settlement.banks import give_iban, instructed, load, row, table
from tests.settlement.streets import owes
from tests.support import HandClock, coalitions_of, found, migrated

Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def paid(module_database_url: str) -> str:
    """A window that was paid in three parts, one of which came back, was reminded of, and came again."""
    clock = HandClock()
    with coalitions_of(migrated(module_database_url), clock) as coalitions:
        street = _street(coalitions, clock, module_database_url)
        return f"{module_database_url} in {street}"


def _street(coalitions: Coalitions, clock: HandClock, url: str) -> str:
    street = found(coalitions, clock)
    shops = street.merchant("Salon"), street.merchant("Restaurant")
    ibans = [give_iban(street, shop, number) for number, shop in enumerate(shops, 1)]
    owes(street, *shops, 1_000)
    (one,) = instructed(street, url)
    reference = one["end_to_end_id"]
    load(street, table(row(ibans[1], "4.00", reference, bank="A"), row(ibans[1], "6.00", reference, bank="B"))).facts()
    load(street, table(row(ibans[1], "-6.00", reference, bank="back C"))).facts()
    street.clock.move(days=10)
    street.do("remind_payout", number=1, reference=reference, step=0, by="network")
    street.do(
        "confirm_payout", number=1, reference=reference, confirmation_id=UUID(int=7), amount=600, cause="in cash",
        by="organizer",
    )  # fmt: skip
    catch_up(url, street.opened.schema)
    return street.opened.schema


def test_the_honest_log_is_sound(paid: str) -> None:
    url, _, schema = paid.partition(" in ")

    assert books_of(url, schema, {}).findings == []
    with psycopg.connect(url, autocommit=True) as connection:
        report = audit(connection, schema)
    assert report.findings == []
    assert "windows" in report.views


@pytest.mark.parametrize(
    ("event", "change", "says"),
    [
        ("Window.Instructed 1", lambda f: more(f["payouts"][0], "amount"), "what was stated to be paid"),
        ("Window.Instructed 1", lambda f: f["payouts"].append(f["payouts"][0]), "one payment of a pair"),
        ("Window.Instructed 1", lambda f: f["payouts"][0].update(creditor_details="00" * 16), "set last"),
        ("Window.Instructed 1", lambda f: f.update(version=2), "follows from window"),
        ("Window.PaymentConfirmed 1", lambda f: f.update(amount=f["amount"] - 1), "nothing of it is open"),
        ("Window.PaymentConfirmed 1", lambda f: f.update(amount=-f["amount"]), "above zero"),
        ("Window.PaymentConfirmed 1", lambda f: f.update(line="l"), "pays one debt, once"),
        ("Window.PaymentConfirmed 1", lambda f: f.update(debtor_id=f["creditor_id"]), "window and parties"),
        ("Window.PaymentConfirmed 1", lambda f: f.update(end_to_end_id="W1V1-X"), "does not fit"),
        ("Window.PaymentConfirmed 1", lambda f: f.update(side="guess"), "a bank or a person"),
        ("Window.PaymentConfirmed 1", lambda f: f.update(side="hand", by="bank"), "does not speak by hand"),
        ("Window.PaymentConfirmed 1", lambda f: more(f, "change"), "by how much"),
        ("Window.PaymentReturned 1", lambda f: f.update(amount=f["amount"] - 1), "names what is missing"),
        ("Window.Reminded 1", lambda f: more(f, "missing"), "names what is missing"),
        ("Window.Reminded 1", lambda f: f.update(step=90), "before its day"),
        ("Window.Agreed 1", lambda f: f.update(rule="all parties consented"), "all have said"),
        ("BankFile.Loaded None", lambda f: more(f, "lines"), "matched, known or unmatched"),
        ("BankFile.Loaded None", lambda f: f.update(digest="d"), "loaded once"),
    ],
)
def test_what_was_told_otherwise_is_found(paid: str, event: str, change: Change, says: str) -> None:
    url, _, schema = paid.partition(" in ")

    findings = books_of(url, schema, {event: change}).findings

    assert any(says in finding.says for finding in findings), findings


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("UPDATE {s}.payouts SET paid = paid - 1", "payouts"),
        ("UPDATE {s}.windows SET state = 'part_paid'", "windows"),
        ("UPDATE {s}.windows SET missing = 5", "windows"),
        ("DELETE FROM {s}.payouts", "payouts"),
    ],
)
def test_a_view_that_was_changed_by_hand_is_found(paid: str, statement: str, check: str) -> None:
    url, _, schema = paid.partition(" in ")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.format(s=schema).encode())

        findings = audit(connection, schema).findings

        rebuild(connection, schema)
        assert audit(connection, schema).findings == []
    assert {finding.check for finding in findings} == {check}


def test_events_carry_no_iban(paid: str) -> None:
    url, _, schema = paid.partition(" in ")
    with psycopg.connect(url) as connection:
        states = connection.execute(f"SELECT state FROM {schema}.events".encode()).fetchall()

    assert not [state for (state,) in states if b"HABA" in state]
    assert json.loads(states[0][0])["currency"] == "EUR"
