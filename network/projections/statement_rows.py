"""The lines of statements as rows: cuts, postings, the events behind them, and their running totals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from psycopg import Connection, sql

from network.projections.tables import Json, Table, select, take_time

R = TypeVar("R")
_AT = "WHERE position = ANY (%s::bigint[]) ORDER BY position"


@dataclass(slots=True)
class CutRow:
    """A window ends at this position of the log."""

    number: int
    position: int
    cut_at: datetime


@dataclass(slots=True)
class CauseRow:
    """The event behind the lines of one position. `cause`: redeemed, reversed, refunded, dispute_upheld,
    dispute_rejected, recovered, offline_conflict (a till without a network took what was used elsewhere too, and others
    bear it); of a dispute, `issuer_id` and `acceptor_id` are those of its two sides, of what was
    recovered after a default, who received it. That has no certificate behind it.

    `deducted` is what came off the bill at the acceptor, whoever bears it; below zero when it was undone.
    `supplied` is the same by tax rate, `{rate, amount}`, where that is on record (`network.domain.tax`).
    `adjusts`: the earlier window in which the redemption was stated, None if it is of the same window.
    """

    position: int
    window_number: int
    happened_at: datetime
    cause: str
    issuer_id: UUID
    acceptor_id: UUID
    certificate_id: UUID | None = None
    redemption_id: UUID | None = None
    bill_reference: str | None = None
    bill: int | None = None
    deducted: int = 0
    adjusts: int | None = None
    instrument: str | None = None
    country: str | None = None
    supplied: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class LineRow:
    """One posting: `debtor_id` owes `creditor_id`. `kind`: value, commission, fee, adjustment; `section` as in the
    statement.
    """

    position: int
    entry: int
    window_number: int
    debtor_id: UUID
    creditor_id: UUID
    kind: str
    section: str
    amount: int


@dataclass(slots=True)
class TotalRow:
    """The lines of one window, pair and section, added up as they come."""

    window_number: int
    debtor_id: UUID
    creditor_id: UUID
    section: str
    amount: int
    entries: int


@dataclass(slots=True)
class SupplyRow:
    """What came off bills at the acceptor for the issuer's certificates in one window, added up as it comes; below zero
    where more was undone. By instrument, country and tax rate: empty, and -1, for what is not on record.
    """

    window_number: int
    issuer_id: UUID
    acceptor_id: UUID
    instrument: str
    country: str
    rate: int
    amount: int


@dataclass(frozen=True, slots=True)
class EntryRow:
    """What one event posted between a party and another, above zero where the party receives; and, of an event that
    was between these two, a row without it.
    """

    other_id: UUID
    position: int
    kind: str | None
    section: str | None
    amount: int | None


AT_ONCE = 1_000
"""Events that are looked up at a time."""

CUTS = Table("statement_cuts", CutRow, ("number",))
CAUSES = Table(
    "statement_causes",
    CauseRow,
    ("position",),
    indexes=("(redemption_id)", "(window_number, issuer_id, position)", "(window_number, acceptor_id, position)"),
)
LINES = Table(
    "statement_lines",
    LineRow,
    ("position", "entry"),
    indexes=("(window_number, debtor_id, position)", "(window_number, creditor_id, position)"),
)
TOTALS = Table(
    "statement_totals",
    TotalRow,
    ("window_number", "debtor_id", "creditor_id", "section"),
    sums=("amount", "entries"),
    indexes=("(window_number, creditor_id)",),
)
SUPPLIES = Table(
    "statement_supplies",
    SupplyRow,
    ("window_number", "issuer_id", "acceptor_id", "instrument", "country", "rate"),
    sums=("amount",),
    indexes=("(window_number, acceptor_id)",),
)
UNKNOWN_RATE = -1
"""Of a supply whose tax rate nobody told."""


def totals(connection: Connection, schema: str, number: int) -> list[TotalRow]:
    """One window's gross debts by pair and section, also of the one that is open."""
    order = "ORDER BY debtor_id, creditor_id, section"
    return select(connection, schema, TOTALS, f"WHERE window_number = %s {order}", [number])


def totals_of_party(connection: Connection, schema: str, number: int, party_id: UUID) -> list[TotalRow]:
    """The sums of a window that a party owes or is owed."""
    return _on_either_side(connection, schema, TOTALS, ("debtor_id", "creditor_id"), number, party_id)


def supplies_of_party(connection: Connection, schema: str, number: int, party_id: UUID) -> list[SupplyRow]:
    """What was supplied in a window at a partner's till, and elsewhere for its certificates."""
    return _on_either_side(connection, schema, SUPPLIES, ("issuer_id", "acceptor_id"), number, party_id)


def positions_of_party(
    connection: Connection, schema: str, number: int, party_id: UUID, *, after: int, limit: int
) -> list[int]:
    """The next positions of a window at which something stands in the party's statement, in log order.

    Each branch ends by itself after `limit`, so the cost is that of a page and not of the statement.
    """
    sides = ((LINES, "debtor_id"), (LINES, "creditor_id"), (CAUSES, "issuer_id"), (CAUSES, "acceptor_id"))
    branches = [
        sql.SQL(
            "(SELECT DISTINCT position FROM {t} WHERE window_number = %(number)s AND {side} = %(party)s"
            " AND position > %(after)s ORDER BY position LIMIT %(limit)s)"
        ).format(t=sql.Identifier(schema, table.name), side=sql.Identifier(side))
        for table, side in sides
    ]
    statement = sql.SQL("{} ORDER BY position LIMIT %(limit)s").format(sql.SQL(" UNION ").join(branches))
    asked = {"number": number, "party": party_id, "after": after, "limit": limit}
    return [position for (position,) in connection.execute(statement, asked)]


