"""Which payments were asked for, and what is confirmed, returned and missing of each? Part of the view `windows`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from psycopg import Connection

from network.domain.payout import Side, Standing, paid_of, standing_of
from network.domain.window import Window
from network.projections.tables import Table, View, select

Booked: TypeAlias = Window.PaymentConfirmed | Window.PaymentReturned | Window.BookingWithdrawn
PayoutReads: TypeAlias = Window.Instructed | Booked | Window.Reminded


@dataclass(slots=True)
class PayoutRow:
    """One payment between partners. `sent`, `received`, `by_hand`: what the debtor's bank, the creditor's bank and
    people say, less what came back (`back_*`); None where that side says nothing. See `domain.payout` for what counts.
    `replaced`: a newer version of the settlement asks for something else.
    """

    end_to_end_id: str
    window_id: UUID
    window_number: int
    version: int
    debtor_id: UUID
    creditor_id: UUID
    amount: int
    due_on: str
    debtor_details: str | None
    creditor_details: str | None
    sent: int | None
    received: int | None
    by_hand: int | None
    back_sent: int
    back_received: int
    back_by_hand: int
    paid: int
    missing: int
    surplus: int
    standing: str
    reminders: int
    reminded_on: str | None
    reminded_step: int | None
    replaced: bool
    instructed_at: datetime
    position: int


@dataclass(slots=True)
class BookingRow:
    """One line or word about a payment; `amount` below zero came back. A withdrawn one counts no longer."""

    end_to_end_id: str
    line: str
    window_number: int
    side: str
    amount: int
    bank_reference: str
    booked_on: str
    cause: str
    booked_by: str
    booked_at: datetime
    position: int
    withdrawn: bool


PAYOUTS = Table(
    "payouts",
    PayoutRow,
    ("end_to_end_id",),
    indexes=("(window_id)", "(debtor_id)", "(creditor_id)", "(due_on) WHERE missing > 0"),
)
BOOKINGS = Table("payout_bookings", BookingRow, ("end_to_end_id", "line"), indexes=("(line)",))
_TOTALS = {
    Side.DEBTOR: ("sent", "back_sent"),
    Side.CREDITOR: ("received", "back_received"),
    Side.HAND: ("by_hand", "back_by_hand"),
}


class Following:
    """The payments of some windows while a batch is folded."""

    def __init__(self, view: View, windows: Collection[UUID]) -> None:
        self._view = view
        self._rows = {row.end_to_end_id: row for row in view.load(PAYOUTS, "window_id", windows)}
        self._bookings: dict[tuple[str, str], BookingRow] = {}

    def instruct(self, position: int, event: Window.Instructed) -> list[PayoutRow]:
        """The payments that a window asks for; all of that window."""
        for one in event.payouts:
            self._rows[one.end_to_end_id] = PayoutRow(
                end_to_end_id=one.end_to_end_id,
                window_id=event.originator_id,
                window_number=event.number,
                version=event.version,
                debtor_id=one.debtor,
                creditor_id=one.creditor,
                amount=one.amount,
                due_on=event.due_on,
                debtor_details=one.debtor_details,
                creditor_details=one.creditor_details,
                sent=None,
                received=None,
                by_hand=None,
                back_sent=0,
                back_received=0,
                back_by_hand=0,
                paid=0,
                missing=one.amount,
                surplus=0,
                standing=Standing.OPEN.value,
                reminders=0,
                reminded_on=None,
                reminded_step=None,
                replaced=False,
                instructed_at=event.timestamp,
                position=position,
            )
        return self._of(event.originator_id)

    def book(self, position: int, event: Booked) -> list[PayoutRow]:
        """Follow one payment; all of its window."""
        row = self._rows[event.end_to_end_id]
        if isinstance(event, Window.BookingWithdrawn):
            booking = self._booking(event.end_to_end_id, event.line)
            booking.withdrawn = True
            self._add_up(row, Side(booking.side))
        else:
            signed = event.amount if isinstance(event, Window.PaymentConfirmed) else -event.amount
            booking = BookingRow(
                end_to_end_id=event.end_to_end_id,
                line=event.line,
                window_number=event.number,
                side=event.side.value,
                amount=signed,
                bank_reference=event.bank_reference,
                booked_on=event.booked_on,
                cause=event.cause,
                booked_by=event.by,
                booked_at=event.timestamp,
                position=position,
                withdrawn=False,
            )
            self._add(row, event.side, signed)
        self._bookings[booking.end_to_end_id, booking.line] = booking
        _measure(row)
        return self._of(event.originator_id)

    def replace(self, window_id: UUID) -> None:
        """A new version of the settlement: what is not paid of these is asked for no longer."""
        for row in self._of(window_id):
            row.replaced = True

    def remind(self, event: Window.Reminded) -> None:
        """Remember that the debtor was told."""
        row = self._rows[event.end_to_end_id]
        row.reminders += 1
        row.reminded_on = event.on
        row.reminded_step = max((step for step in (event.step, row.reminded_step) if step is not None), default=None)

    def save(self) -> None:
        """Write what was followed."""
        self._view.save(PAYOUTS, self._rows.values())
        self._view.save(BOOKINGS, self._bookings.values())

    def _of(self, window_id: UUID) -> list[PayoutRow]:
        return [row for row in self._rows.values() if row.window_id == window_id]

    def _add(self, row: PayoutRow, side: Side, amount: int) -> None:
        total, back = _TOTALS[side]
        setattr(row, total, (getattr(row, total) or 0) + amount)
        if amount < 0:
            setattr(row, back, getattr(row, back) - amount)

    def _add_up(self, row: PayoutRow, side: Side) -> None:
        """After a withdrawal a side's figures are those of its other bookings."""
        stored = {(one.end_to_end_id, one.line): one for one in self._stored([row.end_to_end_id])} | self._bookings
        amounts = [
            one.amount
            for one in stored.values()
            if one.end_to_end_id == row.end_to_end_id and one.side == side and not one.withdrawn
        ]
        total, back = _TOTALS[side]
        setattr(row, total, sum(amounts) if amounts else None)
        setattr(row, back, sum(-amount for amount in amounts if amount < 0))

    def _booking(self, end_to_end_id: str, line: str) -> BookingRow:
        if (end_to_end_id, line) not in self._bookings:
            for one in self._stored([end_to_end_id]):
                self._bookings.setdefault((one.end_to_end_id, one.line), one)
        return self._bookings[end_to_end_id, line]

    def _stored(self, ids: list[str]) -> list[BookingRow]:
        return self._view.load(BOOKINGS, "end_to_end_id", ids)


