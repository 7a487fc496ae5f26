"""What did tills take without a network, and what became of each acceptance?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection

from network.domain.certificate import Certificate
from network.domain.offline import Offline
from network.domain.till import Till
from network.projections.projection import Projection
from network.projections.tables import Json, Table, View, select

Reads: TypeAlias = (
    Till.ReceiptTaken | Certificate.Redeemed | Certificate.RedemptionReversed | Certificate.OfflineConflicted
)
BOOKED, CONFLICTED, REVERSED = "booked", "conflicted", "reversed"
_Key: TypeAlias = tuple[UUID, int, int]


@dataclass(slots=True)
class AcceptanceRow:
    """One place in a till's journal. `status`: booked, reversed (a person undid it), conflicted, refused; `code` says
    why. `borne_by`: acceptor, issuer, pool, of a conflicted one. `amount`, `bill`: minor units; None of a refused one.
    `delivered_at`: when its receipt came in.
    """

    till_id: UUID
    journal: int
    sequence: int
    merchant_id: UUID
    receipt: str | None
    delivered_at: datetime
    taken_at: datetime
    status: str
    code: str | None
    certificate_id: UUID | None
    redemption_id: UUID | None
    issuer_id: UUID | None
    bill_reference: str | None
    bill: int | None
    amount: int | None
    borne_by: str | None
    position: int
    breaches: list[Json] = field(default_factory=list)


ACCEPTANCES = Table(
    "offline_acceptances",
    AcceptanceRow,
    ("till_id", "journal", "sequence"),
    indexes=("(merchant_id, position)", "(redemption_id) WHERE redemption_id IS NOT NULL", "(status, position)"),
)


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Follow each acceptance from its delivery on."""
    rows = _known(facts, view)
    by_redemption = {row.redemption_id: row for row in rows.values() if row.redemption_id is not None}
    for position, event in facts:
        match event:
            case Till.ReceiptTaken():
                row = rows[event.till_id, event.journal, event.sequence] = _taken(position, event)
                if row.redemption_id is not None:
                    by_redemption[row.redemption_id] = row
            case Certificate.Redeemed():
                if event.offline is not None:
                    _judged(rows[_key(event.offline)], event, event.offline, BOOKED)
            case Certificate.OfflineConflicted():
                row = rows[_key(event.offline)]
                _judged(row, event, event.offline, CONFLICTED)
                row.code, row.borne_by = event.code.value, event.borne_by.value
            case Certificate.RedemptionReversed():
                if event.redemption_id in by_redemption:
                    by_redemption[event.redemption_id].status = REVERSED
            case _:
                assert_never(event)
    view.save(ACCEPTANCES, rows.values())


def _known(facts: Sequence[tuple[int, Reads]], view: View) -> dict[_Key, AcceptanceRow]:
    redemptions = {e.redemption_id for _, e in facts if isinstance(e, Certificate.RedemptionReversed)}
    redemptions |= {e.redemption_id for _, e in facts if isinstance(e, Certificate.OfflineConflicted)}
    redemptions |= {e.redemption_id for _, e in facts if isinstance(e, Certificate.Redeemed) and e.offline}
    found = view.load(ACCEPTANCES, "redemption_id", redemptions)
    return {(row.till_id, row.journal, row.sequence): row for row in found}


def _taken(position: int, event: Till.ReceiptTaken) -> AcceptanceRow:
    return AcceptanceRow(
        till_id=event.till_id,
        journal=event.journal,
        sequence=event.sequence,
        merchant_id=event.merchant_id,
        receipt=event.receipt,
        delivered_at=event.timestamp,
        taken_at=event.taken_at,
        status=event.status,
        code=event.code,
        certificate_id=event.certificate_id,
        redemption_id=event.redemption_id,
        issuer_id=None,
        bill_reference=None,
        bill=None,
        amount=None,
        borne_by=None,
        position=position,
    )


def _judged(
    row: AcceptanceRow, event: Certificate.Redeemed | Certificate.OfflineConflicted, offline: Offline, status: str
) -> None:
    row.status = status
    row.issuer_id, row.bill_reference = event.issuer_id, event.bill_reference or row.bill_reference
    row.bill, row.amount = event.bill, event.amount
    row.breaches = [{"code": breach.value} for breach in offline.breaches]


def _key(offline: Offline) -> _Key:
    return offline.till_id, offline.journal, offline.sequence


PROJECTION = Projection("offline", Reads, (ACCEPTANCES,), fold)


def of_till(
    connection: Connection, schema: str, till_id: UUID, *, journal: int, after: int, limit: int
) -> list[AcceptanceRow]:
    """A journal's receipts that came in, by sequence."""
    rest = "WHERE till_id = %s AND journal = %s AND sequence > %s ORDER BY sequence LIMIT %s"
    return select(connection, schema, ACCEPTANCES, rest, [till_id, journal, after, limit])


def lost(
    connection: Connection, schema: str, merchant_id: UUID | None, *, after: int, limit: int
) -> list[AcceptanceRow]:
    """Acceptances that do not stand, in log order: those at a partner or under its certificates, or all."""
    rest = (
        "WHERE status IN ('conflicted', 'refused') AND (%s::uuid IS NULL OR merchant_id = %s OR issuer_id = %s)"
        " AND position > %s ORDER BY position LIMIT %s"
    )
    return select(connection, schema, ACCEPTANCES, rest, [merchant_id, merchant_id, merchant_id, after, limit])
