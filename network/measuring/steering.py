"""What the draw may know of measured effects: worked out every hour beside the server, and read by it as a few rows.

The estimates need scipy, which takes a second to load, and all draws so far. No till waits for either: the server
reads the table `measured_lifts`, and what a draw used stands in its event.
"""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
from psycopg import Connection, sql

from network.coalitions import Coalitions
from network.measuring.keeping import keep_documents
from network.projections.assignments import HORIZON

if TYPE_CHECKING:
    from network.measuring.reading import Report

log = logging.getLogger(__name__)

EVERY_SECONDS = 3_600.0
LEAST_GUESTS = 20
"""In the neutral arm; with fewer no interval leaves out zero at every look."""
LIFT_KNOWN = "at_any_look"
"""Only an effect that holds however often one looks may steer the draw, which looks all the time."""

Lifts = dict[tuple[UUID, UUID], int]


def lifts_of(report: "Report") -> Lifts:
    """`{(issuer, acceptor): visits a certificate brings, in basis points of a visit for each guest}`, where known."""
    return {
        (one.issuer_id, one.acceptor_id): round(10_000 * one.comparison.visits.difference)
        for one in report.pairs
        if one.comparison is not None
        and one.issuer_id is not None
        and one.acceptor_id is not None
        and one.comparison.visits.verdict == LIFT_KNOWN
    }


def known_lifts(connection: Connection, schema: str, issuer_id: UUID) -> Mapping[UUID, int]:
    """`{acceptor: lift}` as last measured; empty while nothing is known."""
    statement = sql.SQL("SELECT acceptor_id, lift FROM {} WHERE issuer_id = %s")
    table = sql.Identifier(schema, "measured_lifts")
    return dict(connection.execute(statement.format(table), [issuer_id]).fetchall())


def measure_lifts(connection: Connection, schema: str, at: datetime) -> int:
    """Work the lifts out and put them in place of the old ones; returns how many there are. Safe to repeat."""
    lifts: Lifts = {}
    if _is_worth_it(connection, schema, at):
        from network.measuring.reading import measure  # noqa: PLC0415  it loads scipy

        lifts = lifts_of(measure(connection, schema, at=at))
    table = sql.Identifier(schema, "measured_lifts")
    rows = [(issuer_id, acceptor_id, lift, at) for (issuer_id, acceptor_id), lift in lifts.items()]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(table))
        cursor.execute(sql.SQL("DELETE FROM {}").format(table))
        cursor.executemany(sql.SQL("INSERT INTO {} VALUES (%s, %s, %s, %s)").format(table), rows)
    return len(rows)


def _is_worth_it(connection: Connection, schema: str, at: datetime) -> bool:
    """Whether any pair can have an effect by now: some guest without a certificate whose horizon is over."""
    statement = sql.SQL(
        "SELECT EXISTS (SELECT FROM {} WHERE counts AND arm IS NULL AND drawn_at <= %s OFFSET {})"
    ).format(sql.Identifier(schema, "draws"), sql.Literal(LEAST_GUESTS))
    return connection.execute(statement, (at - HORIZON,)).fetchone() == (True,)


class MeasuringJob:
    """Runs `measure_lifts` and `keep_documents` for every coalition each hour, in a thread beside the server."""

    def __init__(self, coalitions: Coalitions, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._coalitions = coalitions
        self._every_seconds = every_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="measuring", daemon=True)

    def start(self) -> None:
        """Begin, with what is known now."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the coalition in hand."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            for entry in self._entries():
                self._measure(entry)
            self._stopping.wait(self._every_seconds)

    def _entries(self) -> list[str]:
        try:
            return [entry.slug for entry in self._coalitions.directory.all() if not entry.importing]
        except psycopg.Error as error:  # the database will be back
            log.warning("measuring_postponed", extra={"error": type(error).__name__})
            return []

    def _measure(self, slug: str) -> None:
        if self._stopping.is_set():
            return
        try:
            coalition = self._coalitions.open(slug)
            with coalition.readers.connection() as connection:
                now = self._coalitions.clock()
                measure_lifts(connection, coalition.schema, now)
                keep_documents(connection, coalition.schema, now)
        except Exception:  # a draw without new lifts is a draw, a report an hour older: the next hour looks again
            log.exception("measuring_failed", extra={"coalition": slug})
