"""What certificates brought, day by day, against a second computation straight from the log that shares nothing."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import timedelta
from random import Random
from typing import Any

import psycopg
import pytest

from network.application import Request
from network.coalitions import open_connection
from network.projections.batches import Follower
from network.projections.catalogue import named
from network.projections.effects.rows import DAY_SUMS, DAYS, HOP_SUMS, HOPS, WAITS, DayRow, HopRow, WaitRow
from network.projections.effects.waits import hours_of
from network.projections.rebuilding import rebuild
from network.projections.tables import Table, select
from network.reports import reading
from network.reports.partner import Heading
from network.reports.period import Period
from network.reports.street import StreetRows, street_report
from tests.projections import naive_reports
from tests.projections.naive_effects import Naive
from tests.projections.worlds import World, contents, world


class LateWorld(World):
    """Tells of some things days after they were, and of some before what they followed."""

    told: World

    def later(self, **duration: float) -> None:
        super().later(**duration)
        self.told.now = self.now

    def do(self, command: str, **facts: Any) -> dict[str, Any]:
        late = command in ("record_payment", "redeem_certificate", "refund_payment", "pass_on_certificate")
        if not (late and self.random.random() < 0.4):
            return super().do(command, **facts)
        at = self.now - timedelta(days=self.random.choice([0, 1, 3, 40, 100, 200]), minutes=self.random.randint(0, 900))
        request = Request("test", str(self.id()), b"f", at)
        answer: dict[str, Any] = getattr(self.opened.application, command)(request=request, **facts).result().facts()
        return answer


@contextmanager
def late_world(database_url: str, seed: int) -> Iterator[LateWorld]:
    with world(database_url, seed) as street:
        late = LateWorld(street.coalitions, street.opened, Random(seed + 1_000), street.now)
        for name in ("merchants", "wallets", "agreements"):
            setattr(late, name, getattr(street, name))
        late.told = street
        yield late


def log_of(street: World) -> list[Any]:
    with street.opened.reading() as recorder:
        return [street.opened.mapper.to_domain_event(one) for one in recorder.select_notifications(None, 10**6)]


def fold(database_url: str, schema: str, batch_events: int) -> None:
    with open_connection(database_url) as connection:
        follower = Follower(connection, schema, named(["effects"]), batch_events=batch_events)
        while follower.step():
            pass
        assert not [place for place in follower.places()[0] if place.stopped]


def rows_of(database_url: str, schema: str, table: Table[Any]) -> list[Any]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        return select(connection, schema, table)


def figures(row: DayRow | HopRow) -> dict[str, int]:
    return {name: value for name, value in asdict(row).items() if name.endswith(("_count", "_value")) and value}


def reports_say_the_same(database_url: str, schema: str, naive: Naive) -> None:
    """What reports add up of days and hops, against the naive computation."""
    every = [row.day for row in rows_of(database_url, schema, DAYS)]
    period = Period(min(every), max(every), max(every) + timedelta(days=100))
    with open_connection(database_url) as connection:
        for by in naive_reports.BEGINS:
            found = reading.sums(connection, schema, period, by=by)
            summed = {((one.issuer_id, one.acceptor_id), one.begins_on): counted(one.sums, DAY_SUMS) for one in found}
            assert {key: sums for key, sums in summed.items() if sums} == naive_reports.stretches(naive, by)
        hops = reading.hops(connection, schema, period)
        summed_hops = {((one.issuer_id, one.acceptor_id), one.hop): counted(one.sums, HOP_SUMS) for one in hops}
        assert {key: sums for key, sums in summed_hops.items() if sums} == naive_reports.hops(naive)
        pairs = reading.sums(connection, schema, period)
    names = {shop: str(shop) for one in pairs for shop in (one.issuer_id, one.acceptor_id)}
    heading = Heading("Street", "EUR", "Europe/Riga", 1, period)
    # As if everything had happened five times: this street is small, and small pairs are not shown.
    often = [replace(pair, sums={name: 5 * value for name, value in pair.sums.items()}) for pair in pairs]
    partners = street_report(StreetRows(heading, names, often, [], [])).partners
    told = {one.merchant_id: (one.given, one.got, one.value_given, one.value_got) for one in partners}
    expected = naive_reports.standings(naive, times=5)
    assert told == {shop: expected[shop] for shop in names}
    assert any(given and got for given, got, *_ in told.values())


def counted(sums: dict[str, int], names: tuple[str, ...]) -> dict[str, int]:
    return {name: sums[name] for name in names if name.endswith(("_count", "_value")) and sums[name]}


def place(row: DayRow | HopRow | WaitRow) -> tuple[Any, ...]:
    return row.agreement_id, row.agreement_version, row.day


@pytest.mark.parametrize(("seed", "batch_events"), [(41, 31), (42, 7), (44, 1)])
def test_every_day_hop_and_wait_is_what_a_look_through_the_whole_log_says(database_url, seed, batch_events):
    """However the log is cut into batches, and folded anew in others."""
    with late_world(database_url, seed) as street:
        street.trade(450 if batch_events > 1 else 250)
        naive = Naive(log_of(street))

        fold(database_url, street.schema, batch_events)

        days, hops, waits = (rows_of(database_url, street.schema, table) for table in (DAYS, HOPS, WAITS))
        assert {place(row): figures(row) for row in days} == naive.days()
        assert {(*place(row), row.hop): figures(row) for row in hops if figures(row)} == naive.hops()
        waited = defaultdict(list)
        for row in sorted(waits, key=lambda row: row.bin):
            waited[place(row)] += [hours_of(row.bin)] * row.entries
        assert waited == naive.waits()
        assert naive.uses
        assert any(hop for *_, hop in naive.hops())
        reports_say_the_same(database_url, street.schema, naive)

        before = contents(database_url, street.schema)
        with psycopg.connect(database_url, autocommit=True) as connection:
            rebuild(connection, street.schema, named(["effects"]))
        assert contents(database_url, street.schema) == before
