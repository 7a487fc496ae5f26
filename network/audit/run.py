"""One audit: a snapshot of log, guards and views, read once from the first event to the head."""

from collections.abc import Callable, Iterator
from typing import Any

from psycopg import Connection, sql

from network.audit.books import Books
from network.audit.chain import Chain, Row
from network.audit.compare import VIEWS, Comparison
from network.audit.fold import apply
from network.audit.report import AuditReport

READ_AT_ONCE = 2_000

Progress = Callable[[int, int], None]
"""Told now and then: events read, and events in the log."""


def audit(
    connection: Connection,
    schema: str,
    *,
    expected: tuple[int, bytes] | None = None,
    draw_key: bytes | None = None,
    progress: Progress = lambda done, total: None,
) -> AuditReport:
    """Audit one coalition. `expected` is `(position, hash)` of a head that was noted earlier. With
    `draw_key`, the coalition's secret, the seed of every draw must be the one that follows from its bill.

    Reads one snapshot, so the network may serve meanwhile; each view is compared at the position it has reached.
    The connection is in autocommit and may read every table of the schema.
    """
    report = AuditReport(schema)
    views = _present(connection, schema)
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # Zero is no limit: a long log takes longer to read than a till may wait.
        connection.execute("SET LOCAL statement_timeout = 0")
        if views:
            # Before the snapshot, which the first query takes: otherwise the swap of a rebuild could come between.
            tables = sql.SQL(", ").join(sql.Identifier(schema, view) for view in views)
            connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(tables))
        _read(connection, schema, Books(report, draw_key), views, expected, progress)
    return report


def _read(
    connection: Connection,
    schema: str,
    books: Books,
    views: list[str],
    expected: tuple[int, bytes] | None,
    progress: Progress,
) -> None:
    report = books.report
    head_position, head_hash = _one(connection, schema, "SELECT position, hash FROM {s}.head")
    answered = _one(connection, schema, "SELECT coalesce(max(position), 0) FROM {s}.requests")[0]
    chain = Chain(report, expected)
    comparison = Comparison(report, connection, schema, books)
    waiting = _tracked(connection, schema, report, views)
    for row in _events(connection, schema):
        while waiting and waiting[0][0] < row.position:
            comparison.view(waiting.pop(0)[1])
        chain.follow(row)
        apply(books, row)
        report.events += 1
        if report.events % READ_AT_ONCE == 0:
            progress(report.events, head_position)
    for position, name in waiting:
        if position > chain.position:
            report.find(name, "tracking", f"the view is at {position}, the log ends at {chain.position}")
        comparison.view(name)
    chain.end(head_position=head_position, head_hash=head_hash, promised=answered)
    comparison.guards()
    comparison.books_themselves()
    report.position, report.head = chain.position, chain.hash.hex()
    report.certificates = len(books.certificates)
    report.outstanding = sum(one.outstanding for one in books.certificates.values())
    report.reserved = sum(books.reserves.values())
    report.owed = sum(max(0, receives - owes) for receives, owes in books.balances.values())
    progress(report.events, max(head_position, report.events))


def _present(connection: Connection, schema: str) -> list[str]:
    """The views that have a table; an audit needs none of them."""
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s AND tablename = ANY (%s) ORDER BY tablename",
        (schema, list(VIEWS)),
    ).fetchall()
    return [name for (name,) in rows]


def _tracked(connection: Connection, schema: str, report: AuditReport, views: list[str]) -> list[tuple[int, str]]:
    """`(position, view)` in order of position. A view that is not there yet is a note: it can always be made."""
    rows = connection.execute(
        sql.SQL("SELECT projection, position, stopped FROM {}").format(sql.Identifier(schema, "tracking"))
    ).fetchall()
    reached = {name: position for name, position, _ in rows}
    for name, position, stopped in rows:
        if stopped is not None:
            report.notes.append(f"the view {name} stands still at {position}: {stopped}")
    present = [name for name in VIEWS if name in views and name in reached]
    for name in sorted(set(VIEWS) - set(present)):
        report.notes.append(f"the view {name} does not exist")
    report.views = {name: reached[name] for name in present}
    return sorted((position, name) for name, position in report.views.items())


def _events(connection: Connection, schema: str) -> Iterator[Row]:
    with connection.cursor(name="audit_events") as cursor:
        cursor.itersize = READ_AT_ONCE
        statement = sql.SQL(
            "SELECT position, originator_id::text, originator_version, topic, state, hash FROM {} ORDER BY position"
        ).format(sql.Identifier(schema, "events"))
        for row in cursor.execute(statement):
            yield Row(*row)


def _one(connection: Connection, schema: str, text: str) -> tuple[Any, ...]:
    row = connection.execute(sql.SQL(text).format(s=sql.Identifier(schema))).fetchone()
    assert row is not None, "an aggregate, or the one row of the head"
    return row
