"""What reports cost as history grows: `python -P -m benchmarks.reporting --scale 0.01`.

A street of pairs trades at the same pace for longer and longer: the full scale is ten million events. Measured at ten
thousand events and at the end: how fast the view takes the newest events in, and how long a report of 90 days takes.
"""

import argparse
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import Connection, sql
from rich.console import Console

from network.coalitions import Coalitions, OpenCoalition, open_connection
from network.domain.certificate import Certificate, Origin
from network.domain.payment import Payment
from network.domain.terms import FaceValue, Funding, Guest, Terms
from network.projections.batches import Follower
from network.projections.catalogue import named
from network.reports import reading
from network.reports.period import Period
from network.store.embedded import EmbeddedPostgres
from network.store.mapper import EventMapper
from network.store.migrations import migrate_all

SHORT = 10_000
FULL = 10_000_000
EVENTS_A_DAY = 500
PARTNERS, GUESTS = 20, 5_000
BEGINS = datetime(2010, 1, 1, tzinfo=UTC)
TERMS = Terms(face=FaceValue(fixed=500), funding=Funding(issuer=5_000))


@dataclass
class Trade:
    """The street's log, one story after another, as the domain writes it."""

    coalition_id: UUID
    position: int
    merchants: list[UUID]
    guests: list[UUID]
    events: int = 0

    def story(self) -> Iterator[Any]:
        """A bill, a certificate for it; one in four is used, by a guest who pays there again later."""
        number = self.events
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
        for aggregate in (paid, one):
            yield from aggregate.collect_events()

    def append(self, connection: Connection, schema: str, events: int) -> None:
        """So many more events, at least. Their hashes are not chained: this log is for measuring only."""
        mapper, until = EventMapper(), self.events + events
        copied = sql.SQL(
            "COPY {} (position, originator_id, originator_version, topic, state, hash) FROM STDIN (FORMAT BINARY)"
        ).format(sql.Identifier(schema, "events"))
        with connection.transaction(), connection.cursor().copy(copied) as copy:
            copy.set_types(["int8", "uuid", "int4", "text", "bytea", "bytea"])
            while self.events < until:
                for event in self.story():
                    stored = mapper.to_stored_event(event)
                    self.position += 1
                    self.events += 1
                    which = (stored.originator_id, stored.originator_version, stored.topic)
                    copy.write_row((self.position, *which, stored.state, b"m" * 32))
        connection.execute(
            sql.SQL("UPDATE {} SET position = %s").format(sql.Identifier(schema, "head")), (self.position,)
        )

    @property
    def today(self) -> date:
        """The day of the newest event."""
        return (BEGINS + timedelta(days=self.events / EVENTS_A_DAY)).date()


def _followed(connection: Connection, schema: str, say: Callable[[str], None]) -> float:
    """Seconds to bring the view up."""
    follower, began, read = Follower(connection, schema, named(["effects"])), perf_counter(), 0
    while step := follower.step():
        read += step
        if read % 100_000 < step:
            say(f"{read} events folded")
    return perf_counter() - began


def _report_seconds(connection: Connection, schema: str, today: date) -> float:
    period = Period.of(None, None, today)
    taken = []
    for _ in range(9):
        began = perf_counter()
        reading.sums(connection, schema, period)
        reading.sums(connection, schema, period, by="month")
        reading.hops(connection, schema, period)
        taken.append(perf_counter() - began)
    return median(taken)


def measure(url: str, opened: OpenCoalition, scale: float, console: Console) -> list[tuple[str, float]]:
    """Fill, fold and measure; `(what, value)`."""
    found = []
    with psycopg.connect(url, autocommit=True) as owner, open_connection(url, timeout="600s") as reader:
        row = owner.execute(sql.SQL("SELECT position FROM {}").format(sql.Identifier(opened.schema, "head"))).fetchone()
        assert row is not None, "a coalition has a head"
        trade = Trade(opened.coalition_id, row[0], [uuid4() for _ in range(PARTNERS)], [uuid4() for _ in range(GUESTS)])
        # 90 days are 45 000 events at this pace: a report is full at both ends.
        warm = 90 * EVENTS_A_DAY + SHORT
        rates, reports = [], []
        with console.status("Trading ...") as status:
            for events in (warm, max(SHORT, round(FULL * scale) - warm)):
                trade.append(owner, opened.schema, events)
                _followed(reader, opened.schema, status.update)
                owner.execute("VACUUM ANALYZE")
                trade.append(owner, opened.schema, SHORT)
                rates.append(SHORT / _followed(reader, opened.schema, status.update))
                reports.append(_report_seconds(reader, opened.schema, trade.today))
                found += [
                    (f"newest {SHORT} of {trade.events} events, events/s into the view", rates[-1]),
                    (f"report of 90 days with {trade.events} events, ms", reports[-1] * 1_000),
                ]
    found += [
        ("events/s, long history to short", rates[1] / rates[0]),
        ("report time, long history to short", reports[1] / reports[0]),
    ]
    return found


def main() -> int:
    """Print what was measured."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.reporting", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.05, help="1 is ten million events (%(default)s)")
    options = parser.parse_args()
    console = Console()
    folder = Path(mkdtemp(prefix="pollen-bench-"))
    os.chmod(folder, 0o755)
    postgres = EmbeddedPostgres(folder / "postgres")
    with postgres as url:
        migrate_all(url)
        coalitions = Coalitions(url, secrets.token_bytes(32))
        opened = coalitions.found(
            coalition_id=uuid4(), slug="bench", name="Bench", currency="EUR", time_zone="Europe/Riga"
        )
        found = measure(url, opened, options.scale, console)
        coalitions.close()
    postgres.erase()
    for what, value in found:
        console.print(f"{value:12.2f}  {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
