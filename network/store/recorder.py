"""Reads and appends one coalition's log: the library's recorder over our own schema."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import datetime
from random import SystemRandom
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, Notification, StoredEvent, Subscription
from psycopg import Connection, Cursor, sql

STATUS_BLOCK = 1_024
_json = msgspec.json.Encoder()


class CoalitionMoved(Exception):
    """The log lives elsewhere now, or is frozen for a move: look the coalition up in the directory again."""


@dataclass(frozen=True, slots=True)
class Write:
    """One statement beside the log that holds with a command's events or not at all; `{s}` is the coalition's schema.

    It is written so that nothing on record can make it fail: other commands stand in the same transaction.
    """

    text: str
    values: tuple[object, ...]

    def statement(self, schema: str) -> sql.Composed:
        """As the database takes it."""
        return sql.SQL(self.text).format(s=sql.Identifier(schema))


@dataclass(slots=True)
class Batch:
    """What one append writes; see `append` in 0001_log.sql.

    `bases`: the version of every aggregate that was looked at. `requests`: caller, key, fingerprint, refused, sealed
    answer, place of its last event. `moves`: `{(scope, key): [free, guarded]}`. `codes`: digest, certificate, epoch.
    `beside`: what else is written, in the same transaction.
    """

    bases: dict[UUID, int] = field(default_factory=dict)
    events: list[StoredEvent] = field(default_factory=list)
    requests: list[tuple[str, str, bytes, bool, bytes, int]] = field(default_factory=list)
    caps: dict[str, int | None] = field(default_factory=dict)
    moves: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    visits: dict[tuple[UUID, UUID], datetime] = field(default_factory=dict)
    codes: list[tuple[bytes, UUID, int]] = field(default_factory=list)
    beside: list[Write] = field(default_factory=list)

    def document(self) -> str:
        """The JSON that `append` reads; bytes in base64."""
        groups: dict[str, list[dict[str, object]]] = {
            "bases": [{"id": i, "version": v} for i, v in self.bases.items()],
            "events": [
                {"id": e.originator_id, "version": e.originator_version, "topic": e.topic, "state": e.state.decode()}
                for e in self.events
            ],
            "requests": [
                {"caller": c, "key": k, "fingerprint": f, "refused": r, "answer": a, "last": n}
                for c, k, f, r, a, n in self.requests
            ],
            "caps": [{"scope": s, "cap": cap} for s, cap in self.caps.items()],
            "moves": [{"scope": s, "key": k, "free": f, "guarded": g} for (s, k), (f, g) in self.moves.items()],
            "visits": [{"merchant": m, "customer": c, "at": at} for (m, c), at in self.visits.items()],
            "codes": [{"digest": d, "certificate": i, "epoch": n} for d, i, n in self.codes],
        }
        always = ("bases", "events", "requests")
        return _json.encode({name: rows for name, rows in groups.items() if rows or name in always}).decode()


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a request key was answered with. `answer` is sealed."""

    fingerprint: bytes
    refused: bool
    answer: bytes
    position: int


