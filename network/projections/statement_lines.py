"""Which window does each posting belong to, and which event is behind it? Running totals make a cut cost nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection, sql

from network.domain.certificate import Certificate
from network.domain.default import Default
from network.domain.dispute import Dispute
from network.domain.postings import Posting
from network.domain.statement import Section
from network.domain.window import Window
from network.projections.projection import Projection
from network.projections.tables import Json, Table, View, select

Moves: TypeAlias = (
    Certificate.Redeemed
    | Certificate.RedemptionReversed
    | Certificate.RedemptionRefunded
    | Certificate.OfflineConflicted
    | Dispute.Upheld
    | Dispute.Rejected
    | Default.Recovered
)
Reads: TypeAlias = (
    Certificate.Redeemed
    | Certificate.RedemptionReversed
    | Certificate.RedemptionRefunded
    | Certificate.OfflineConflicted
    | Dispute.Upheld
    | Dispute.Rejected
    | Default.Recovered
    | Window.Cut
)
Originals: TypeAlias = dict[tuple[UUID | None, UUID | None], "CauseRow"]
_Undoes = Certificate.RedemptionReversed | Certificate.RedemptionRefunded


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
    certificate_id: UUID | None
    redemption_id: UUID | None
    bill_reference: str | None
    bill: int | None
    deducted: int
    adjusts: int | None
    instrument: str | None
    country: str | None
    supplied: list[Json]


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


CUTS = Table("statement_cuts", CutRow, ("number",))
CAUSES = Table(
    "statement_causes",
    CauseRow,
    ("position",),
    indexes=("(certificate_id)", "(window_number, issuer_id)", "(window_number, acceptor_id)"),
)
LINES = Table(
    "statement_lines",
    LineRow,
    ("position", "entry"),
    indexes=("(window_number, debtor_id)", "(window_number, creditor_id)"),
)
TOTALS = Table(
    "statement_totals",
    TotalRow,
    ("window_number", "debtor_id", "creditor_id", "section"),
    sums=("amount", "entries"),
)


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """What comes before a cut is in its window, what comes after it in the next."""
    undone = {e.originator_id for _, e in facts if isinstance(e, _Undoes)}
    disputed = {e.certificate_id for _, e in facts if isinstance(e, Dispute.Upheld | Dispute.Rejected)}
    originals: Originals = {(row.certificate_id, row.redemption_id): row for row in _redeemed(view, undone | disputed)}
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
            case (
                Certificate.Redeemed()
                | Certificate.RedemptionReversed()
                | Certificate.RedemptionRefunded()
                | Certificate.OfflineConflicted()
                | Dispute.Upheld()
                | Dispute.Rejected()
                | Default.Recovered()
            ):
                cause = _cause(position, number, event, originals)
                causes.append(cause)
                lines += _lines(cause, event.postings)
            case _:
                assert_never(event)
    view.save(CUTS, cuts)
    view.save(CAUSES, causes)
    view.save(LINES, lines)
    view.save(TOTALS, _totals(lines))


def _cut_so_far(view: View) -> int:
    name = sql.Identifier(view.schema, CUTS.name + view.suffix)
    row = view.connection.execute(sql.SQL("SELECT coalesce(max(number), 0) FROM {}").format(name)).fetchone()
    assert row is not None, "an aggregate has one row"
    return int(row[0])


def _redeemed(view: View, certificate_ids: set[UUID]) -> list[CauseRow]:
    return [row for row in view.load(CAUSES, "certificate_id", certificate_ids) if row.cause == "redeemed"]


def _cause(position: int, number: int, event: Moves, originals: Originals) -> CauseRow:
    if isinstance(event, Dispute.Upheld | Dispute.Rejected):
        return _of_dispute(position, number, event, originals[event.certificate_id, event.redemption_id])
    if isinstance(event, Default.Recovered):
        return _of_default(position, number, event)
    if isinstance(event, Certificate.OfflineConflicted):
        return _of_conflict(position, number, event)
    key = (event.originator_id, event.redemption_id)
    match event:
        case Certificate.Redeemed():
            row = CauseRow(
                position=position,
                window_number=number,
                happened_at=event.timestamp,
                cause="redeemed",
                issuer_id=event.issuer_id,
                acceptor_id=event.acceptor_id,
                certificate_id=event.originator_id,
                redemption_id=event.redemption_id,
                bill_reference=event.bill_reference,
                bill=event.bill,
                deducted=event.amount,
                adjusts=None,
                instrument=event.supply.instrument.value if event.supply else None,
                country=event.supply.country if event.supply else None,
                supplied=[{"rate": one.rate, "amount": one.amount} for one in event.supply.parts]
                if event.supply
                else [],
            )
            originals[key] = row
            return row
        case Certificate.RedemptionReversed() | Certificate.RedemptionRefunded():
            original = originals[key]
            return CauseRow(
                position=position,
                window_number=number,
                happened_at=event.timestamp,
                cause="reversed" if isinstance(event, Certificate.RedemptionReversed) else "refunded",
                issuer_id=event.issuer_id,
                acceptor_id=event.acceptor_id,
                certificate_id=event.originator_id,
                redemption_id=event.redemption_id,
                bill_reference=original.bill_reference,
                bill=original.bill,
                deducted=-event.amount,
                adjusts=original.window_number if original.window_number < number else None,
                instrument=original.instrument,
                country=original.country,
                supplied=_taken_back(event, original),
            )
        case _:
            assert_never(event)


def _taken_back(
    event: Certificate.RedemptionReversed | Certificate.RedemptionRefunded, original: CauseRow
) -> list[Json]:
    """A reversal takes back the whole supply of its redemption, a refund says how much at which rate."""
    if isinstance(event, Certificate.RedemptionRefunded):
        return [{"rate": one.rate, "amount": -one.amount} for one in event.supply]
    return [one | {"amount": -int(str(one["amount"]))} for one in original.supplied]


def _of_dispute(position: int, number: int, event: Dispute.Upheld | Dispute.Rejected, original: CauseRow) -> CauseRow:
    return CauseRow(
        position=position,
        window_number=number,
        happened_at=event.timestamp,
        cause="dispute_upheld" if isinstance(event, Dispute.Upheld) else "dispute_rejected",
        issuer_id=event.debtor_id,
        acceptor_id=event.creditor_id,
        certificate_id=event.certificate_id,
        redemption_id=event.redemption_id,
        bill_reference=original.bill_reference,
        bill=original.bill,
        deducted=0,
        adjusts=event.window_number,
        instrument=original.instrument,
        country=original.country,
        supplied=[],
    )


def _of_conflict(position: int, number: int, event: Certificate.OfflineConflicted) -> CauseRow:
    return CauseRow(
        position=position,
        window_number=number,
        happened_at=event.timestamp,
        cause="offline_conflict",
        issuer_id=event.issuer_id,
        acceptor_id=event.acceptor_id,
        certificate_id=event.originator_id,
        redemption_id=event.redemption_id,
        bill_reference=event.bill_reference,
        bill=event.bill,
        deducted=0,
        adjusts=None,
        instrument=None,
        country=None,
        supplied=[],
    )


def _of_default(position: int, number: int, event: Default.Recovered) -> CauseRow:
    return CauseRow(
        position=position,
        window_number=number,
        happened_at=event.timestamp,
        cause="recovered",
        issuer_id=event.paid_to,
        acceptor_id=event.paid_to,
        certificate_id=None,
        redemption_id=None,
        bill_reference=None,
        bill=None,
        deducted=0,
        adjusts=event.window_number,
        instrument=None,
        country=None,
        supplied=[],
    )


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


PROJECTION = Projection("statement_lines", Reads, (CUTS, CAUSES, LINES, TOTALS), fold, version=2)


def totals(connection: Connection, schema: str, number: int) -> list[TotalRow]:
    """One window's gross debts by pair and section, also of the one that is open."""
    order = "ORDER BY debtor_id, creditor_id, section"
    return select(connection, schema, TOTALS, f"WHERE window_number = %s {order}", [number])


def lines_of_party(connection: Connection, schema: str, number: int, party_id: UUID) -> list[LineRow]:
    """The postings of a window that a party owes or is owed, in log order."""
    rest = "WHERE window_number = %s AND (debtor_id = %s OR creditor_id = %s) ORDER BY position, entry"
    return select(connection, schema, LINES, rest, [number, party_id, party_id])


def causes_of_party(
    connection: Connection, schema: str, number: int, party_id: UUID, positions: Sequence[int] = ()
) -> list[CauseRow]:
    """The redemptions and their undoings of a window at or for a partner, and the ones at these positions."""
    rest = (
        "WHERE window_number = %s AND (issuer_id = %s OR acceptor_id = %s OR position = ANY (%s::bigint[]))"
        " ORDER BY position"
    )
    return select(connection, schema, CAUSES, rest, [number, party_id, party_id, list(positions)])
