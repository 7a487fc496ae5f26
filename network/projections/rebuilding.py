"""Makes views anew beside the old ones, from the first event, and swaps them while the network serves.

The new set has its own tracking rows, `NAME_next`. The swap moves the live tracking row first, as every batch does, so
that the live runner is either before the swap or after it, never in between.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import psycopg
from psycopg import Connection, sql

from network.projections.batches import BATCH_EVENTS, Follower
from network.projections.catalogue import PROJECTIONS
from network.projections.projection import Projection
from network.projections.schema import create_tables, drop_tables

NEXT = "_next"
SWAP_TRIES = 60
SWAP_PAUSE_SECONDS = 0.5


class RebuildFailed(Exception):
    """The new set could not be made; the old one is untouched. The text says why."""


Progress = Callable[[int, int], None]
"""Told after each batch: events done, and events in the log."""


def rebuild(
    connection: Connection,
    schema: str,
    projections: Sequence[Projection] = PROJECTIONS,
    *,
    progress: Progress = lambda done, total: None,
) -> int:
    """Fold the whole log into new tables and put them in place of the old. Returns the position they speak for.

    The connection is the owner's, in autocommit. Raises: RebuildFailed.
    """
    _lock(connection, schema)
    try:
        _prepare(connection, schema, projections)
        follower = Follower(connection, schema, projections, suffix=NEXT)
        while True:
            done, total = _come_to(follower)
            progress(done, total)
            if total - done < BATCH_EVENTS:
                position = _swap_when_quiet(connection, schema, projections, follower)
                progress(position, position)
                return position
            follower.step()
    finally:
        _unlock(connection, schema, projections)


def _prepare(connection: Connection, schema: str, projections: Sequence[Projection]) -> None:
    with connection.transaction():
        for projection in projections:
            drop_tables(connection, schema, projection, NEXT)
            create_tables(connection, schema, projection, NEXT)
            connection.execute(
                sql.SQL(
                    "INSERT INTO {} (projection, position) VALUES (%s, 0)"
                    " ON CONFLICT (projection) DO UPDATE SET position = 0, stopped = NULL"
                ).format(sql.Identifier(schema, "tracking")),
                (projection.name + NEXT,),
            )


def _come_to(follower: Follower) -> tuple[int, int]:
    places, head = follower.places()
    for place in places:
        if place.stopped is not None:
            raise RebuildFailed(f"{place.projection.name} stopped: {place.stopped}")
    return min(place.position for place in places), head


def _swap_when_quiet(connection: Connection, schema: str, projections: Sequence[Projection], follower: Follower) -> int:
    """Swap, and return the position; readers in the middle of a long query can delay it."""
    for _ in range(SWAP_TRIES):
        with suppress(psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected), connection.transaction():
            connection.execute("SET LOCAL lock_timeout = '500ms'")
            return _swap(connection, schema, projections, follower)
        time.sleep(SWAP_PAUSE_SECONDS)  # readers that queued behind the waiting swap go first
    raise RebuildFailed("the old tables are in use all the time; try again when it is quieter")


def _swap(connection: Connection, schema: str, projections: Sequence[Projection], follower: Follower) -> int:
    """In one transaction: stop the live runner at its next batch, catch up, and change places."""
    tracking = sql.Identifier(schema, "tracking")
    names = [projection.name for projection in projections]
    held = connection.execute(
        sql.SQL("UPDATE {} SET position = position WHERE projection = ANY (%s) RETURNING position").format(tracking),
        (names,),
    ).fetchall()
    seen_by_readers = max((position for (position,) in held), default=0)
    reached, end = _come_to(follower)
    while reached < max(seen_by_readers, end):
        follower.step()
        reached, _ = _come_to(follower)
    for projection in projections:
        drop_tables(connection, schema, projection)
        for table in projection.tables:
            _rename(connection, schema, table.name)
        connection.execute(
            sql.SQL(
                "INSERT INTO {t} AS t (projection, position) SELECT %s, position FROM {t} WHERE projection = %s"
                " ON CONFLICT (projection) DO UPDATE SET position = excluded.position, stopped = NULL"
            ).format(t=tracking),
            (projection.name, projection.name + NEXT),
        )
    return reached


def _rename(connection: Connection, schema: str, name: str) -> None:
    """The table and its indexes take the names that the old ones had."""
    old, new = sql.Identifier(schema, name + NEXT), sql.Identifier(name)
    connection.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(old, new))
    indexes = connection.execute(
        "SELECT indexname FROM pg_indexes WHERE schemaname = %s AND tablename = %s", (schema, name)
    ).fetchall()
    for (index,) in indexes:
        renamed = str(index).replace(name + NEXT, name, 1)
        connection.execute(
            sql.SQL("ALTER INDEX {} RENAME TO {}").format(sql.Identifier(schema, index), sql.Identifier(renamed))
        )


def _lock(connection: Connection, schema: str) -> None:
    """Two rebuilds at once would empty each other's tables."""
    row = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (f"{schema}.rebuild",)).fetchone()
    if row is None or not row[0]:
        raise RebuildFailed("another rebuild of this coalition is running")


def _unlock(connection: Connection, schema: str, projections: Sequence[Projection]) -> None:
    """Leave nothing of the new set behind, whether it was swapped in or given up."""
    if connection.closed:
        return
    for projection in projections:
        drop_tables(connection, schema, projection, NEXT)
    connection.execute(
        sql.SQL("DELETE FROM {} WHERE projection = ANY (%s)").format(sql.Identifier(schema, "tracking")),
        ([projection.name + NEXT for projection in projections],),
    )
    connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (f"{schema}.rebuild",))
