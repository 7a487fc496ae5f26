"""What the draw may know of measured effects: worked out every hour beside the server, and read by it as a few rows.

The estimates need scipy, which takes a second to load. No till waits for that: the server reads the table
`measured_lifts`, and what a draw used stands in its event.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from psycopg import Connection, sql

if TYPE_CHECKING:
    from network.measuring.reading import Report

LIFT_KNOWN = "at_any_look"
"""Only an effect that holds however often one looks may steer the draw, which looks all the time."""

Lifts = dict[tuple[UUID, UUID], int]


def lifts_of(report: "Report") -> Lifts:
    """`{(issuer, acceptor): visits a certificate brings, in basis points of a visit for each guest}`, where known."""
    return {
        (one.issuer_id, one.acceptor_id): round(10_000 * one.comparison.visits.difference)
        for one in report.pairs
        if one.comparison is not None
        and one.issuer_id is not None
        and one.acceptor_id is not None
        and one.comparison.visits.verdict == LIFT_KNOWN
    }


def known_lifts(connection: Connection, schema: str, issuer_id: UUID) -> Mapping[UUID, int]:
    """`{acceptor: lift}` as last measured; empty while nothing is known."""
    statement = sql.SQL("SELECT acceptor_id, lift FROM {} WHERE issuer_id = %s")
    table = sql.Identifier(schema, "measured_lifts")
    return dict(connection.execute(statement.format(table), [issuer_id]).fetchall())


def keep_lifts(connection: Connection, schema: str, lifts: Lifts, at: datetime) -> None:
    """Put them in place of the old ones, in the caller's transaction."""
    table = sql.Identifier(schema, "measured_lifts")
    rows = [(issuer_id, acceptor_id, lift, at) for (issuer_id, acceptor_id), lift in lifts.items()]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DELETE FROM {}").format(table))
        cursor.executemany(sql.SQL("INSERT INTO {} VALUES (%s, %s, %s, %s)").format(table), rows)
