"""What reports cost as history grows: `python -P -m benchmarks.reporting --scale 0.1`.

A street of 20 shops trades for 120 days, as the domain writes it, and the views are folded from that. Then it gets a
past: the database copies log and views, with other ids, to the days before, until there are ten million events (at
scale 1). Before and after, the views take the newest ten thousand events in, and reports of 90 days are made.
"""

import argparse
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from statistics import median
from tempfile import mkdtemp
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import Connection, sql
from rich.console import Console
from rich.table import Table as Printed

from benchmarks.stretches import Copier, Stretch
from network.application import Request
from network.coalitions import Coalitions, OpenCoalition, open_connection
from network.domain.certificate import Certificate, Origin
from network.domain.draw import Candidate, Hand, Rules, draw
from network.domain.payment import Payment
from network.domain.terms import FaceValue, Funding, Guest, Terms
from network.measuring.keeping import keep
from network.projections.assignments import DRAW_COUNTS
from network.projections.batches import Follower
from network.projections.catalogue import named
from network.projections.tracking import at_one_position
from network.reports import gathering
from network.reports.period import Period
from network.reports.reading import VIEWS
from network.store.embedded import EmbeddedPostgres
from network.store.mapper import EventMapper
from network.store.migrations import migrate_all

NEWEST = 10_000
FULL = 10_000_000
EVENTS_A_DAY = 500
PARTNERS, GUESTS = 20, 5_000
BEGINS = datetime(2010, 1, 1, tzinfo=UTC)
FIRST_DAYS = 120
"""More than a report's 90 days, and than the horizons of its draws."""
TERMS = Terms(face=FaceValue(fixed=500), funding=Funding(issuer=5_000))
RULES = Rules(neutral=2_000)
COPIED = ("assignments", "effects")
KEPT_ONCE = ("effect_zone", "effect_margins", "drawn_pairs", "draw_counts")
MEASURED = ("measured_weeks", "measured_until")


@dataclass
class Trade:
    """The street's log, one story after another, as the domain writes it."""

    coalition_id: UUID
    position: int
    merchants: list[UUID]
    guests: list[UUID]
    traded: int = 0
    """By the domain."""
    events: int = 0
    """In the log."""

    def story(self) -> Iterator[Any]:
        """A bill, a certificate for it; one in four is used, by a guest who pays there again later."""
        number = self.traded
        at = BEGINS + timedelta(days=number / EVENTS_A_DAY)
        issuer, acceptor = self.merchants[number % PARTNERS], self.merchants[(number * 7 + 1) % PARTNERS]
        guest = self.guests[(number * 31) % GUESTS]
        if issuer == acceptor:
            acceptor = self.merchants[(number + 3) % PARTNERS]
        paid = Payment.record(
            merchant_id=issuer, bill_reference=f"b{number}", amount=2_400, currency="EUR", customer_id=guest, at=at
        )
        agreement_id = UUID(int=(issuer.int + 2 * acceptor.int) % 2**128)
        one = Certificate.issue(
            certificate_id=uuid4(), coalition_id=self.coalition_id, issuer_id=issuer, acceptor_id=acceptor,
            origin=Origin(paid.id, agreement_id, 1), terms=TERMS, face=500, currency="EUR", holder_id=guest,
            expires_at=at + timedelta(days=30), status_index=0, at=at,
        )  # fmt: skip
        if number % 4 == 0:
            one.redeem(
                redemption_id=uuid4(), acceptor_id=acceptor, epoch=0, bill_reference=f"r{number}", bill=1_800,
                bill_left=1_800, requested=None, guest=Guest.NEW, at=at + timedelta(hours=3),
            )  # fmt: skip
        if number % 3 == 0:
            self._assign(paid, issuer, at)
        for aggregate in (paid, one):
            yield from aggregate.collect_events()

    def _assign(self, paid: Payment, issuer: UUID, at: datetime) -> None:
        """A third of the bills is drawn for, among four neighbours; what is handed out meanwhile changes no draw."""
        place = self.merchants.index(issuer)
        candidates = [
            Candidate(
                agreement_id=UUID(int=(issuer.int + 2 * partner.int) % 2**128), acceptor_id=partner,
                agreement_version=1, face=500, gave=0, received=0, owed=0, adds=0, room=10_000, lift=None,
                hand=Hand.FREE, share=0,
            )
            for partner in (self.merchants[(place + step) % PARTNERS] for step in (1, 2, 3, 4))
        ]  # fmt: skip
        seed = sha256(paid.id.bytes).hexdigest()[:32]
        drawn = draw(candidates, RULES, seed)
        paid.assign(drawn, rules=RULES, policy_version=1, seed=seed, seen_at=0, passed_over=(), at=at)

    def append(self, connection: Connection, schema: str, events: int) -> None:
        """So many more events, at least. Their hashes are not chained: this log is for measuring only."""
        mapper, until = EventMapper(), self.traded + events
        copied = sql.SQL(
            "COPY {} (position, originator_id, originator_version, topic, state, hash) FROM STDIN (FORMAT BINARY)"
        ).format(sql.Identifier(schema, "events"))
        with connection.transaction(), connection.cursor().copy(copied) as copy:
            copy.set_types(["int8", "uuid", "int4", "text", "bytea", "bytea"])
            while self.traded < until:
                for event in self.story():
                    stored = mapper.to_stored_event(event)
                    self.position += 1
                    self.traded += 1
                    self.events += 1
                    which = (stored.originator_id, stored.originator_version, stored.topic)
                    copy.write_row((self.position, *which, stored.state, b"m" * 32))
        connection.execute(
            sql.SQL("UPDATE {} SET position = %s").format(sql.Identifier(schema, "head")), (self.position,)
        )

    @property
    def days(self) -> int:
        """Since it began."""
        return self.traded // EVENTS_A_DAY


