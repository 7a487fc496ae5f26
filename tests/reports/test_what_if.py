"""Other terms over the past: in the domain's own rules, and honest about the base."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest

from network.domain.errors import InvalidTerms, WhatIfTooLarge
from network.domain.terms import Commission, FaceValue, Funding, Reward
from network.projections.tracking import at_one_position
from network.reports.gathering import what_if
from network.reports.past import past_of, until_of
from network.reports.period import Period
from network.reports.reading import VIEWS
from network.reports.what_if import Change, outcome_of
from tests.projections.worlds import World, catch_up, world

YEAR = Period(date(2024, 1, 1), date(2024, 12, 31), date(2024, 12, 31))
END = datetime(2026, 1, 1, tzinfo=UTC)


def past(database_url: str, street: World, **asked: Any):
    catch_up(database_url, street.schema)
    asked = {"issuer_id": None, "acceptor_id": None, "limit": None, "small": True} | asked
    with psycopg.connect(database_url, autocommit=True) as connection:
        return past_of(connection, street.schema, YEAR, "Europe/Riga", **asked)


def ledger(street: World) -> Counter[str]:
    """What the log itself posted, net of what it took back."""
    sums: Counter[str] = Counter()
    with street.opened.reading() as recorder:
        events: list[Any] = [
            street.opened.mapper.to_domain_event(one) for one in recorder.select_notifications(None, 10**6)
        ]
    for event in events:
        for posting in getattr(event, "postings", ()):
            if posting.owed:
                forward = type(event).__name__ == "Redeemed"
                payer = posting.debtor if forward else posting.creditor
                side = "issuer" if payer == event.issuer_id else "other"
                sums[f"{posting.kind.value}:{side}"] += posting.amount if forward else -posting.amount
    return +sums


@pytest.mark.parametrize("seed", [61, 62, 63])
def test_unchanged_terms_come_to_what_the_log_posted(database_url, seed):
    with world(database_url, seed) as street:
        street.trade(350)

        outcome = outcome_of(past(database_url, street), Change(), time_zone="Europe/Riga", until=END)

        said = Counter(
            {
                "value:issuer": outcome.issuer_value,
                "value:other": outcome.pool_value,
                "commission:other": outcome.commission_value,
                "fee:issuer": outcome.issuer_fee_value,
                "fee:other": outcome.acceptor_fee_value,
            }
        )
        assert +said == ledger(street)
        assert outcome.uses_count


def used_once(street: World, *, bill: int = 2_400) -> None:
    """A certificate of 500, borne by the issuer, used on a bill of 1 800."""
    certificate_id = street.issue(street.agreements[0], street.wallets[0], bill)
    street.later(hours=30)
    street.do(
        "redeem_certificate",
        certificate_id=certificate_id,
        epoch=0,
        redemption_id=street.id(),
        acceptor_id=street.merchants[1],
        bill_reference=f"r{street.bills}",
        bill=1_800,
    )


@pytest.mark.parametrize(
    ("change", "uses", "owed", "acceptor_cost"),
    [
        (Change(), 1, 500, 0),
        (Change(face=FaceValue(fixed=700)), 1, 700, 0),
        (Change(face=FaceValue(share=1_000)), 1, 240, 0),
        (Change(face=FaceValue(fixed=5_000)), 1, 1_800, 0),
        (Change(funding=Funding()), 1, 0, 500),
        (Change(funding=Funding(issuer=5_000)), 1, 250, 250),
        (Change(commission=Commission(new=Reward(1_000, 20))), 1, 500 + 150, 150),
        (Change(validity_days=0), 0, 0, 0),
        (Change(smallest_bill_to_redeem=1_801), 0, 0, 0),
        (Change(smallest_bill_to_issue=2_401), 0, 0, 0),
    ],
)
def test_each_term_does_what_the_domain_says(settled_url, change, uses, owed, acceptor_cost):
    with world(settled_url) as street:
        used_once(street)

        outcome = outcome_of(past(settled_url, street), change, time_zone="Europe/Riga", until=END)

        assert (outcome.uses_count, outcome.owed, outcome.acceptor_cost) == (uses, owed, acceptor_cost)
        assert outcome.bill_value == 1_800 * uses


def test_what_is_still_in_hands_is_held_in_reserve(settled_url):
    with world(settled_url) as street:
        street.issue(street.agreements[0])
        found = past(settled_url, street)

        while_valid = outcome_of(found, Change(), time_zone="Europe/Riga", until=street.now)
        later = outcome_of(found, Change(), time_zone="Europe/Riga", until=END)

        assert (while_valid.reserved_value, later.reserved_value) == (500, 0)


def test_terms_that_make_no_sense_are_refused(settled_url):
    with world(settled_url) as street:
        used_once(street)

        with pytest.raises(InvalidTerms):
            outcome_of([], Change(funding=Funding(6_000, 6_000)), time_zone="Europe/Riga", until=END)
        with pytest.raises(InvalidTerms):
            outcome_of(
                past(settled_url, street), Change(funding=Funding(6_000, 6_000)), time_zone="Europe/Riga", until=END
            )


def test_a_past_that_is_too_large_is_refused_with_a_way_out(settled_url):
    with world(settled_url) as street:
        used_once(street)
        used_once(street)

        with pytest.raises(WhatIfTooLarge, match="fewer days"):
            past(settled_url, street, limit=1)


def test_others_see_neither_the_acceptors_bills_nor_its_margin(settled_url):
    with world(settled_url) as street:
        issuer_id, acceptor_id = street.merchants[:2]
        street.do("set_margin", merchant_id=acceptor_id, margin=6_000)
        used_once(street)
        catch_up(settled_url, street.schema)

        def told(reader_id):
            with (
                psycopg.connect(settled_url, autocommit=True) as connection,
                at_one_position(connection, street.schema, VIEWS) as position,
            ):
                return what_if(
                    connection, street.schema, position, YEAR, Change(face=FaceValue(fixed=700)),
                    issuer_id=issuer_id, acceptor_id=acceptor_id, reader_id=reader_id,
                )  # fmt: skip

        own, other, organizer = told(acceptor_id), told(issuer_id), told(None)

        assert own["was"]["net_benefit"] == 1_800 * 60 // 100
        assert own["difference"]["owed"] == 200
        assert "bill_value" not in other["was"]
        assert (other["was"]["net_benefit"], other["no_net_benefit"]) == (None, "owners_alone")
        assert organizer["certificates"] == 0  # one use of a pair is not shown to others


def test_the_end_of_a_period_is_local_midnight():
    assert until_of(YEAR, "Europe/Riga") == datetime(2024, 12, 31, 22, tzinfo=UTC)
