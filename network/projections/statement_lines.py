"""Which window does each posting belong to, and which event is behind it? Running totals make a cut cost nothing."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias
from uuid import UUID

from psycopg import sql

from network.domain.certificate import Certificate
from network.domain.dispute import Dispute
from network.domain.postings import Posting
from network.domain.statement import Section
from network.domain.window import Window
from network.projections.projection import Projection
from network.projections.statement_causes import Decides, Moves, Undoes, cause_of, originals_of
from network.projections.statement_rows import (
    CAUSES,
    CUTS,
    LINES,
    SUPPLIES,
    TOTALS,
    UNKNOWN_RATE,
    CauseRow,
    CutRow,
    LineRow,
    SupplyRow,
    TotalRow,
)
from network.projections.tables import View

Reads: TypeAlias = Moves | Window.Cut


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """What comes before a cut is in its window, what comes after it in the next."""
    looked_at = {event.redemption_id for _, event in facts if isinstance(event, Undoes | Decides)}
    originals = originals_of(view.load(CAUSES, "redemption_id", looked_at))
    number = _cut_so_far(view) + 1
    cuts: list[CutRow] = []
    causes: list[CauseRow] = []
    lines: list[LineRow] = []
    for position, event in facts:
        match event:
            case Window.Cut():
                cuts.append(CutRow(event.number, position, event.timestamp))
                number = event.number + 1
            case Dispute.Upheld() | Dispute.Rejected() | Certificate.OfflineConflicted() if not event.postings:
                continue
            case _:
                cause = cause_of(position, number, event, originals)
                causes.append(cause)
                lines += _lines(cause, event.postings)
    view.save(CUTS, cuts)
    view.save(CAUSES, causes)
    view.save(LINES, lines)
    view.save(TOTALS, _totals(lines))
    view.save(SUPPLIES, _supplies(causes))


def _cut_so_far(view: View) -> int:
    name = sql.Identifier(view.schema, CUTS.name + view.suffix)
    row = view.connection.execute(sql.SQL("SELECT coalesce(max(number), 0) FROM {}").format(name)).fetchone()
    assert row is not None, "an aggregate has one row"
    return int(row[0])


def _lines(cause: CauseRow, postings: Iterable[Posting]) -> list[LineRow]:
    return [
        LineRow(
            position=cause.position,
            entry=entry,
            window_number=cause.window_number,
            debtor_id=posting.debtor,
            creditor_id=posting.creditor,
            kind=posting.kind.value,
            section=posting.kind.value if cause.adjusts is None else Section.ADJUSTMENT.value,
            amount=posting.amount,
        )
        for entry, posting in enumerate(postings)
        if posting.in_open_window
    ]


def _totals(lines: Iterable[LineRow]) -> list[TotalRow]:
    rows: dict[tuple[int, UUID, UUID, str], TotalRow] = {}
    for line in lines:
        key = (line.window_number, line.debtor_id, line.creditor_id, line.section)
        row = rows.setdefault(key, TotalRow(*key, 0, 0))
        row.amount += line.amount
        row.entries += 1
    return list(rows.values())


def _supplies(causes: Iterable[CauseRow]) -> list[SupplyRow]:
    rows: dict[tuple[int, UUID, UUID, str, str, int], SupplyRow] = {}
    for cause in causes:
        if cause.issuer_id == cause.acceptor_id:  # what came back after a default is between nobody
            continue
        told = [(part["rate"], int(str(part["amount"]))) for part in cause.supplied if cause.instrument is not None]
        unknown = cause.deducted - sum(amount for _, amount in told)
        parts = [
            (cause.instrument or "", cause.country or "", UNKNOWN_RATE if rate is None else int(str(rate)), amount)
            for rate, amount in told
        ]
        if unknown or not parts:  # two who met stand in each other's statement, also where nothing is left of it
            parts.append(("", "", UNKNOWN_RATE, unknown))
        for instrument, country, rate, amount in parts:
            key = (cause.window_number, cause.issuer_id, cause.acceptor_id, instrument, country, rate)
            rows.setdefault(key, SupplyRow(*key, 0)).amount += amount
    return list(rows.values())


_TABLES = (CUTS, CAUSES, LINES, TOTALS, SUPPLIES)
PROJECTION = Projection("statement_lines", Reads, _TABLES, fold, version=3, patient=True)
