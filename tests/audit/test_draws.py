"""Every draw is drawn again from its event: a chance, a figure, an arm or a seed that was bent is found."""

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from network.audit.books import Books
from network.audit.chain import Row
from network.audit.fold import apply
from network.audit.report import AuditReport
from network.coalitions import draw_key_of
from network.domain.draw import Rules
from tests.projections.worlds import TERMS, world

Facts = dict[str, Any]


@pytest.fixture(scope="module")
def log(module_database_url: str) -> tuple[list[Row], bytes]:
    """A log whose last event is a draw among two, and the coalition's secret."""
    with world(module_database_url, seed=61) as street:
        street.trade(150)
        issuer = street.merchants[0]
        street.do("set_draw_rules", merchant_id=issuer, rules=Rules(neutral=1_000), by="owner")
        for agreement_id in [one[0] for one in street.agreements if one[1] == issuer]:
            street.agree(issuer, street.merchants[1], TERMS[0])
            street.do("end_agreement", agreement_id=agreement_id, by=issuer, reason="newer ones")
        for scope in street.caps:
            street.set_cap(scope, None)
        street.do(
            "propose_certificate",
            merchant_id=issuer,
            payment_id=street.pay(issuer, 4_000, street.wallets[0]),
            standing=street.standing(issuer),
        )
        with psycopg.connect(module_database_url) as connection:
            rows = connection.execute(
                "SELECT position, originator_id::text, originator_version, topic, state, hash"
                f" FROM {street.schema}.events ORDER BY position"
            )
            return [Row(*row) for row in rows], draw_key_of(b"k" * 32, street.opened.coalition_id)


def findings(rows: list[Row], key: bytes) -> list[str]:
    report = AuditReport("s")
    books = Books(report, key)
    for row in rows:
        apply(books, row)
    return [finding.says for finding in report.findings]


def test_honest_draws_are_drawn_again(log: tuple[list[Row], bytes]) -> None:
    rows, key = log

    draws = [json.loads(row.state) for row in rows if row.topic == "Payment.Assigned"]

    assert len(draws) > 10
    assert len(draws[-1]["chances"]) == 2
    assert findings(rows, key) == []


def chance(facts: Facts, place: int) -> Facts:
    found: Facts = facts["chances"][place]
    return found


def other_arm(facts: Facts) -> None:
    arms = [None, *(one["candidate"]["agreement_id"] for one in facts["chances"])]
    facts["agreement_id"] = arms[(arms.index(facts["agreement_id"]) + 1) % len(arms)]


@pytest.mark.parametrize(
    ("bend", "says"),
    [
        (other_arm,                                                       "arm does not follow"),
        (lambda f: f.update(seed="0" * 32),                               "seed does not follow"),
        (lambda f: chance(f, 0).update(probability=chance(f, 0)["probability"] + 1), "give the chances"),
        (lambda f: chance(f, 0).update(weight=chance(f, 0)["weight"] + 1), "weight does not follow"),
        (lambda f: chance(f, 0)["candidate"].update(gave=999),            "stood otherwise"),
        (lambda f: chance(f, 0)["candidate"].update(owed=-999),           "stood otherwise"),
        (lambda f: chance(f, 0)["candidate"].update(hand="pinned"),       "hand was another"),
        (lambda f: chance(f, 0)["candidate"].update(face=1),              "face value"),
        (lambda f: f["chances"].pop(),                                    "left out of the draw"),
        (lambda f: f.update(neutral_probability=0),                       "neutral arm"),
        (lambda f: f.update(neutral=0),                                   "other rules"),
        (lambda f: f.update(policy_version=77),                           "other rules"),
        (lambda f: f.update(randomised=False),                            "whether it was random"),
        (lambda f: f.update(customer_id=None),                            "another guest"),
        (lambda f: f.update(seen_at=10**6),                               "had not happened"),
        (lambda f: f.update(rule=2),                                      "formula"),
    ],
)  # fmt: skip
def test_a_bent_draw_is_found(log: tuple[list[Row], bytes], bend: Callable[[Facts], Any], says: str) -> None:
    rows, key = log
    last = rows[-1]
    facts = json.loads(last.state)

    bend(facts)

    bent = Row(last.position, last.originator_id, last.version, last.topic, json.dumps(facts).encode(), last.hash)
    assert any(says in finding for finding in findings([*rows[:-1], bent], key))


def test_a_second_draw_for_a_bill_is_found(log: tuple[list[Row], bytes]) -> None:
    rows, key = log

    assert "one bill is drawn for once" in findings([*rows, rows[-1]], key)
