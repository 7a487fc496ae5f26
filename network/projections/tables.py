"""A view's table, declared by the dataclass of its rows, and the few statements that read and write it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cached_property, lru_cache
from operator import attrgetter
from types import UnionType
from typing import Any, Generic, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from psycopg import Connection, sql

R = TypeVar("R")

Json: TypeAlias = dict[str, object]
"""Facts as they are, for a column that is shown and never searched."""

_TYPES: dict[object, str] = {
    UUID: "uuid",
    bool: "boolean",
    int: "bigint",
    str: "text",
    datetime: "timestamptz",
    date: "date",
    dict: "jsonb",
    list: "jsonb",
}
_json = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True)
class Table(Generic[R]):
    """`row` is a dataclass whose fields are the columns.

    `sums` are columns that a save adds to what is there; the others are replaced. `indexes` are what stands after
    `ON table`, for instance "(holder_id, issued_position)".
    """

    name: str
    row: type[R]
    key: tuple[str, ...]
    sums: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> dict[str, tuple[str, bool]]:
        """`{column: (SQL type, may be null)}`, in the order of the row's fields."""
        hints = get_type_hints(self.row)
        return {field.name: _column(hints[field.name]) for field in fields(self.row)}  # type: ignore[arg-type]

    @cached_property
    def sort_key(self) -> Any:
        """What rows are sorted by before they are written, so that writers never meet in two orders."""
        return attrgetter(*self.key)

    def definition(self, suffix: str = "") -> str:
        """The statements that create it in `{schema}`, with `suffix` after its name."""
        lines = [f"{name} {kind}{'' if null else ' NOT NULL'}" for name, (kind, null) in self.columns.items()]
        table = f"{{schema}}.{self.name}{suffix}"
        created = f"CREATE TABLE {table} ({', '.join(lines)}, PRIMARY KEY ({', '.join(self.key)}));"
        indexed = (f" CREATE INDEX ON {table} {index};" for index in self.indexes)
        granted = f" GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO pollen_app;"
        return created + "".join(indexed) + granted


class View:
    """The tables of one schema, or, with a suffix, the set that a rebuild is making."""

    def __init__(self, connection: Connection, schema: str, suffix: str = "") -> None:
        self.connection = connection
        self.schema = schema
        self.suffix = suffix

    def load(self, table: Table[R], column: str, values: Collection[UUID] | Collection[str]) -> list[R]:
        """The rows whose `column` is one of `values`."""
        if not values:
            return []
        statement = _load(table, self.schema, self.suffix, column, None)
        rows = self.connection.execute(statement, (list(values),), binary=True)
        return [table.row(*row) for row in rows]

    def load_since(
        self, table: Table[R], column: str, values: Collection[UUID], instant: str, since: datetime
    ) -> list[R]:
        """As `load`, of rows whose `instant` is `since` or later: what a long history cannot make longer."""
        if not values:
            return []
        statement = _load(table, self.schema, self.suffix, column, instant)
        rows = self.connection.execute(statement, (list(values), since), binary=True)
        return [table.row(*row) for row in rows]

    def save(self, table: Table[R], rows: Iterable[R]) -> None:
        """Write all rows in one statement, in the order of their keys."""
        ordered = sorted(rows, key=table.sort_key)
        if not ordered:
            return
        columns = [
            [None if value is None else _json.encode(value).decode() for value in map(attrgetter(name), ordered)]
            if kind == "jsonb"
            else list(map(attrgetter(name), ordered))
            for name, (kind, _) in table.columns.items()
        ]
        self.connection.execute(_save(table, self.schema, self.suffix), columns)


def select(
    connection: Connection, schema: str, table: Table[R], rest: str = "", parameters: Iterable[object] = ()
) -> list[R]:
    """Rows of one table; `rest` is our own SQL from WHERE on, `{t}` in it the table."""
    return list(_selected(connection, schema, table, rest, parameters))


def take_time(connection: Connection) -> None:
    """For the rest of this transaction a statement may take as long as a long document needs, not as long as a till
    waits.
    """
    connection.execute("SET LOCAL statement_timeout = '10min'")


def _selected(
    connection: Connection, schema: str, table: Table[R], rest: str, parameters: Iterable[object]
) -> Iterator[R]:
    for row in connection.execute(_select(table, schema, rest), list(parameters), binary=True):
        yield table.row(*row)


@lru_cache(maxsize=4096)
def _select(table: Table[Any], schema: str, rest: str) -> bytes:
    named = sql.Identifier(schema, table.name)
    text = "SELECT {c} FROM {t} " + rest  # noqa: S608 - `rest` is our own SQL, values are parameters
    return sql.SQL(text).format(c=_names(table), t=named).as_bytes(None)


@lru_cache(maxsize=4096)
def _load(table: Table[Any], schema: str, suffix: str, column: str, instant: str | None) -> bytes:
    later = sql.SQL(" AND {} >= %b").format(sql.Identifier(instant)) if instant else sql.SQL("")
    return (
        sql.SQL("SELECT {c} FROM {t} WHERE {k} = ANY (%b){later}")
        .format(c=_names(table), t=sql.Identifier(schema, table.name + suffix), k=sql.Identifier(column), later=later)
        .as_bytes(None)
    )


@lru_cache(maxsize=4096)
def _save(table: Table[Any], schema: str, suffix: str) -> bytes:
    kinds = [kind for kind, _ in table.columns.values()]
    taken = [f"c{i}::jsonb" if kind == "jsonb" else f"c{i}" for i, kind in enumerate(kinds)]
    arrays = [f"%b::{'text' if kind == 'jsonb' else kind}[]" for kind in kinds]
    changed = [
        f"{name} = t.{name} + excluded.{name}" if name in table.sums else f"{name} = excluded.{name}"
        for name in table.columns
        if name not in table.key
    ]
    statement = sql.SQL(
        "INSERT INTO {t} AS t ({c}) SELECT {taken} FROM unnest({arrays}) AS u ({u}) ON CONFLICT ({key}) DO {action}"
    ).format(
        t=sql.Identifier(schema, table.name + suffix),
        c=_names(table),
        taken=sql.SQL(", ".join(taken)),
        arrays=sql.SQL(", ".join(arrays)),
        u=sql.SQL(", ".join(f"c{i}" for i in range(len(kinds)))),
        key=sql.SQL(", ".join(table.key)),
        action=sql.SQL(f"UPDATE SET {', '.join(changed)}" if changed else "NOTHING"),
    )
    return statement.as_bytes(None)


def _names(table: Table[Any]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, table.columns))


def _column(hint: Any) -> tuple[str, bool]:
    if get_origin(hint) in (UnionType, Union):
        (hint,) = (part for part in get_args(hint) if part is not type(None))
        return _column(hint)[0], True
    return _TYPES[get_origin(hint) or hint], False
