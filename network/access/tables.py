"""How this room speaks to its tables: a coalition's own, by a connection of its readers."""

from collections.abc import Sequence
from typing import Any, TypeVar

from psycopg import Cursor, sql
from psycopg.rows import class_row

from network.coalitions import OpenCoalition

T = TypeVar("T")

_TABLES = ("people", "posts", "recovery_codes", "invitations", "sessions", "tries", "deeds", "credentials", "passkeys")


def composed(coalition: OpenCoalition, text: str) -> sql.Composed:
    """The statement with its table names (`{people}`) in the coalition's schema."""
    names = {name: sql.Identifier(coalition.schema, name) for name in _TABLES}
    return sql.SQL(text).format(**names)


def run(coalition: OpenCoalition, text: str, values: Sequence[Any] = ()) -> int:
    """Do it; the count of rows."""
    with coalition.readers.connection() as connection:
        return connection.execute(composed(coalition, text), values).rowcount


def all_rows(coalition: OpenCoalition, kind: type[T], text: str, values: Sequence[Any] = ()) -> list[T]:
    """What it returns, each row as `kind`."""
    with coalition.readers.connection() as connection:
        cursor: Cursor[T] = connection.cursor(row_factory=class_row(kind))
        return cursor.execute(composed(coalition, text), values).fetchall()


def one_row(coalition: OpenCoalition, kind: type[T], text: str, values: Sequence[Any] = ()) -> T | None:
    """The first row as `kind`, or None."""
    found = all_rows(coalition, kind, text, values)
    return found[0] if found else None
