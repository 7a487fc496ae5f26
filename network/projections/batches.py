"""Brings views forward a batch at a time: read once, fold each, one transaction for rows and tracking.

The tracking row is the fence: it is moved first, from exactly where the batch began, so that two writers can never
both apply a batch, and a swap of tables (see `rebuilding`) cannot happen in the middle of one.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from eventsourcing.persistence import StoredEvent
from psycopg import Connection, sql

from network.projections.catalogue import PROJECTIONS
from network.projections.projection import Projection
from network.projections.tables import View
from network.store.mapper import EventMapper, topics

log = logging.getLogger(__name__)

BATCH_EVENTS = 500
REASON_MAX = 500
_PASSING = (psycopg.OperationalError, psycopg.InterfaceError)


class Overtaken(Exception):
    """Somebody else moved or stopped the view since it was looked at: look again."""


class UnknownTopic(Exception):
    """An event that this version does not know. Whether a view should read it cannot be known either."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one view stands."""

    projection: Projection
    position: int
    stopped: str | None


class Follower:
    """Follows one coalition's log for some views, or, with a suffix, for the set that a rebuild is making.

    Not thread-safe: one per connection. The connection is in autocommit.
    """

    def __init__(
        self,
        connection: Connection,
        schema: str,
        projections: Sequence[Projection] = PROJECTIONS,
        *,
        suffix: str = "",
        batch_events: int = BATCH_EVENTS,
    ) -> None:
        self.connection = connection
        self.schema = schema
        self._suffix = suffix
        self._projections = {projection.name + suffix: projection for projection in projections}
        self._batch_events = batch_events
        self._mapper = EventMapper()
        self._known = frozenset(topics())
        self._view = View(connection, schema, suffix)
        tracking = sql.Identifier(schema, "tracking")
        self._look = sql.SQL(
            "SELECT t.projection, t.position, t.stopped, h.position FROM {t} t, {h} h WHERE t.projection = ANY (%s)"
        ).format(t=tracking, h=sql.Identifier(schema, "head"))
        self._read = sql.SQL(
            "SELECT position, originator_id, originator_version, topic, state FROM {e}"
            " WHERE position > %s AND position <= %s ORDER BY position LIMIT %s"
        ).format(e=sql.Identifier(schema, "events"))
        # Locked in one order: two that move the same views at once wait for each other, and never for ever.
        self._move = sql.SQL(
            "WITH locked AS (SELECT projection FROM {t} WHERE projection = ANY (%s) ORDER BY projection FOR UPDATE)"
            " UPDATE {t} t SET position = %s FROM locked WHERE t.projection = locked.projection"
            " AND t.position = %s AND t.stopped IS NULL RETURNING t.projection"
        ).format(t=tracking)
        self._halt = sql.SQL(
            "UPDATE {t} SET stopped = %s WHERE projection = %s AND position = %s AND stopped IS NULL"
            " RETURNING projection"
        ).format(t=tracking)
        self._resume = sql.SQL(
            "UPDATE {t} SET stopped = NULL WHERE projection = ANY (%s) AND stopped IS NOT NULL RETURNING projection"
        ).format(t=tracking)

    def resume(self) -> None:
        """Try stopped views again, as a newly started server does: what stopped them may be mended by now."""
        for (name,) in self.connection.execute(self._resume, (list(self._projections),)).fetchall():
            log.warning("projection_resumed", extra={"coalition_schema": self.schema, "projection": name})

    def places(self) -> tuple[list[Place], int]:
        """Where each view stands, and the last position of the log."""
        rows = self.connection.execute(self._look, (list(self._projections),)).fetchall()
        head = max((row[3] for row in rows), default=0)
        return [Place(self._projections[name], position, stopped) for name, position, stopped, _ in rows], head

    def step(self, *, patient: bool = True) -> int:
        """One batch for every view that is behind; views at the same position share it. Returns the events read.

        `patient` False leaves those out that may wait. Raises: psycopg's errors when the connection or a lock fails;
        nothing of that batch is written then.
        """
        places, head = self.places()
        groups: dict[int, list[Projection]] = {}
        for place in places:
            if place.stopped is None and place.position < head and (patient or not place.projection.patient):
                groups.setdefault(place.position, []).append(place.projection)
        read = 0
        # A view that lags reads up to where the next ones stand, and then goes on together with them.
        starts = sorted(groups)
        for start, end in zip(starts, [*starts[1:], head], strict=False):
            events = self._events(start, end)
            read += len(events)
            try:
                self._advance(groups[start], start, events)
            except Overtaken:
                log.debug("projection_overtaken", extra={"coalition_schema": self.schema})
        return read

    def _events(self, start: int, end: int) -> "list[_Event]":
        rows = self.connection.execute(self._read, (start, end, self._batch_events), binary=True)
        return [_Event(self._mapper, position, StoredEvent(*stored)) for position, *stored in rows]

    def _advance(self, projections: Sequence[Projection], start: int, events: "Sequence[_Event]") -> bool:
        """Apply the batch; if one view fails on it, the others go on, and that one goes as far as it can.

        False when a view was stopped. Raises: Overtaken.
        """
        try:
            self._write(projections, start, events)
        except (*_PASSING, Overtaken):
            raise
        except Exception as error:
            if len(projections) > 1:
                return all([self._advance([one], start, events) for one in projections])  # noqa: C419 - each one tries
            if len(events) > 1:
                half = len(events) // 2
                return self._advance(projections, start, events[:half]) and self._advance(
                    projections, events[half - 1].position, events[half:]
                )
            log.exception("projection_stopped", extra={"coalition_schema": self.schema})
            self._stop(projections[0], start, events[0], error)
            return False
        return True

    def _write(self, projections: Sequence[Projection], start: int, events: "Sequence[_Event]") -> None:
        self._refuse_unknown(events)
        wanted = [(projection, _facts(projection, events)) for projection in projections]
        names = [projection.name + self._suffix for projection in projections]
        with self.connection.transaction():
            moved = self.connection.execute(self._move, (names, events[-1].position, start)).fetchall()
            if len(moved) < len(names):
                raise Overtaken()
            for projection, facts in wanted:
                if facts:
                    projection.fold(facts, self._view)

    def _refuse_unknown(self, events: "Sequence[_Event]") -> None:
        """Raises: UnknownTopic, so that no view passes an event that it might have to read."""
        for event in events:
            if event.stored.topic not in self._known:
                raise UnknownTopic(event.stored.topic)

    def _stop(self, projection: Projection, start: int, event: "_Event", error: Exception) -> None:
        said = f"position {event.position}, {event.stored.topic}: {type(error).__name__}: {error}"
        reason = "".join(c for c in said if c.isprintable())[:REASON_MAX]
        self.connection.execute(self._halt, (reason, projection.name + self._suffix, start))


class _Event:
    """A stored event, decoded once, when the first view wants it."""

    __slots__ = ("_decoded", "_mapper", "position", "stored")

    def __init__(self, mapper: EventMapper, position: int, stored: StoredEvent) -> None:
        self.position = position
        self.stored = stored
        self._mapper = mapper
        self._decoded: object = None

    def decoded(self) -> object:
        """Raises: the mapper's error for bytes that are not this event."""
        if self._decoded is None:
            self._decoded = self._mapper.to_domain_event(self.stored)
        return self._decoded


def _facts(projection: Projection, events: Sequence[_Event]) -> list[tuple[int, Any]]:
    """What this view reads of the batch."""
    wanted = projection.topics
    return [(event.position, event.decoded()) for event in events if event.stored.topic in wanted]