@dataclass
class Bench:
    """One coalition, its log and its views."""

    owner: Connection
    reader: Connection
    schema: str
    trade: Trade
    say: Callable[[str], None]

    def trade_and_follow(self, events: int) -> float:
        """So many more events; at which rate the views took them in, events/s."""
        self.trade.append(self.owner, self.schema, events)
        follower, began = Follower(self.reader, self.schema, named(VIEWS)), perf_counter()
        while follower.step():
            pass
        return events / (perf_counter() - began)

    def figures(self) -> dict[str, float]:
        """What the newest events, the hourly estimates and reports cost now."""
        self.owner.execute("VACUUM ANALYZE")
        self.owner.execute("CHECKPOINT")
        self.say(f"{self.trade.events:,} events: measuring ...")
        found: dict[str, float] = {}
        found["the estimates of everybody, from nothing, s"] = self._estimates()
        found["events into the views of reports, events/s"] = self.trade_and_follow(NEWEST)
        found["the estimates of everybody after these, s"] = self._estimates()
        found["a partner's report of 90 days, ms"] = self._median_ms(self._partner)
        found["the street's report of 90 days, ms"] = self._median_ms(self._street)
        row = self.owner.execute("SELECT pg_database_size(current_database())").fetchone()
        found["the database, GB"] = row[0] / 1e9 if row else 0.0
        for what, figure in found.items():
            self.say(f"{what}: {figure:.1f}")
        return found

    def grow(self, events: int) -> None:
        """Copies of all there is, each another stretch of days before, until the log has so many events."""
        once, trade = self.trade.events, self.trade
        copies = events // once - 1
        if copies < 1:
            return
        tables = [table for projection in named(COPIED) for table in projection.tables if table.name not in KEPT_ONCE]
        stretch = Stretch(begins_at=BEGINS, days=trade.days + 1, last=trade.position)
        Copier(self.owner, self.schema, tables).lay_before(stretch, copies, self.say)
        for table in MEASURED:  # the past was not there when they were made
            self.owner.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(self.schema, table)))
        times = sql.SQL(", ").join(sql.SQL(f"{name} = {name} * {copies + 1}") for name in DRAW_COUNTS.sums)
        self.owner.execute(sql.SQL("UPDATE {} SET {}").format(sql.Identifier(self.schema, DRAW_COUNTS.name), times))
        trade.position += copies * stretch.last
        trade.events += copies * once
        for name in ("head", "tracking"):
            self.owner.execute(
                sql.SQL("UPDATE {} SET position = %s").format(sql.Identifier(self.schema, name)), [trade.position]
            )

    def _estimates(self) -> float:
        """As the hour's work makes them: seconds."""
        now, began = BEGINS + timedelta(days=self.trade.days), perf_counter()
        kept = keep(self.reader, self.schema, now)
        assert kept is not None, "nobody else measures"
        assert kept.readers == PARTNERS + 1, "everybody drew"
        return perf_counter() - began

    def _median_ms(self, made: Callable[[int, Period], object]) -> float:
        taken, now = [], BEGINS + timedelta(days=self.trade.days + 1)
        for _ in range(9):
            began = perf_counter()
            with at_one_position(self.reader, self.schema, VIEWS) as position:
                made(position, Period.of(None, None, gathering.today(self.reader, self.schema, now)))
            taken.append(perf_counter() - began)
        return 1_000 * median(taken)

    def _partner(self, position: int, period: Period) -> object:
        report = gathering.partner(self.reader, self.schema, position, self.trade.merchants[0], period, own=True)
        assert report.measured, "estimates were kept for it"
        return report

    def _street(self, position: int, period: Period) -> object:
        return gathering.street(self.reader, self.schema, position, period)


