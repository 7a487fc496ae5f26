"""How far each view has come, and how a reader waits for it."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg import Connection, sql
from psycopg.rows import class_row

from network.projections.catalogue import named
from network.telling import Told, to_nobody

POLL_SECONDS = 0.005


class ViewBehind(Exception):
    """A view has not come as far as the reader needs. `stopped` is the reason when it will not come by itself."""

    def __init__(self, reached: int, position: int, stopped: str | None = None) -> None:
        self.reached = reached
        self.position = position
        self.stopped = stopped
        super().__init__(f"the view is at {reached}, asked for {position}" + (f": {stopped}" if stopped else ""))


@dataclass(frozen=True, slots=True)
class Tracked:
    """One view's progress. `behind` counts events; `stopped` is why it stands still, for the health page."""

    projection: str
    position: int
    behind: int
    stopped: str | None


def progress(connection: Connection, schema: str) -> list[Tracked]:
    """Every view of a coalition; also what a running rebuild has come to, under a name that ends in `_next`."""
    statement = sql.SQL(
        "SELECT t.projection, t.position, h.position - t.position AS behind, t.stopped"
        " FROM {t} t, {h} h ORDER BY t.projection"
    ).format(t=sql.Identifier(schema, "tracking"), h=sql.Identifier(schema, "head"))
    return connection.cursor(row_factory=class_row(Tracked)).execute(statement).fetchall()


def position_of(connection: Connection, schema: str, names: Collection[str]) -> int:
    """The log position that all of these views have reached."""
    return _reached(connection, schema, names)[0]


def wait_for(
    connection: Connection,
    schema: str,
    names: Collection[str],
    position: int,
    timeout: float = 2.0,
    told: Told = to_nobody,
) -> int:
    """Wait until these views show `position`; returns the position they have reached. For a thread, not a coroutine.

    Raises: ViewBehind after `timeout` seconds, or at once when one of them is stopped short of it.
    """
    deadline = time.monotonic() + timeout
    began = None
    while True:
        reached, stopped = _reached(connection, schema, names)
        began = reached if began is None else began
        told(reached - began, position - began)
        if reached >= position:
            return reached
        if stopped is not None or time.monotonic() >= deadline:
            raise ViewBehind(reached, position, stopped)
        time.sleep(POLL_SECONDS)


def are_up_to_date(connection: Connection, schema: str, names: Collection[str], timeout: float) -> bool:
    """Whether these views show all that the log has by now, or come to it in so many seconds."""
    head = connection.execute(sql.SQL("SELECT position FROM {}").format(sql.Identifier(schema, "head"))).fetchone()
    assert head is not None, "a log has a head row"
    try:
        wait_for(connection, schema, names, head[0], timeout)
    except ViewBehind:
        return False
    return True


@contextmanager
def at_one_position(
    connection: Connection, schema: str, names: Collection[str], *, read_only: bool = True
) -> Iterator[int]:
    """Everything read inside is of one instant. Yields the log position that the named views speak for.

    Read only the named views inside. The connection is in autocommit, outside a transaction. Without `read_only` what
    is worked out from them may be kept, beside them.
    """
    tables = sql.SQL(", ").join(
        sql.Identifier(schema, table.name) for projection in named(names) for table in projection.tables
    )
    with connection.transaction():
        # Locked before the snapshot, which the first query takes: a snapshot from before the swap of a rebuild would
        # find the new table under the old name, and not yet see its rows.
        connection.execute(
            sql.SQL("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ {}; LOCK TABLE {} IN ACCESS SHARE MODE").format(
                sql.SQL("READ ONLY" if read_only else "READ WRITE"), tables
            )
        )
        yield position_of(connection, schema, names)


def _reached(connection: Connection, schema: str, names: Collection[str]) -> tuple[int, str | None]:
    rows = connection.execute(
        sql.SQL("SELECT position, stopped FROM {} WHERE projection = ANY (%s)").format(
            sql.Identifier(schema, "tracking")
        ),
        (list(names),),
    ).fetchall()
    if len(rows) < len(set(names)):
        return 0, None
    reached, stopped = min(rows, key=lambda row: int(row[0]))
    return reached, stopped
