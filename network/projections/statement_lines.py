"""Which window does each posting belong to, and which event is behind it? Running totals make a cut cost nothing."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import sql

from network.domain.certificate import Certificate
from network.domain.default import Default
from network.domain.dispute import Dispute
from network.domain.postings import Posting
from network.domain.statement import Section
from network.domain.window import Window
from network.projections.projection import Projection
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
from network.projections.tables import Json, View

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
Originals: TypeAlias = dict[tuple[UUID | None, UUID | None], CauseRow]
_Undoes = Certificate.RedemptionReversed | Certificate.RedemptionRefunded


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """What comes before a cut is in its window, what comes after it in the next."""
    undone = {e.redemption_id for _, e in facts if isinstance(e, _Undoes | Dispute.Upheld | Dispute.Rejected)}
    originals: Originals = {(row.certificate_id, row.redemption_id): row for row in _redeemed(view, undone)}
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
    view.save(SUPPLIES, _supplies(causes))


def _cut_so_far(view: View) -> int:
    name = sql.Identifier(view.schema, CUTS.name + view.suffix)
    row = view.connection.execute(sql.SQL("SELECT coalesce(max(number), 0) FROM {}").format(name)).fetchone()
    assert row is not None, "an aggregate has one row"
    return int(row[0])


def _redeemed(view: View, redemption_ids: set[UUID]) -> list[CauseRow]:
    """By the redemption and not its certificate, which may have been used for years."""
    return [row for row in view.load(CAUSES, "redemption_id", redemption_ids) if row.cause == "redeemed"]


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
