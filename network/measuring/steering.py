"""What the draw may know of measured effects: worked out beside the tills, once an hour, never waited for."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from psycopg import Connection, sql

from network.coalitions import OpenCoalition
from network.projections.assignments import HORIZON

if TYPE_CHECKING:
    from network.measuring.reading import Report

log = logging.getLogger(__name__)

KNOWN_FOR = 3_600.0
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


def _is_worth_it(connection: Connection, schema: str, at: datetime) -> bool:
    """Whether any pair can have an effect by now: some guest without a certificate whose horizon is over."""
    statement = sql.SQL(
        "SELECT EXISTS (SELECT FROM {} WHERE counts AND arm IS NULL AND drawn_at <= %s OFFSET {})"
    ).format(sql.Identifier(schema, "draws"), sql.Literal(LEAST_GUESTS))
    return connection.execute(statement, (at - HORIZON,)).fetchone() == (True,)


class Steering:
    """One process's memory of the lifts of each coalition. What a draw used stands in its event."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lifts: dict[str, Lifts] = {}
        self._asked_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def of(self, coalition: OpenCoalition, issuer_id: UUID) -> Mapping[UUID, int]:
        """`{acceptor: lift}` as far as known by now. An old answer starts a new look, in a thread of its own."""
        with self._lock:
            asked_at = self._asked_at.get(coalition.schema, float("-inf"))
            if time.monotonic() - asked_at > KNOWN_FOR:
                self._asked_at[coalition.schema] = time.monotonic()
                threading.Thread(target=self._look, args=(coalition,), name="steering", daemon=True).start()
            lifts = self._lifts.get(coalition.schema, {})
        return {acceptor_id: lift for (issuer, acceptor_id), lift in lifts.items() if issuer == issuer_id}

    def _look(self, coalition: OpenCoalition) -> None:
        try:
            with coalition.readers.connection() as connection:
                if not _is_worth_it(connection, coalition.schema, self._clock()):
                    return
                # scipy takes a second to load, which a process pays once there is something to measure.
                from network.measuring.reading import measure  # noqa: PLC0415

                report = measure(connection, coalition.schema, at=self._clock())
        except Exception:  # a draw without lifts is a draw: the next hour looks again
            log.exception("steering_failed", extra={"coalition_schema": coalition.schema})
            return
        with self._lock:
            self._lifts[coalition.schema] = lifts_of(report)