class CoalitionRecorder(ApplicationRecorder):
    """One connection's view of one coalition's log. Not thread-safe, but for one `append` that another thread has under
    way: `appending` is its end, and every read waits for it.
    """

    def __init__(self, connection: Connection, schema: str, epoch: int = 1) -> None:
        self.connection = connection
        self.schema = schema
        self.epoch = epoch
        self.appending: Future[bool] | None = None
        self._status_blocks: dict[str, list[int]] = {}
        self._append = self._sql("SELECT outcome, start FROM {s}.append(%s, %s::jsonb)")
        self._streams = self._sql(
            "SELECT e.originator_id, e.originator_version, e.topic, e.state"
            " FROM jsonb_to_recordset(%s::jsonb) AS base (id uuid, version int)"
            " JOIN {s}.events e ON e.originator_id = base.id AND e.originator_version > base.version"
            " ORDER BY e.originator_id, e.originator_version"
        )
        self._answers = self._sql(
            "SELECT caller, key, fingerprint, refused, answer, position"
            " FROM jsonb_to_recordset(%s::jsonb) AS asked (caller text, key text) JOIN {s}.requests USING (caller, key)"
        )
        self._visits = self._sql(
            "SELECT merchant_id, customer_id, last_paid_at"
            " FROM unnest(%b::uuid[], %b::uuid[]) AS v (merchant_id, customer_id)"
            " JOIN {s}.visits USING (merchant_id, customer_id)"
        )

    def append(self, batch: Batch) -> int | None:
        """Write the batch in one statement, and what stands beside the log with it. Returns the position before its
        first event, or None when it was decided on stale facts and nothing was written. Raises: CoalitionMoved, and
        psycopg's errors.
        """
        if not batch.beside:
            return self._appended(batch)
        with self.connection.transaction():
            start = self._appended(batch)
            for write in batch.beside if start is not None else ():
                self.connection.execute(write.statement(self.schema), write.values)
        return start

    def _appended(self, batch: Batch) -> int | None:
        row = self.connection.execute(
            self._append,
            (self.epoch, batch.document()),
        ).fetchone()
        assert row is not None
        outcome, start = row
        if outcome == "moved":
            raise CoalitionMoved(self.schema)
        return int(start) if outcome == "appended" else None

    def look_up_by_index(self) -> None:
        """For a writer's connection: every statement here looks up a few rows by key, whatever the planner's
        statistics of a young table say. Without it a plan made for an empty log scans a full one.
        """
        self._read("SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off")

    def lock_head(self) -> None:
        """Hold the head row until the caller's transaction ends: nobody else appends meanwhile."""
        self._read(self._sql("UPDATE {s}.head SET position = position"))

    def streams(self, bases: dict[UUID, int]) -> Iterator[StoredEvent]:
        """The events of each stream after the version that is known, stream by stream."""
        wanted = _json.encode([{"id": i, "version": version} for i, version in bases.items()]).decode()
        rows = self._read(self._streams, (wanted,), binary=True)
        for originator_id, version, topic, state in rows:
            yield StoredEvent(originator_id, version, topic, state)

    def answers(self, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], StoredAnswer]:
        """The stored answers of those request keys, `(caller, key)`, that have one."""
        wanted = _json.encode([{"caller": caller, "key": key} for caller, key in asked]).decode()
        rows = self._read(self._answers, (wanted,), binary=True)
        return {(caller, key): StoredAnswer(*rest) for caller, key, *rest in rows}

    def visits(self, pairs: Sequence[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], datetime]:
        """`{(merchant, customer): last payment}` for those pairs that have one."""
        rows = self._read(self._visits, ([m for m, _ in pairs], [c for _, c in pairs]), binary=True)
        return {(merchant, customer): at for merchant, customer, at in rows}

    def used(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """What counts against each `(scope, key)`; nothing yet where it is missing."""
        wanted = list(keys)
        rows = self._read(
            self._sql(
                "SELECT scope, key, used FROM unnest(%b::text[], %b::text[]) AS k (scope, key)"
                " JOIN {s}.exposures USING (scope, key)"
            ),
            ([s for s, _ in wanted], [k for _, k in wanted]),
        )
        return {(scope, key): used for scope, key, used in rows}

    def status_index(self, expires_at: datetime) -> int:
        """A place in the status list of the quarter in which the certificate ends, at random within a block.

        Blocks are taken from the database, so that no two processes give the same place; a lost block is only a gap.
        """
        quarter = f"{expires_at.year}Q{(expires_at.month + 2) // 3}"
        block = self._status_blocks.setdefault(quarter, [])
        if not block:
            row = self._read(
                self._sql(
                    "INSERT INTO {s}.status_indexes AS i (quarter, next) VALUES (%s, %s)"
                    " ON CONFLICT (quarter) DO UPDATE SET next = i.next + %s RETURNING next"
                ),
                (quarter, STATUS_BLOCK, STATUS_BLOCK),
            ).fetchone()
            assert row is not None
            block.extend(range(row[0] - STATUS_BLOCK, row[0]))
            SystemRandom().shuffle(block)
        return block.pop()

    def head(self) -> tuple[int, bytes]:
        """The last position and the hash of the chain there."""
        row = self._read(self._sql("SELECT position, hash FROM {s}.head")).fetchone()
        assert row is not None
        return row[0], row[1]

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int]:
        """The library's write, for one saved aggregate at a time. Raises: IntegrityError when a version exists."""
        bases = {e.originator_id: e.originator_version - 1 for e in reversed(stored_events)}
        start = self.append(Batch(bases=bases, events=list(stored_events)))  # type: ignore[arg-type]
        if start is None:
            raise IntegrityError("another writer was first")
        return range(start + 1, start + 1 + len(stored_events))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """One stream, in order."""
        rows = self._read(
            self._sql(
                "SELECT originator_id, originator_version, topic, state FROM {s}.events WHERE originator_id = %s"
                " AND originator_version > %s AND originator_version <= %s ORDER BY originator_version {d} LIMIT %s",
                d="DESC" if desc else "ASC",
            ),
            (originator_id, gt or 0, lte or 2**31 - 1, limit),
        )
        return [StoredEvent(*row) for row in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The log from a position on, in order."""
        after = (start or 0) - (1 if inclusive_of_start and start else 0)
        rows = self._read(
            self._sql(
                "SELECT originator_id, originator_version, topic, state, position FROM {s}.events"
                " WHERE position > %s AND position <= %s AND (%s::text[] = '{{}}' OR topic = ANY (%s::text[]))"
                " ORDER BY position LIMIT %s"
            ),
            (after, stop or 2**62, list(topics), list(topics), limit),
            binary=True,
        )
        return [Notification(*row) for row in rows]

    def max_notification_id(self) -> int | None:
        """The last position, None for an empty log."""
        return self.head()[0] or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Not offered: projections read in batches from a position, see `network.projections.runner`."""
        raise NotImplementedError

    def _read(
        self, statement: sql.Composed | str, parameters: Sequence[object] = (), *, binary: bool = False
    ) -> Cursor:
        if self.appending is not None:
            wait([self.appending])
            self.appending = None
        return self.connection.execute(statement, parameters or None, binary=binary)

    def _sql(self, text: str, **parts: str) -> sql.Composed:
        return sql.SQL(text).format(
            s=sql.Identifier(self.schema), **{name: sql.SQL(part) for name, part in parts.items()}
        )
