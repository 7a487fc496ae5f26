"""The event behind the lines of one position, as a row."""

from collections.abc import Iterable
from typing import TypeAlias
from uuid import UUID

from network.domain.certificate import Certificate
from network.domain.default import Default
from network.domain.dispute import Dispute
from network.projections.statement_rows import CauseRow

Undoes: TypeAlias = Certificate.RedemptionReversed | Certificate.RedemptionRefunded
Decides: TypeAlias = Dispute.Upheld | Dispute.Rejected
Moves: TypeAlias = Certificate.Redeemed | Undoes | Certificate.OfflineConflicted | Decides | Default.Recovered
Originals: TypeAlias = dict[tuple[UUID | None, UUID | None], CauseRow]
"""`{(certificate, redemption): what is undone or disputed}`: what was redeemed, or what lost without a network."""

_SAYS = {
    Certificate.Redeemed: "redeemed",
    Certificate.RedemptionReversed: "reversed",
    Certificate.RedemptionRefunded: "refunded",
    Certificate.OfflineConflicted: "offline_conflict",
    Dispute.Upheld: "dispute_upheld",
    Dispute.Rejected: "dispute_rejected",
    Default.Recovered: "recovered",
}


def originals_of(rows: Iterable[CauseRow]) -> Originals:
    """An acceptance that stood for a while and then lost is told by its redemption, which was supplied."""
    found: Originals = {}
    for row in rows:
        key = row.certificate_id, row.redemption_id
        if row.cause == "redeemed" or (row.cause == "offline_conflict" and key not in found):
            found[key] = row
    return found


def cause_of(position: int, number: int, event: Moves, originals: Originals) -> CauseRow:
    """The row of an event in the window `number`; what later events look back at is put into `originals`."""
    at, says = event.timestamp, _SAYS[type(event)]
    if isinstance(event, Default.Recovered):
        return CauseRow(position, number, at, says, event.paid_to, event.paid_to, adjusts=event.window_number)
    if isinstance(event, Decides):
        row = CauseRow(position, number, at, says, event.debtor_id, event.creditor_id, event.certificate_id)
        row.redemption_id, row.adjusts = event.redemption_id, event.window_number
        return _as_original(row, originals)
    row = CauseRow(position, number, at, says, event.issuer_id, event.acceptor_id, event.originator_id)
    row.redemption_id = event.redemption_id
    if isinstance(event, Undoes):
        return _undone(_as_original(row, originals), event, originals)
    row.bill_reference, row.bill = event.bill_reference, event.bill
    if isinstance(event, Certificate.Redeemed):
        _supplied(row, event)
        originals[row.certificate_id, row.redemption_id] = row
    else:
        originals.setdefault((row.certificate_id, row.redemption_id), row)
    return row


def _as_original(row: CauseRow, originals: Originals) -> CauseRow:
    """Of the same bill, and of the same kind of supply."""
    original = originals[row.certificate_id, row.redemption_id]
    row.bill_reference, row.bill = original.bill_reference, original.bill
    row.instrument, row.country = original.instrument, original.country
    return row


def _supplied(row: CauseRow, event: Certificate.Redeemed) -> None:
    row.deducted = event.amount
    if event.supply:
        row.instrument, row.country = event.supply.instrument.value, event.supply.country
        row.supplied = [{"rate": one.rate, "amount": one.amount} for one in event.supply.parts]


def _undone(row: CauseRow, event: Undoes, originals: Originals) -> CauseRow:
    """A reversal takes back the whole supply of its redemption, a refund says how much at which rate."""
    original = originals[row.certificate_id, row.redemption_id]
    row.deducted = -event.amount
    row.adjusts = original.window_number if original.window_number < row.window_number else None
    if isinstance(event, Certificate.RedemptionRefunded):
        row.supplied = [{"rate": one.rate, "amount": -one.amount} for one in event.supply]
    else:
        row.supplied = [one | {"amount": -int(str(one["amount"]))} for one in original.supplied]
    return row
