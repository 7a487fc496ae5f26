"""A long past for a benchmark of views: what was really traded, laid once more before itself, as often as it takes.

The database copies rows, with other ids and earlier days. It keeps no index meanwhile: each is built once at the end.
Hashes of copied events are not chained, so such a log is for measuring.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection, sql

from network.projections.tables import Table

COPIES_AT_ONCE = 10
"""In one statement; then the progress is told."""
COPIED_IDS = ("certificate_id", "redemption_id", "payment_id", "bill_id")
"""Whose rows are made anew; shops, guests and agreements stay."""
INSTANTS = ("day", "issued_at", "redeemed_at", "drawn_at", "paid_at")
"""By which of them a row's stretch is known."""
_CONSTRAINTS: LiteralString = (
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE conrelid = %s::regclass AND contype IN ('p', 'u') ORDER BY conname"
)
_INDEXES: LiteralString = (
    "SELECT c.relname, pg_get_indexdef(c.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " WHERE i.indrelid = %s::regclass ORDER BY c.relname"
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was traded: events up to `last`, rows from `begins_at` on, `days` long."""

    begins_at: object
    days: int
    last: int


class Copier:
    """Copies the log and these tables of one coalition."""

    def __init__(self, connection: Connection, schema: str, tables: Sequence[Table[Any]]) -> None:
        self._connection = connection
        self._schema = schema
        self._tables = tables
        self._do(
            "CREATE FUNCTION {s}.other(uuid, bigint) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
            " RETURN md5($1::text || ' ' || $2)::uuid"
        )

    def lay_before(self, stretch: Stretch, copies: int, say: Callable[[str], None]) -> None:
        """So many copies, each a stretch of days before the one that was laid last."""
        self._do("SET synchronous_commit = off")  # a benchmark that a power cut ends begins anew
        self._do("SET maintenance_work_mem = '1GB'")
        self._log(stretch, copies, say)
        for table in self._tables:
            self._rows(table, stretch, copies, say)
        self._do("RESET maintenance_work_mem")
        self._do("RESET synchronous_commit")

    def _log(self, stretch: Stretch, copies: int, say: Callable[[str], None]) -> None:
        self._copy(
            "events", {"position": f"position + n * {stretch.last}"}, "position <= {limit}", stretch.last, copies, say
        )

    def _rows(self, table: Table[Any], stretch: Stretch, copies: int, say: Callable[[str], None]) -> None:
        instant = next(name for name in INSTANTS if name in table.columns)
        earlier = {"date": f"n::int * {stretch.days}", "timestamptz": f"n * interval '{stretch.days} d'"}
        moved = {name: f"{name} - {earlier[kind]}" for name, (kind, _) in table.columns.items() if kind in earlier}
        self._copy(table.name, moved, f"{instant} >= {{limit}}", stretch.begins_at, copies, say)

    def _copy(
        self, table: str, moved: Mapping[str, str], which: str, limit: object, copies: int, say: Callable[[str], None]
    ) -> None:
        """`{column: how a copy has it}`; of the rows that `which` picks."""
        columns = [
            f"{{s}}.other({name}, n)" if name in (*COPIED_IDS, "originator_id") else moved.get(name, name)
            for name in self._columns(table)
        ]
        self._do(f"CREATE TEMP TABLE first AS SELECT * FROM {{s}}.{table} WHERE {which}", limit=sql.Literal(limit))
        with self._without_indexes(table, say):
            for begun in range(1, copies + 1, COPIES_AT_ONCE):
                upto = min(copies, begun + COPIES_AT_ONCE - 1)
                self._do(
                    f"INSERT INTO {{s}}.{table} SELECT {', '.join(columns)}"
                    f" FROM generate_series({begun}, {upto}) AS n, first"
                )
                say(f"{table}: {upto} of {copies} copies")
        self._do("DROP TABLE first")

    @contextmanager
    def _without_indexes(self, table: str, say: Callable[[str], None]) -> Iterator[None]:
        """Building an index once is cheaper by far than keeping it with rows in random order."""
        name = sql.Identifier(self._schema, table).as_string(None)
        constraints = self._connection.execute(_CONSTRAINTS, [name]).fetchall()
        kept = {constraint for constraint, _ in constraints}
        indexes = [row for row in self._connection.execute(_INDEXES, [name]).fetchall() if row[0] not in kept]
        for constraint, _ in constraints:
            self._do(f"ALTER TABLE {name} DROP CONSTRAINT {{name}}", name=sql.Identifier(constraint))
        for index, _ in indexes:
            self._do("DROP INDEX {s}.{name}", name=sql.Identifier(index))
        yield
        for constraint, definition in constraints:
            self._do(f"ALTER TABLE {name} ADD CONSTRAINT {{name}} {definition}", name=sql.Identifier(constraint))
        for _, definition in indexes:
            self._do(definition)
        say(f"{table}: indexed")

    def _columns(self, table: str) -> list[str]:
        found = self._connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " ORDER BY attnum",
            [sql.Identifier(self._schema, table).as_string(None)],
        )
        return [str(row[0]) for row in found]

    def _do(self, statement: str, **named: sql.Composable) -> None:
        composed = sql.SQL(statement)  # our own SQL, put together here
        self._connection.execute(composed.format(s=sql.Identifier(self._schema), **named))
