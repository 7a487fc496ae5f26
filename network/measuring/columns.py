"""Rows of the database as columns of numbers: millions of them, without an object for each value."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection, sql

Columns = NDArray[Any]
"""A structured array, by the names of its columns. Instants are microseconds since 2000 in UTC."""

_KINDS = {"uuid": "V16", "boolean": "?", "double precision": ">f8", "bigint": ">i8", "timestamptz": ">i8"}
_HEADER, _TRAILER = 19, 2
"""Bytes of PostgreSQL's binary format before the rows, and behind them."""


def read_columns(
    connection: Connection, select: sql.Composable, parameters: Mapping[str, object], kinds: Mapping[str, str]
) -> Columns:
    """What `select` finds, as it is sent: `{column: type}`, in its order. No value may be null."""
    copied = sql.SQL("COPY ({}) TO STDOUT (FORMAT BINARY)").format(select)
    with connection.cursor() as cursor, cursor.copy(copied, parameters) as copy:
        sent = b"".join(copy)
    sizes = [(f"{name} size", ">i4") for name in kinds]
    values = [(name, _KINDS[kind]) for name, kind in kinds.items()]
    row = np.dtype([("columns", ">i2"), *(field for pair in zip(sizes, values, strict=True) for field in pair)])
    rows = np.frombuffer(sent, row, offset=_HEADER, count=(len(sent) - _HEADER - _TRAILER) // row.itemsize)
    for size, (name, _) in zip(sizes, values, strict=True):
        assert (rows[size[0]] == row[name].itemsize).all(), "every row has every column, and none is null"
    return rows
