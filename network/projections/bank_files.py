"""Which answers of banks were loaded, what was in them, and which lines were assigned by hand?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection

from network.domain.bank_file import BankFile
from network.projections.projection import Projection
from network.projections.tables import Table, View, select

Reads: TypeAlias = BankFile.Loaded | BankFile.LineAssigned | BankFile.LineReleased


@dataclass(slots=True)
class BankFileRow:
    """One file. `known` lines were in other files too, `unmatched` were of no payment when it was loaded."""

    file_id: UUID
    digest: str
    kind: str
    lines: int
    matched: int
    known: int
    unmatched: int
    not_booked: int
    loaded_by: str
    loaded_at: datetime
    position: int


@dataclass(slots=True)
class AssignedRow:
    """A line that was unmatched. `end_to_end_id` None: it waits again."""

    line: str
    file_id: UUID
    end_to_end_id: str | None
    assigned_by: str
    assigned_at: datetime


FILES = Table("bank_files", BankFileRow, ("file_id",), indexes=("(position)",))
ASSIGNED = Table("bank_lines_assigned", AssignedRow, ("line",))


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Keep each file, and the last word on each line."""
    files: list[BankFileRow] = []
    assigned: dict[str, AssignedRow] = {}
    for position, event in facts:
        file_id = event.originator_id
        match event:
            case BankFile.Loaded():
                files.append(_loaded(position, event))
            case BankFile.LineAssigned():
                assigned[event.line] = AssignedRow(event.line, file_id, event.end_to_end_id, event.by, event.timestamp)
            case BankFile.LineReleased():
                assigned[event.line] = AssignedRow(event.line, file_id, None, event.by, event.timestamp)
            case _:
                assert_never(event)
    view.save(FILES, files)
    view.save(ASSIGNED, assigned.values())


def _loaded(position: int, event: BankFile.Loaded) -> BankFileRow:
    return BankFileRow(
        file_id=event.originator_id,
        digest=event.digest,
        kind=event.kind,
        lines=event.lines,
        matched=event.matched,
        known=event.known,
        unmatched=event.unmatched,
        not_booked=event.not_booked,
        loaded_by=event.by,
        loaded_at=event.timestamp,
        position=position,
    )


PROJECTION = Projection("bank_files", Reads, (FILES, ASSIGNED), fold)


def all(connection: Connection, schema: str) -> list[BankFileRow]:  # noqa: A001 - reads as `bank_files.all`
    """Every file, the newest first."""
    return select(connection, schema, FILES, "ORDER BY position DESC")


def assigned(connection: Connection, schema: str) -> set[str]:
    """The lines that have a payment."""
    return {one.line for one in select(connection, schema, ASSIGNED, "WHERE end_to_end_id IS NOT NULL")}
