"""What is on record of each bill: its amount, what certificates took off it, what was given and refunded?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection

from network.domain.payment import Payment
from network.projections.projection import Projection
from network.projections.tables import Table, View, select

Reads: TypeAlias = (
    Payment.Recorded
    | Payment.Announced
    | Payment.Deducted
    | Payment.DeductionReversed
    | Payment.Completed
    | Payment.IssueDecided
    | Payment.Refunded
)


@dataclass(slots=True)
class PaymentRow:
    """A bill in minor units. `amount` is the whole bill, None until it is paid; the guest paid `amount - deducted`.

    `refunded` is what went back of the bill, `refunded_cash` the part of it in money. `decisions` counts issue
    decisions (imports decide once a campaign), `certificates` what they handed out.
    """

    payment_id: UUID
    merchant_id: UUID
    bill_reference: str
    currency: str
    amount: int | None
    deducted: int
    refunded: int
    refunded_cash: int
    decisions: int
    certificates: int
    customer_id: UUID | None
    imported: bool
    first_at: datetime
    first_position: int
    paid_at: datetime | None


@dataclass(slots=True)
class DeductionRow:
    """What one redemption took off a bill; `returned` came back by refunds."""

    payment_id: UUID
    redemption_id: UUID
    certificate_id: UUID
    deducted: int
    returned: int
    reversed: bool
    deducted_at: datetime


PAYMENTS = Table(
    "payments",
    PaymentRow,
    ("payment_id",),
    indexes=("(merchant_id, first_position)", "(customer_id) WHERE customer_id IS NOT NULL"),
)
DEDUCTIONS = Table("deductions", DeductionRow, ("payment_id", "redemption_id"))


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Follow each bill and each deduction from it."""
    touched = {event.originator_id for _, event in facts}
    rows = {row.payment_id: row for row in view.load(PAYMENTS, "payment_id", touched)}
    taken = {(row.payment_id, row.redemption_id): row for row in view.load(DEDUCTIONS, "payment_id", touched)}
    for position, event in facts:
        key, at = event.originator_id, event.timestamp
        match event:
            case Payment.Recorded():
                row = rows[key] = _first(position, event)
                row.amount, row.customer_id, row.imported, row.paid_at = (
                    event.amount,
                    event.customer_id,
                    event.imported,
                    at,
                )
            case Payment.Announced():
                row = rows[key] = _first(position, event)
                row.deducted = event.deducted
                taken[key, event.redemption_id] = _deduction(event)
            case Payment.Deducted():
                rows[key].deducted += event.deducted
                taken[key, event.redemption_id] = _deduction(event)
            case Payment.DeductionReversed():
                one = taken[key, event.redemption_id]
                one.reversed = True
                rows[key].deducted -= one.deducted
            case Payment.Completed():
                row = rows[key]
                row.amount, row.customer_id, row.paid_at = event.amount, event.customer_id, at
            case Payment.IssueDecided():
                rows[key].decisions += 1
                rows[key].certificates += len(event.certificate_ids)
            case Payment.Refunded():
                rows[key].refunded += event.amount
                rows[key].refunded_cash += event.cash
                for part in event.returned:
                    taken[key, part.redemption_id].returned += part.amount
            case _:
                assert_never(event)
    view.save(PAYMENTS, rows.values())
    view.save(DEDUCTIONS, taken.values())


def _first(position: int, event: Payment.Recorded | Payment.Announced) -> PaymentRow:
    return PaymentRow(
        payment_id=event.originator_id,
        merchant_id=event.merchant_id,
        bill_reference=event.bill_reference,
        currency=event.currency,
        amount=None,
        deducted=0,
        refunded=0,
        refunded_cash=0,
        decisions=0,
        certificates=0,
        customer_id=None,
        imported=False,
        first_at=event.timestamp,
        first_position=position,
        paid_at=None,
    )


def _deduction(event: Payment.Announced | Payment.Deducted) -> DeductionRow:
    return DeductionRow(
        event.originator_id, event.redemption_id, event.certificate_id, event.deducted, 0, False, event.timestamp
    )


PROJECTION = Projection("payments", Reads, (PAYMENTS, DEDUCTIONS), fold)


def find(connection: Connection, schema: str, payment_id: UUID) -> PaymentRow | None:
    """One bill, or None."""
    return next(iter(select(connection, schema, PAYMENTS, "WHERE payment_id = %s", [payment_id])), None)


def of_merchant(
    connection: Connection, schema: str, merchant_id: UUID, *, before: int = 2**62, limit: int = 100
) -> list[PaymentRow]:
    """A partner's bills, newest first; `before` is the `first_position` of the last one seen."""
    rest = "WHERE merchant_id = %s AND first_position < %s ORDER BY first_position DESC LIMIT %s"
    return select(connection, schema, PAYMENTS, rest, [merchant_id, before, limit])


def deductions(connection: Connection, schema: str, payment_id: UUID) -> list[DeductionRow]:
    """What certificates took off one bill, reversed ones included."""
    rest = "WHERE payment_id = %s ORDER BY deducted_at, redemption_id"
    return select(connection, schema, DEDUCTIONS, rest, [payment_id])
