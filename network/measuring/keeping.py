"""What is shown of measured effects, worked out every hour for each reader and read as one row.

Where nothing is kept yet, or the hours were missed for two days, a report works it out itself, from what is kept of the
weeks and what came since.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg import Connection, sql

from network.measuring.begun import is_randomised, readers
from network.measuring.steering import Lifts, keep_lifts
from network.projections import coalition
from network.projections.assignments import HORIZON
from network.projections.tables import take_time
from network.projections.tracking import at_one_position, position_of

if TYPE_CHECKING:
    from network.measuring.looking import Look

STREET = UUID(int=0)
"""Reads for all."""
VIEWS = ("assignments", "coalition")
"""What is read of the log."""
_KEPT_FOR = timedelta(days=1)
"""After midnight the last day's document is shown until the hour comes round; an older one never."""
_NEWEST = 100

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """For how many readers, and how many pairs may steer the draw."""

    readers: int
    lifts: int


def today(connection: Connection, schema: str, now: datetime) -> date:
    """The coalition's calendar day; of an imported past its last one: what came later is not known."""
    newest = connection.execute(
        sql.SQL(
            "SELECT max(convert_from(state, 'UTF8')::jsonb ->> 'timestamp')"
            " FROM (SELECT state FROM {e} ORDER BY position DESC LIMIT %s) newest"
        ).format(e=sql.Identifier(schema, "events")),
        [_NEWEST],
    ).fetchone()
    last = datetime.fromisoformat(newest[0]) if newest and newest[0] else now
    return min(now, last).astimezone(_zone(connection, schema)).date()


def shown_document(connection: Connection, schema: str, day: date, reader_id: UUID | None) -> Document | None:
    """What a report of `day` shows a merchant, or with None the organizer; None if nothing was drawn by lot.

    Inside a caller's transaction. Horizons were over when the day began on which it was worked out.
    """
    statement = sql.SQL("SELECT document FROM {} WHERE reader_id = %s AND day BETWEEN %s AND %s").format(_table(schema))
    row = connection.execute(statement, (reader_id or STREET, day - _KEPT_FOR, day)).fetchone()
    if row is not None:
        return _thawed(row[0])
    return worked_out(connection, schema, day, reader_id) if is_randomised(connection, schema, reader_id) else None


def worked_out(connection: Connection, schema: str, day: date, reader_id: UUID | None) -> Document:
    """The same, now; also where nothing was drawn. Nothing is kept of it: who reads does not write."""
    looking = _look(connection, schema, day, keep=False)
    return _thawed(msgspec.json.decode(looking.document(reader_id)))


def keep(connection: Connection, schema: str, at: datetime) -> Kept | None:
    """Work out what everybody is shown today, and what may steer the draw. Safe to repeat.

    None if another process is at it. The connection is in autocommit.
    """
    with at_one_position(connection, schema, VIEWS, read_only=False):
        if not _leads(connection, schema):
            return None
        day, asking, lifts = today(connection, schema, at), readers(connection, schema), Lifts()
        if asking:
            looking = _look(connection, schema, day, keep=True)
            _keep_documents(connection, schema, [(one or STREET, day, at, looking.document(one)) for one in asking])
            lifts = looking.lifts()
        keep_lifts(connection, schema, lifts, at)
    return Kept(len(asking), len(lifts))


def _look(connection: Connection, schema: str, day: date, *, keep: bool) -> "Look":
    """At the draws whose horizons were over when the day began."""
    from network.measuring.looking import Look  # noqa: PLC0415  it loads scipy, which takes a second

    take_time(connection)
    until = datetime.combine(day, time(), _zone(connection, schema)).astimezone(UTC) - HORIZON
    return Look(connection, schema, until, position_of(connection, schema, ("assignments",)), keep=keep)


def _keep_documents(connection: Connection, schema: str, rows: Sequence[tuple[UUID, date, datetime, bytes]]) -> None:
    statement = sql.SQL(
        "INSERT INTO {t} AS t (reader_id, day, measured_at, document) VALUES (%s, %s, %s, %s::jsonb)"
        " ON CONFLICT (reader_id) DO UPDATE SET day = excluded.day, measured_at = excluded.measured_at,"
        " document = excluded.document WHERE t.measured_at < excluded.measured_at"
    ).format(t=_table(schema))
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(*row[:3], row[3].decode()) for row in rows])


def _leads(connection: Connection, schema: str) -> bool:
    """One process at a time. Two would not spoil anything: one would be turned away when it writes."""
    asked = connection.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"measured {schema}"])
    return asked.fetchone() == (True,)


def _thawed(document: Document) -> Document:
    document["drawn_until"] = datetime.fromisoformat(document["drawn_until"])
    for one in [*document["pairs"], document["together"]]:
        for side in ("issuer_id", "acceptor_id"):
            one[side] = UUID(one[side]) if one[side] else None
    return document


def _zone(connection: Connection, schema: str) -> ZoneInfo:
    about = coalition.find(connection, schema)
    return ZoneInfo(about.time_zone if about else "UTC")


def _table(schema: str) -> sql.Identifier:
    return sql.Identifier(schema, "measured_documents")
