"""An hour's work reads what is new or was corrected, and says what a reader of all draws says."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import numpy as np
import psycopg
import pytest
from psycopg import Connection, sql

from network.coalitions import open_connection
from network.effect.estimate import estimate
from network.effect.question import Question
from network.effect.sample import Sample
from network.effect.summed import estimate_sums
from network.measuring import weeks as kept_weeks
from network.measuring.draws import ALL, Comparison
from network.measuring.looking import Look
from network.measuring.releasing import LEAST
from network.measuring.weeks import Week
from network.projections.assignments import (
    DRAW_COUNTS,
    DRAWN_PAIRS,
    DRAWS,
    OUTCOMES,
    DrawCountsRow,
    DrawnPairRow,
    DrawRow,
    OutcomeRow,
)
from network.projections.schema import create_views
from network.projections.tables import View
from network.projections.tracking import at_one_position
from tests.support import MORNING, HandClock, coalitions_of, migrated
from tests.support import found as founded

SHOPS = [UUID(int=number) for number in range(1, 5)]
MILLION = 1_000_000


@dataclass
class Street:
    """Draws in the tables of a real coalition, and as plain rows beside them."""

    connection: Connection
    schema: str
    random: Random
    position: int = 0
    draws: list[DrawRow] = field(default_factory=list)
    outcomes: dict[UUID, list[OutcomeRow]] = field(default_factory=dict)

    def draw(self, at: datetime, how_many: int) -> None:
        """Of random shops for random guests, within a week from then; odds differ from draw to draw."""
        for _ in range(how_many):
            self.position += 1
            issuer, *partners = self.random.sample(SHOPS, 3)
            neutral = self.random.choice([100_000, 200_000, 500_000])
            chances = [(MILLION - neutral) // 4, MILLION - neutral - (MILLION - neutral) // 4]
            arm = self.random.choices([None, *partners], [neutral, *chances])[0]
            when = at + timedelta(seconds=self.random.randrange(7 * 86_400))
            counts, in_street = self.random.choice([(True, True), (True, False), (False, True)])
            row = DrawRow(
                self._id(), issuer, self._id(), when, True, neutral, arm, "as_drawn", counts, in_street
            )  # fmt: skip
            self.draws.append(row)
            self.outcomes[row.payment_id] = [
                OutcomeRow(
                    row.payment_id, partner, row.customer_id or ALL, when, chance, arm == partner, 0, 0,
                    self.random.choice([0, 0, 700]), self.position,
                )
                for partner, chance in zip(partners, chances, strict=True)
            ]  # fmt: skip
            self._come(self.outcomes[row.payment_id])

    def correct(self, how_many: int) -> None:
        """Bills and refunds become known of any draw, however long ago."""
        for row in self.random.sample(self.draws, min(how_many, len(self.draws))):
            self.position += 1
            self._come(self.outcomes[row.payment_id])

    def write(self) -> None:
        """What changed since the last time, as the view would have it."""
        view = View(self.connection, self.schema)
        view.save(DRAWS, self.draws)
        view.save(OUTCOMES, (one for each in self.outcomes.values() for one in each))
        view.save(DRAWN_PAIRS, {(d.issuer_id, o.acceptor_id): DrawnPairRow(d.issuer_id, o.acceptor_id)
                                for d in self.draws for o in self.outcomes[d.payment_id]}.values())  # fmt: skip
        self.connection.execute(f"DELETE FROM {self.schema}.draw_counts".encode())
        counted = {row.issuer_id: DrawCountsRow(row.issuer_id) for row in self.draws}
        for row in self.draws:
            counted[row.issuer_id].add(row)
        view.save(DRAW_COUNTS, counted.values())
        self.connection.execute(
            f"UPDATE {self.schema}.tracking SET position = %s WHERE projection = 'assignments'".encode(),
            [self.position],
        )

    def rows(self, table: str) -> list[tuple[object, ...]]:
        statement = sql.SQL("SELECT * FROM {} ORDER BY 1, 2, 3").format(sql.Identifier(self.schema, table))
        return self.connection.execute(statement).fetchall()

    def _come(self, outcomes: list[OutcomeRow]) -> None:
        for one in outcomes:
            came = self.random.random() < (0.6 if one.drawn else 0.3)
            one.visits, one.revenue = (1, self.random.choice([500, 900, 4_000])) if came else (0, 0)
            one.changed_position = self.position

    def _id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128))


@pytest.fixture
def street(database_url: str) -> Iterator[Street]:
    clock = HandClock(MORNING)
    with coalitions_of(migrated(database_url), clock) as coalitions:
        schema = founded(coalitions, clock).opened.schema
        with psycopg.connect(database_url, autocommit=True) as owner, open_connection(database_url) as connection:
            with owner.transaction():
                create_views(owner, schema)
            yield Street(connection, schema, Random(2_017))


def look(street: Street, until: datetime, *, keep: bool) -> Look:
    with at_one_position(street.connection, street.schema, ("assignments",), read_only=not keep):
        return Look(street.connection, street.schema, until, street.position, keep=keep)


def weeks(street: Street, until: datetime, *, keep: bool) -> dict[Comparison, list[Week]]:
    return look(street, until, keep=keep).weeks


def forget(street: Street) -> None:
    for table in ("measured_weeks", "measured_until"):
        street.connection.execute(f"DELETE FROM {street.schema}.{table}".encode())


def test_kept_weeks_say_what_all_draws_say_whatever_comes_late(street: Street) -> None:
    for hour, corrections in enumerate((0, 1, 12)):
        until = MORNING + timedelta(days=5 * hour + 18)
        for week in range(4) if not hour else (hour + 3, hour % 3):
            street.draw(MORNING + timedelta(days=5 * week - 3), 50)
        street.correct(corrections)
        street.write()

        shown = weeks(street, until, keep=True)

        kept = street.rows("measured_weeks")
        assert weeks(street, until, keep=False) == shown, "again, from what is kept"
        forget(street)
        assert weeks(street, until, keep=True) == shown, "and from nothing"
        assert street.rows("measured_weeks") == kept, "a table made anew has the same rows"
    assert any(row[4] is not None for row in kept)
    assert any(row[4] is None for row in kept)
    street.correct(5)
    street.write()
    unkept = look(street, until, keep=False)
    assert unkept.weeks != shown
    assert look(street, until, keep=True).document(None) == unkept.document(None), "who reads need not keep"


def test_what_is_shown_are_the_draws_of_a_naive_reader(street: Street) -> None:
    for week in range(8):
        street.draw(MORNING + timedelta(weeks=week), 100)
    street.write()
    weeks(street, MORNING + timedelta(weeks=6), keep=True)
    street.correct(40)
    street.write()
    until = MORNING + timedelta(weeks=10)

    found = weeks(street, until, keep=True)

    of_pairs = [pair for pair in found if ALL not in pair]
    assert sum(found[pair][0].released is not None for pair in of_pairs) > 6
    for pair in [*of_pairs, (SHOPS[0], ALL), (ALL, ALL)]:
        arms = found[pair][0].released
        naive = naively_shown(street, pair, until)
        assert (arms is None) == (naive is None)
        if arms is None or naive is None:
            continue
        assert len(naive.arm) == arms.none.guests + arms.certificate.guests
        effect = estimate(naive, Question(control="none")).comparisons[0]
        summed = estimate_sums(arms.none, arms.certificate, Question(control="none"), treated_name="certificate")
        answer = summed.comparisons[0]
        assert answer.visits.interval == pytest.approx(effect.visits.interval, rel=1e-5, abs=1e-7)
        assert answer.revenue.difference == pytest.approx(effect.revenue.difference, rel=1e-5, abs=1e-5)


def test_an_hour_without_news_reads_no_draw_and_a_correction_only_its_week(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    for week in range(8):
        street.draw(MORNING + timedelta(weeks=week), 60)
    street.write()
    until = MORNING + timedelta(weeks=9)
    look(street, until, keep=True)
    read: list[tuple[datetime, datetime]] = []
    monkeypatch.setattr(kept_weeks, "sums_by_week", lambda c, s, since, before: read.append((since, before)) or {})

    look(street, until, keep=True)
    untouched = list(read)
    street.correct(1)
    street.write()
    look(street, until, keep=True)

    assert untouched == []
    assert [before - since for since, before in read] == [timedelta(weeks=1)]


def test_rows_of_another_fold_or_of_a_view_that_has_come_less_far_are_not_trusted(street: Street) -> None:
    for week in range(4):
        street.draw(MORNING + timedelta(weeks=week), 60)
    street.write()
    until = MORNING + timedelta(weeks=5)
    shown = weeks(street, until, keep=True)

    for told in ("fold = 'another'", "position = position + 1"):
        street.connection.execute(f"UPDATE {street.schema}.measured_weeks SET added = added || 1::numeric".encode())
        street.connection.execute(f"UPDATE {street.schema}.measured_until SET {told}".encode())

        assert weeks(street, until, keep=False) == shown
        assert weeks(street, until, keep=True) == shown


def naively_shown(street: Street, pair: Comparison, until: datetime) -> Sample | None:
    """The draws of whole weeks, as far as each count grew by five: one after another, in plain Python."""
    rows = sorted(row for draw in street.draws for row in compared(street, draw, pair))
    monday = MORNING.replace(hour=0, minute=0) - timedelta(days=MORNING.weekday())
    ends = [monday + timedelta(weeks=n) for n in range(-2, 20) if monday + timedelta(weeks=n) <= until]
    shown, waiting = [], []
    for begins, ended in zip([datetime.min.replace(tzinfo=until.tzinfo), *ends], ends, strict=False):
        waiting += [row for row in rows if begins <= row[0] < ended]
        counts = [
            sum(1 for _, drawn, _, came, *_ in waiting if drawn == arm and came >= least)
            for arm in (0, 1)
            for least in (0, 1)
        ]
        if waiting and all(count == 0 or count >= LEAST for count in counts):
            shown, waiting = shown + waiting, []
    if not shown:
        return None
    _, *columns = zip(*shown, strict=True)
    arm, *outcomes = (np.array(column) for column in columns)
    return Sample(("none", "certificate"), arm, *(column.astype(np.float64) for column in outcomes))


def compared(street: Street, draw: DrawRow, pair: Comparison) -> Iterator[tuple[datetime, int, float, int, int, int]]:
    """When, the arm, its probability, whether the guest came, what was paid, what was paid before."""
    issuer_id, acceptor_id = pair
    outcomes = street.outcomes[draw.payment_id]
    neutral = draw.neutral_probability / MILLION
    drawn = int(draw.arm is not None)
    if acceptor_id == ALL:
        if draw.counts_in_street if issuer_id == ALL else draw.counts and draw.issuer_id == issuer_id:
            came = int(any(one.visits for one in outcomes))
            sums = (sum(one.revenue for one in outcomes), sum(one.revenue_before for one in outcomes))
            yield draw.drawn_at, drawn, 1 - neutral if drawn else neutral, came, *sums
        return
    for one in outcomes:
        if draw.counts and (draw.issuer_id, one.acceptor_id) == pair and (one.drawn or draw.arm is None):
            own = one.probability / MILLION
            chance = (own if one.drawn else neutral) / (own + neutral)
            yield draw.drawn_at, int(one.drawn), chance, one.visits, one.revenue, one.revenue_before
