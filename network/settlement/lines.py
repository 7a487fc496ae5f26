"""A party's rows as the lines of its statement: one event between the party and one other."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice
from operator import attrgetter
from typing import TypeAlias
from uuid import UUID

from psycopg import Connection

from network.projections import statement_rows
from network.projections.statement_rows import CauseRow, EntryRow, LineRow
from network.settlement.statement import EachLine, Entry, Line, StatementDiffers

Entries: TypeAlias = dict[UUID, dict[int, list[Entry]]]
"""`{counterparty: {position: what was posted between the two}}`."""


def lines_of(party_id: UUID, postings: Iterable[LineRow], causes: Iterable[CauseRow]) -> dict[UUID, tuple[Line, ...]]:
    """`{counterparty: its lines in log order}`. Raises: StatementDiffers when no event is behind a posting."""
    entries = _entries(party_id, postings)
    rows = _rows(party_id, entries, causes)
    return {
        other: tuple(_line(row, entries.get(other, {}).get(position, ())) for position, row in sorted(found.items()))
        for other, found in rows.items()
    }


def each_line(connection: Connection, schema: str, number: int, party_id: UUID) -> EachLine:
    """The same of a whole window, a few at a time. Inside a transaction. Raises: StatementDiffers."""
    rows = statement_rows.entries_of_party(connection, schema, number, party_id)
    events = groupby(rows, key=attrgetter("other_id", "position"))
    met = ((other, position, tuple(_posted(own))) for (other, position), own in events)
    while some := list(islice(met, statement_rows.AT_ONCE)):
        positions = sorted({position for _, position, _ in some})
        causes = {row.position: row for row in statement_rows.causes_at(connection, schema, positions)}
        if missing := [position for position in positions if position not in causes]:
            raise StatementDiffers(f"party {party_id}: no event is behind the lines of {missing}")
        yield from ((other, _line(causes[position], entries)) for other, position, entries in some)


def _posted(rows: Iterable[EntryRow]) -> Iterator[Entry]:
    for row in rows:
        if row.amount is not None:
            assert row.kind is not None, "a posting has a kind"
            assert row.section is not None, "a posting has a section"
            yield Entry(row.kind, row.section, row.amount)


def _entries(party_id: UUID, postings: Iterable[LineRow]) -> Entries:
    found: Entries = {}
    for one in postings:
        receives = one.creditor_id == party_id
        other = one.debtor_id if receives else one.creditor_id
        entry = Entry(one.kind, one.section, one.amount if receives else -one.amount)
        found.setdefault(other, {}).setdefault(one.position, []).append(entry)
    return found


def _rows(
    party_id: UUID, entries: Mapping[UUID, Mapping[int, list[Entry]]], causes: Iterable[CauseRow]
) -> dict[UUID, dict[int, CauseRow]]:
    """`{counterparty: {position: event}}`: what moved money between the two, or was redeemed by one for the other."""
    found: dict[UUID, dict[int, CauseRow]] = {}
    met: dict[int, list[UUID]] = {}
    for other, positions in entries.items():
        for position in positions:
            met.setdefault(position, []).append(other)
    for row in causes:
        partner = {row.issuer_id: row.acceptor_id, row.acceptor_id: row.issuer_id}.get(party_id)
        for other in (*met.pop(row.position, ()), *((partner,) if partner else ())):
            if other != party_id:
                found.setdefault(other, {})[row.position] = row
    if met:
        raise StatementDiffers(f"party {party_id}: no event is behind the lines of {sorted(met)}")
    return found


def _line(row: CauseRow, entries: Iterable[Entry]) -> Line:
    kept = tuple(entries)
    return Line(
        position=row.position,
        happened_at=row.happened_at,
        cause=row.cause,
        issuer_id=row.issuer_id,
        acceptor_id=row.acceptor_id,
        certificate_id=row.certificate_id,
        redemption_id=row.redemption_id,
        bill_reference=row.bill_reference,
        bill=row.bill,
        deducted=row.deducted,
        adjusts=row.adjusts,
        entries=kept,
        amount=sum(entry.amount for entry in kept),
    )
