"""The auditor makes each window anew from the raw log and finds what was stated otherwise."""

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg import sql

from network.audit.books import Books
from network.audit.chain import Row
from network.audit.fold import apply
from network.audit.report import AuditReport
from network.domain.statement import Method, SettlementTerms
from tests.projections.worlds import world
from tests.settlement.streets import close

Change = Callable[[dict[str, Any]], None]


def books_of(url: str, schema: str, changes: dict[str, Change]) -> AuditReport:
    """What the auditor finds in the log, with one event told otherwise: `{"Window.Stated 2": change}`."""
    report = AuditReport(schema)
    books = Books(report)
    statement = sql.SQL(
        "SELECT position, originator_id::text, originator_version, topic, state, hash FROM {} ORDER BY position"
    ).format(sql.Identifier(schema, "events"))
    with psycopg.connect(url) as connection:
        for row in connection.execute(statement):
            event = Row(*row)
            facts = json.loads(event.state)
            change = changes.get(f"{event.topic} {facts.get('number')}", lambda facts: None)
            change(facts)
            told = json.dumps(facts).encode()
            apply(books, Row(event.position, event.originator_id, event.version, event.topic, told, event.hash))
    return report


def more(facts: dict[str, Any], name: str) -> None:
    facts[name] += 1


@pytest.mark.parametrize(
    ("event", "change", "says"),
    [
        ("Window.Stated 2", lambda f: more(f["debts"][0], "value"), "posted between the cuts"),
        ("Window.Stated 2", lambda f: f["debts"].pop(), "posted between the cuts"),
        ("Window.Stated 2", lambda f: more(f["payments"][0], "amount"), "keeps every net"),
        ("Window.Stated 2", lambda f: more(f["parties"][0], "net"), "nets are those"),
        ("Window.Stated 1", lambda f: f["carried"].clear(), "carried over"),
        ("Window.Stated 2", lambda f: f.update(chain_hash="00" * 32), "names the hash"),
        ("Window.Stated 2", lambda f: f.update(position=f["position"] - 1), "position of its cut"),
        ("Window.Cut 2", lambda f: f.update(number=3), "numbered one by one"),
        ("Window.Cut 2", lambda f: f.update(predecessor_id=None), "names the one before it"),
        ("Window.Cut 2", lambda f: f["terms"].update(threshold=10**9), "payments reach the threshold"),
        ("Window.Stated 2", lambda f: f["parties"][0].pop("net"), "does not fit"),
    ],
)  # fmt: skip
def test_a_window_that_was_stated_otherwise_is_found(module_world: str, event: str, change: Change, says: str) -> None:
    url, _, schema = module_world.partition(" in ")

    findings = books_of(url, schema, {event: change}).findings

    assert any(says in finding.says for finding in findings), findings


def test_the_honest_log_is_sound(module_world: str) -> None:
    url, _, schema = module_world.partition(" in ")

    assert books_of(url, schema, {}).findings == []


@pytest.fixture(scope="module")
def module_world(module_database_url: str) -> str:
    with world(module_database_url, seed=81) as street:
        street.trade(200)
        close(module_database_url, street.opened, 1, SettlementTerms(Method.LOOPS, threshold=2_000))
        street.trade(200)
        stated = close(module_database_url, street.opened, 2, SettlementTerms(Method.LOOPS, threshold=1))
        assert stated["payments"] > 0
        return f"{module_database_url} in {street.schema}"
