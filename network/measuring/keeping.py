"""What is shown of measured effects, worked out every hour for each reader and read as one row.

The estimates read all draws so far, so nobody who opens a report should wait for them. Where nothing is kept yet, or
the hours were missed for two days, a report works it out itself.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg import Connection, sql

from network.measuring.begun import is_randomised
from network.projections import coalition
from network.projections.tracking import at_one_position, position_of

STREET = UUID(int=0)
"""Reads for all."""
_VIEWS = ("assignments", "coalition")
_KEPT_FOR = timedelta(days=1)
"""After midnight the last day's document is shown until the hour comes round; an older one never."""
_NEWEST = 100

Document = dict[str, Any]


def today(connection: Connection, schema: str, now: datetime) -> date:
    """The coalition's calendar day; of an imported past its last one: what came later is not known."""
    newest = connection.execute(
        sql.SQL(
            "SELECT max(convert_from(state, 'UTF8')::jsonb ->> 'timestamp') FROM {e}"
            " WHERE position > (SELECT position - %s FROM {h})"
        ).format(e=sql.Identifier(schema, "events"), h=sql.Identifier(schema, "head")),
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
    """The same from the draws themselves, however many they are; also where nothing was drawn."""
    return _thawed(msgspec.json.decode(_frozen(connection, schema, day, [reader_id])[0]))


def keep_documents(connection: Connection, schema: str, at: datetime) -> int:
    """Work out what everybody is shown today; returns for how many. Safe to repeat."""
    with at_one_position(connection, schema, _VIEWS):
        day = today(connection, schema, at)
        readers = [one for one in _readers(connection, schema) if is_randomised(connection, schema, one)]
        documents = _frozen(connection, schema, day, readers)
        rows = [(one or STREET, day, at, document) for one, document in zip(readers, documents, strict=True)]
    statement = sql.SQL(
        "INSERT INTO {t} AS t (reader_id, day, measured_at, document) VALUES (%s, %s, %s, %s::jsonb)"
        " ON CONFLICT (reader_id) DO UPDATE SET day = excluded.day, measured_at = excluded.measured_at,"
        " document = excluded.document WHERE t.measured_at < excluded.measured_at"
    ).format(t=_table(schema))
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(statement, [(*row[:3], row[3].decode()) for row in rows])
    return len(rows)


def _frozen(connection: Connection, schema: str, day: date, readers: Sequence[UUID | None]) -> list[bytes]:
    """The document of each. The draws of all are read once, those of a single one for it alone."""
    if not readers:
        return []
    # scipy takes a second to load, which a street without draws should not pay.
    from network.measuring.document import report_document  # noqa: PLC0415
    from network.measuring.reading import read_drawn, report_of  # noqa: PLC0415

    position = position_of(connection, schema, ("assignments",))
    at = datetime.combine(day, time(), _zone(connection, schema)).astimezone(UTC)
    one = readers[0] if len(readers) == 1 else None
    drawn = read_drawn(connection, schema, at=at, merchant_id=one, for_others=True)
    reports = (report_of(drawn, position=position, merchant_id=reader) for reader in readers)
    return [msgspec.json.encode(report_document(report)) for report in reports]


def _thawed(document: Document) -> Document:
    document["drawn_until"] = datetime.fromisoformat(document["drawn_until"])
    for one in [*document["pairs"], document["together"]]:
        for side in ("issuer_id", "acceptor_id"):
            one[side] = UUID(one[side]) if one[side] else None
    return document


def _readers(connection: Connection, schema: str) -> list[UUID | None]:
    """The street, and everybody who drew or could have been drawn."""
    statement = sql.SQL("SELECT DISTINCT issuer_id FROM {d} UNION SELECT DISTINCT acceptor_id FROM {o} ORDER BY 1")
    tables = {"d": sql.Identifier(schema, "draws"), "o": sql.Identifier(schema, "draw_outcomes")}
    return [None, *(row[0] for row in connection.execute(statement.format(**tables)).fetchall())]


def _zone(connection: Connection, schema: str) -> ZoneInfo:
    about = coalition.find(connection, schema)
    return ZoneInfo(about.time_zone if about else "UTC")


def _table(schema: str) -> sql.Identifier:
    return sql.Identifier(schema, "measured_documents")