def measure(url: str, opened: OpenCoalition, scale: float) -> dict[str, dict[str, float]]:
    """Trade, measure, give it a past, measure again: `{events: {what: figure}}`."""
    merchants = [_shop(opened, number) for number in range(PARTNERS)]
    with psycopg.connect(url, autocommit=True) as owner, open_connection(url, timeout="0") as reader:
        row = owner.execute(sql.SQL("SELECT position FROM {}").format(sql.Identifier(opened.schema, "head"))).fetchone()
        assert row is not None, "a coalition has a head"
        trade = Trade(opened.coalition_id, row[0], merchants, [uuid4() for _ in range(GUESTS)])
        bench = Bench(owner, reader, opened.schema, trade, _told())
        rate = bench.trade_and_follow(FIRST_DAYS * EVENTS_A_DAY)
        bench.say(f"{trade.events:,} events traded and followed at {rate:.0f}/s")
        found = {}
        for events in (0, round(FULL * scale)):
            bench.grow(events)
            figures = bench.figures()
            found[f"{trade.events:,}"] = figures
    return found


def _told() -> Callable[[str], None]:
    """Prints what was done, and after how long."""
    began = perf_counter()

    def say(text: str) -> None:
        print(f"{perf_counter() - began:7.0f} s  {text}", file=sys.stderr, flush=True)

    return say


def _shop(opened: OpenCoalition, number: int) -> UUID:
    merchant_id = uuid4()
    for command, facts in (
        ("apply_to_join", {"name": f"Shop {number}", "category": "shop", "address": "here"}),
        ("admit_merchant", {}),
    ):
        request = Request(caller="bench", key=f"{command} {number}", fingerprint=b"bench")
        getattr(opened.application, command)(request=request, merchant_id=merchant_id, **facts).result().facts()
    return merchant_id


def main() -> int:
    """Print what was measured."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.reporting", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.05, help="1 is ten million events (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the figures go as well")
    options = parser.parse_args()
    folder = Path(mkdtemp(prefix="pollen-bench-"))
    os.chmod(folder, 0o755)
    postgres = EmbeddedPostgres(folder / "postgres")
    with postgres as url:
        migrate_all(url)
        coalitions = Coalitions(url, secrets.token_bytes(32))
        opened = coalitions.found(
            coalition_id=uuid4(), slug="bench", name="Bench", currency="EUR", time_zone="Europe/Riga"
        )
        found = measure(url, opened, options.scale)
        coalitions.close()
    postgres.erase()
    rmtree(folder)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    before, after = found.values()
    table = Printed("", *(f"{events} events" for events in found), "ratio")
    for what, value in before.items():
        table.add_row(what, f"{value:.1f}", f"{after[what]:.1f}", f"{after[what] / value:.2f}")
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