def positions_found(
    connection: Connection, schema: str, number: int, party_id: UUID, *, after: int, limit: int,
    other_id: UUID | None, words: str,
) -> list[int]:  # fmt: skip
    """The same, of one counterparty, or with these words in the number of the bill. Reads all that the party has."""
    facts = {
        "number": number, "party": party_id, "after": after, "limit": limit, "other": other_id,
        "words": words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_"),
    }  # fmt: skip
    named = {"c": sql.Identifier(schema, CAUSES.name), "l": sql.Identifier(schema, LINES.name)}
    return [position for (position,) in connection.execute(sql.SQL(_FOUND).format(**named), facts)]


_FOUND = """
WITH own AS (
    SELECT position FROM {c} WHERE window_number = %(number)s AND issuer_id = %(party)s AND position > %(after)s UNION
    SELECT position FROM {c} WHERE window_number = %(number)s AND acceptor_id = %(party)s AND position > %(after)s UNION
    SELECT position FROM {l} WHERE window_number = %(number)s AND debtor_id = %(party)s AND position > %(after)s UNION
    SELECT position FROM {l} WHERE window_number = %(number)s AND creditor_id = %(party)s AND position > %(after)s
)
SELECT position FROM {c} AS c JOIN own USING (position)
WHERE (%(words)s = '' OR bill_reference ILIKE '%%' || %(words)s || '%%')
  AND (%(other)s::uuid IS NULL OR %(other)s IN (issuer_id, acceptor_id) OR EXISTS (
        SELECT FROM {l} AS l WHERE l.position = c.position
            AND %(party)s IN (debtor_id, creditor_id) AND %(other)s IN (debtor_id, creditor_id)))
ORDER BY position LIMIT %(limit)s
"""


def rows_at(
    connection: Connection, schema: str, party_id: UUID, positions: Sequence[int]
) -> tuple[list[LineRow], list[CauseRow]]:
    """The postings at these positions that the party owes or is owed, and the events behind them, in log order."""
    rest = "WHERE position = ANY (%s::bigint[]) AND (debtor_id = %s OR creditor_id = %s) ORDER BY position, entry"
    lines = select(connection, schema, LINES, rest, [list(positions), party_id, party_id])
    return lines, causes_at(connection, schema, positions)


def entries_of_party(connection: Connection, schema: str, number: int, party_id: UUID) -> Iterator[EntryRow]:
    """All that stands in the party's statement of a window, counterparty by counterparty, each in log order. Sorted and
    kept by the database, a few rows at a time come here: however long, it takes no more memory. Inside a transaction.
    """
    named = {"c": sql.Identifier(schema, CAUSES.name), "l": sql.Identifier(schema, LINES.name)}
    take_time(connection)
    with connection.cursor(name="entries_of_party") as cursor:
        cursor.itersize = AT_ONCE
        for row in cursor.execute(sql.SQL(_ENTRIES).format(**named), {"number": number, "party": party_id}):
            yield EntryRow(*row)


_ENTRIES = """
SELECT other_id, position, kind, section, amount FROM (
    SELECT creditor_id AS other_id, position, entry, kind, section, -amount AS amount FROM {l}
        WHERE window_number = %(number)s AND debtor_id = %(party)s AND creditor_id <> %(party)s
    UNION ALL SELECT debtor_id, position, entry, kind, section, amount FROM {l}
        WHERE window_number = %(number)s AND creditor_id = %(party)s AND debtor_id <> %(party)s
    UNION ALL SELECT acceptor_id, position, NULL, NULL, NULL, NULL FROM {c}
        WHERE window_number = %(number)s AND issuer_id = %(party)s AND acceptor_id <> %(party)s
    UNION ALL SELECT issuer_id, position, NULL, NULL, NULL, NULL FROM {c}
        WHERE window_number = %(number)s AND acceptor_id = %(party)s AND issuer_id <> %(party)s
) AS own ORDER BY other_id, position, entry NULLS LAST
"""


def causes_at(connection: Connection, schema: str, positions: Sequence[int]) -> list[CauseRow]:
    """The events at these positions, in log order."""
    return select(connection, schema, CAUSES, _AT, [list(positions)])


def _on_either_side(
    connection: Connection, schema: str, table: Table[R], sides: tuple[str, str], number: int, party_id: UUID
) -> list[R]:
    """Two look-ups instead of one with OR, which reads every row of a window that is newer than the statistics."""
    one, other = sides
    rest = f"WHERE window_number = %s AND {one} = %s"
    found = select(connection, schema, table, rest, [number, party_id])
    rest = f"WHERE window_number = %s AND {other} = %s AND {one} <> {other}"
    return found + select(connection, schema, table, rest, [number, party_id])
