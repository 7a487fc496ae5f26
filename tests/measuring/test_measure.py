"""A neighbourhood with a known effect goes through the real application, and what is measured holds it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from network.coalitions import open_connection
from network.domain.draw import Hand, PartnerRule
from network.effect.sums import Guests
from network.measuring.document import report_document
from network.measuring.draws import Counts
from network.measuring.keeping import Kept, keep, shown_document, today, worked_out
from network.measuring.reading import report_of
from network.measuring.releasing import Arms
from network.measuring.steering import known_lifts, lifts_of
from network.projections.batches import Follower
from network.projections.catalogue import named
from network.projections.tracking import at_one_position
from network.reports import documents, gathering, paper
from network.reports.period import Period
from network.reports.reading import VIEWS
from tests.measuring.street import Drawing, answers_of, drawing
from tests.support import MORNING

EFFECT = 0.25
"""Of a visit, by a certificate of the restaurant; that of the car wash changes nothing."""


def weeks(made: Drawing, random: Random, guests: list[UUID], usual: float) -> None:
    """Each guest is drawn for once; within the month some go to the neighbours, some because of the certificate."""
    arms = made.draw(guests)
    made.street.clock.move(days=10)
    visits = []
    for guest, arm in zip(guests, arms, strict=True):
        if random.random() < usual + (EFFECT if arm == made.restaurant else 0):
            visits.append(made.paying(made.restaurant, guest, random.choice([900, 1_500, 2_200]))[1])
        if random.random() < usual / 2:
            visits.append(made.paying(made.wash, guest, 1_000)[1])
    answers_of(visits)


@pytest.fixture(scope="module")
def traded(module_database_url: str) -> Iterator[Drawing]:
    """Regulars are drawn when hardly anybody goes without; people from elsewhere when half of them do."""
    with drawing(module_database_url) as made:
        random = Random(20_171)
        made.rule(PartnerRule(made.restaurant, Hand.SHARE, 7_000), neutral=1_500)
        weeks(made, random, made.guests(300), usual=0.6)
        made.rule(PartnerRule(made.restaurant, Hand.SHARE, 4_000), neutral=5_000)
        weeks(made, random, made.guests(300), usual=0.05)
        made.street.clock.move(days=38)  # the horizon, and the rest of the week
        made.pay(made.salon, None)
        yield made


def pair(made: Drawing, acceptor_id: UUID) -> Any:
    (found,) = [one for one in made.measured().pairs if one.acceptor_id == acceptor_id]
    assert found.answer is not None
    return found


def test_the_truth_is_within_the_interval_although_odds_followed_habits(traded: Drawing) -> None:
    found = pair(traded, traded.restaurant)

    low, high = found.comparison.visits.always_valid_interval
    arms = {arm.arm: arm.visits / arm.guests for arm in found.answer.arms}
    assert low < EFFECT < high
    assert high - low < 0.45
    assert not low < arms["certificate"] - arms["none"] < high, "counting visits alone would have been wrong"
    assert found.answer.sizes.passed


def test_a_certificate_without_effect_claims_none(traded: Drawing) -> None:
    effect = pair(traded, traded.wash).comparison.visits

    assert effect.verdict != "at_any_look"
    assert effect.interval[0] < 0 < effect.interval[1]


def test_all_neighbours_together_are_measured_too(traded: Drawing) -> None:
    together = traded.measured(traded.salon).together

    assert together.answer is not None
    assert together.answer.guests == 600
    assert together.answer.sizes.passed


def test_only_a_sure_effect_steers_the_draw(traded: Drawing) -> None:
    report = traded.measured()

    lifts = lifts_of(report)

    sure = pair(traded, traded.restaurant).comparison.visits
    assert set(lifts) == ({(traded.salon, traded.restaurant)} if sure.verdict == "at_any_look" else set())
    assert all(lift == round(10_000 * sure.difference) for lift in lifts.values())
    with open_connection(traded.database_url) as connection:
        schema = traded.street.opened.schema
        for _ in range(2):  # the second time over the first one's rows
            keep(connection, schema, traded.street.clock())
        assert known_lifts(connection, schema, traded.salon) == {pair[1]: lift for pair, lift in lifts.items()}
        assert known_lifts(connection, schema, traded.wash) == {}


def test_pairs_are_judged_together(traded: Drawing) -> None:
    one = pair(traded, traded.restaurant).comparison.visits

    assert one.p_value_holm >= one.p_value
    assert one.interval_all_arms[0] <= one.interval[0] <= one.interval[1] <= one.interval_all_arms[1]


def test_what_is_certain_alone_and_not_among_others_still_names_the_wait() -> None:
    """Eight guests of a hundred against three: at one look an effect, among a hundred pairs nothing yet."""
    arms = arms_of(came=(24, 10), guests=300)
    pairs = {(UUID(int=number), UUID(int=1_000)): arms for number in range(1, 101)}
    counts = Counts(*range(9))

    alone, among = (
        report_of(some, position=1, until=MORNING, counts=counts).pairs[0].comparison
        for some in ({next(iter(pairs)): arms}, pairs)
    )

    assert alone is not None
    assert (alone.visits.verdict, alone.visits.more_guests) == ("at_one_look", None)
    assert among is not None
    assert among.visits.verdict == "not_enough_yet"
    assert (among.visits.more_guests or 0) > 100


def arms_of(*, came: tuple[int, int], guests: int) -> Arms:
    """So many with and without a certificate, half of all drawn for either; who came paid ten and a bit."""
    visits = np.concatenate([np.arange(guests) < one for one in came])
    even, bills = np.full(2 * guests, 500_000), 1_000 + np.arange(2 * guests) % 90
    sums = Guests(even, even, visits, bills * visits, np.zeros_like(bills), np.ones_like(bills)).sums(
        np.repeat([1, 0], guests)
    )
    return Arms(none=sums[0], certificate=sums[1])


def test_the_document_has_denominators_and_margin(traded: Drawing) -> None:
    report = traded.measured()

    document = report_document(report, margin=4_000)

    assert document["draws"]["measured"] == 600
    assert document["horizon_days"] == 30
    (shown,) = [one for one in document["pairs"] if one["acceptor_id"] == traded.restaurant]
    assert {arm["arm"] for arm in shown["arms"]} == {"none", "certificate"}
    if shown["revenue"]["verdict"] != "not_enough_yet":
        assert shown["margin"]["difference"] == pytest.approx(0.4 * shown["revenue"]["difference"])


def test_what_is_kept_for_reports_is_what_the_draws_say_and_is_not_worked_out_again(traded: Drawing) -> None:
    traded.catch_up()
    with open_connection(traded.database_url) as connection:
        schema, now = traded.street.opened.schema, traded.street.clock()
        day = today(connection, schema, now)
        readers = (None, traded.salon, traded.restaurant)
        fresh = [worked_out(connection, schema, day, one) for one in readers]
        for _ in range(2):  # the second time over the first one's rows
            assert (keep(connection, schema, now) or Kept(0, 0)).readers == 4

        kept = [shown_document(connection, schema, day, one) for one in readers]
        connection.execute(f"UPDATE {schema}.measured_documents SET document = jsonb_set(document, '{{control}}', '1')")
        again = [shown_document(connection, schema, day + timedelta(days=n), None) for n in (1, 2)]
        connection.execute(f"DELETE FROM {schema}.measured_documents")

    assert kept == fresh
    assert {len(one["pairs"]) for one in fresh} == {1, 2}
    assert [one and one["control"] for one in again] == [1, "none"]


def test_few_guests_are_not_shown_and_the_wait_is_named(database_url: str) -> None:
    with drawing(database_url) as made:
        made.rule(neutral=5_000)
        made.draw(made.guests(24))
        made.street.clock.move(days=40)

        shown = report_document(made.measured())["pairs"][0]

    assert shown["hidden"]
    assert all(arm["visits"] is None and arm["visit_rate"] is None for arm in shown["arms"])
    assert shown["visits"]["verdict"] == "not_enough_yet"
    assert "difference" not in shown["visits"]
    assert shown["visits"]["more_guests"] > 24
    assert shown["visits"]["more_days"] > 10


def test_nobody_drawn_yet_is_said_so(database_url: str) -> None:
    with drawing(database_url) as made:
        report = made.measured()

    assert report.pairs == []
    assert (report.together.answer, report.together.note) == (None, "nobody was drawn for this yet")


def test_reports_show_what_was_measured_and_the_same_bytes_again(traded: Drawing) -> None:
    traded.catch_up()
    with open_connection(traded.database_url) as connection:
        schema, now = traded.street.opened.schema, traded.street.clock()
        follower = Follower(connection, schema, named(VIEWS))
        while follower.step():
            pass
        with at_one_position(connection, schema, VIEWS) as position:
            period = Period.of(None, None, gathering.today(connection, schema, now))
            period = replace(period, as_of=now.date())
            page = gathering.partner(connection, schema, position, traded.restaurant, period, own=True)
            salon = gathering.partner(connection, schema, position, traded.salon, period, own=True)
            street = gathering.street(connection, schema, position, period)

    estimate = documents.as_facts(page, "en")["measured"]["estimate"]
    (pair,) = estimate["pairs"]
    assert (pair["issuer"], pair["acceptor"]) == ("Salon", "Restaurant")
    assert pair["says"]["visits"].startswith("+")
    assert len(documents.as_facts(street, "ru")["measured"]["estimate"]["pairs"]) == 2
    assert "nothing was randomised" not in documents.as_csv(salon, "en").decode("utf-8-sig")
    assert "Salon → Restaurant" in documents.as_csv(street, "en").decode("utf-8-sig")
    assert paper.partner_pdf(salon, "lv") == paper.partner_pdf(salon, "lv")
