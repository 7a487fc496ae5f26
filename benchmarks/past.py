"""A long past for a benchmark: one window that was really traded, repeated in SQL as later windows.

Each copy has events, lines, sums and the places of the views as the real code wrote them, at positions, versions and in
a window of its own. Only the chain's hashes are not chained, so such a log is for measuring.
"""

from collections.abc import Collection

import psycopg
from psycopg import Connection, sql

from network.projections import statement_rows

_CHUNK = """
CREATE TEMP TABLE chunk AS
    SELECT e.*, count(*) OVER (PARTITION BY originator_id) AS of_its_certificate
    FROM {s}.events e WHERE position > %(after)s AND position <= %(until)s
"""
_EVENTS = """
INSERT INTO {s}.events (position, originator_id, originator_version, topic, state, hash)
    SELECT position + %(by)s, originator_id, originator_version + %(copy)s * of_its_certificate, topic, state, hash
    FROM chunk ORDER BY position
"""
_ROWS = "INSERT INTO {s}.{t} SELECT {columns} FROM {s}.{t} WHERE window_number = 1 ORDER BY {key}"
_HEAD = "UPDATE {s}.head SET position = position + %(events)s RETURNING position"
_TRACKED = "UPDATE {s}.tracking SET position = %(position)s WHERE projection = ANY (%(views)s)"


class Past:
    """Repeats the first window of a coalition, which holds the redemptions after `after` up to `until`, and nothing
    else.
    """

    def __init__(self, database_url: str, schema: str, views: Collection[str], *, after: int, until: int) -> None:
        self._connection: Connection = psycopg.connect(database_url, autocommit=True)
        self._schema = schema
        self._views = list(views)
        self._events, self._until = until - after, until
        self._copies = 0
        self._do(_CHUNK, after=after, until=until)

    def repeat(self, number: int) -> None:
        """Trade the same once more, in the open window of this number. The views are at the end of the log."""
        self._copies += 1
        with self._connection.transaction():
            row = self._do(_HEAD, events=self._events).fetchone()
            assert row is not None, "there is a head row"
            shift = row[0] - self._until
            self._do(_EVENTS, by=shift, copy=self._copies)
            for table in (statement_rows.CAUSES, statement_rows.LINES, statement_rows.TOTALS, statement_rows.SUPPLIES):
                moved = {
                    "position": "position + %(by)s",
                    "window_number": "%(number)s::int",
                    "redemption_id": "md5(redemption_id::text || %(number)s::text)::uuid",
                }
                columns = sql.SQL(", ").join(sql.SQL(moved.get(name, name)) for name in table.columns)
                key = sql.SQL(", ".join(table.key))
                named = {"t": sql.Identifier(table.name), "columns": columns, "key": key}
                self._do(_ROWS, named, by=shift, number=number)
            self._do(_TRACKED, position=row[0], views=self._views)

    def close(self) -> None:
        """End it."""
        self._connection.close()

    def _do(
        self, statement: str, named: dict[str, sql.Composable] | None = None, **values: object
    ) -> psycopg.Cursor[tuple[int]]:
        composed = sql.SQL(statement).format(s=sql.Identifier(self._schema), **(named or {}))  # type: ignore[arg-type]
        return self._connection.execute(composed, values)