def _measure(row: PayoutRow) -> None:
    row.paid = paid_of(row.sent, row.received, row.by_hand or 0)
    row.missing, row.surplus = max(0, row.amount - row.paid), max(0, row.paid - row.amount)
    returned = (row.back_sent if row.received is None else row.back_received) + row.back_by_hand
    row.standing = standing_of(row.amount, row.paid, returned).value


def of_window(connection: Connection, schema: str, number: int) -> list[PayoutRow]:
    """Every payment that a window asked for, of whatever version."""
    return select(connection, schema, PAYOUTS, "WHERE window_number = %s ORDER BY end_to_end_id", [number])


def find(connection: Connection, schema: str, end_to_end_id: str) -> PayoutRow | None:
    """One payment."""
    return next(iter(select(connection, schema, PAYOUTS, "WHERE end_to_end_id = %s", [end_to_end_id])), None)


def missing(connection: Connection, schema: str, party_id: UUID | None = None) -> list[PayoutRow]:
    """What is not paid of each window's newest version, the longest due first; of one party, where given."""
    rest = (
        "WHERE missing > 0 AND NOT replaced AND (%s::uuid IS NULL OR debtor_id = %s OR creditor_id = %s)"
        " ORDER BY due_on, end_to_end_id"
    )
    return select(connection, schema, PAYOUTS, rest, [party_id, party_id, party_id])


def bookings(connection: Connection, schema: str, end_to_end_id: str) -> list[BookingRow]:
    """What was said of one payment, in the order of the log."""
    return select(connection, schema, BOOKINGS, "WHERE end_to_end_id = %s ORDER BY position", [end_to_end_id])


def lines_booked(connection: Connection, schema: str, lines: Collection[str]) -> set[str]:
    """Those of these lines that count for some payment."""
    found = select(connection, schema, BOOKINGS, "WHERE line = ANY (%s) AND NOT withdrawn", [list(lines)])
    return {one.line for one in found}


def bookings_of_line(connection: Connection, schema: str, line: str) -> list[BookingRow]:
    """What one line counts for."""
    return select(connection, schema, BOOKINGS, "WHERE line = %s AND NOT withdrawn", [line])
