"""The payments that a window asks for, and what banks and people say of them: booked as it comes, in any order."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from network.domain.errors import (
    BookingConflict,
    FiguresChanged,
    Invalid,
    NothingToRemind,
    PayoutNotFound,
    RemindedAlready,
)
from network.domain.payout import BANK, Booking, Followed, Payout
from network.domain.window import State, Window


def instruct(window: Window, *, payouts: Sequence[Payout], due_on: date, today: date, by: str, at: datetime) -> None:
    """Ask for the payments of this version, once. Raises: WindowStateForbids, Invalid, FiguresChanged while a line
    that was withheld waits for the next version.
    """
    window.must_be(State.AGREED)
    if not window.is_current:
        raise FiguresChanged(number=window.number)
    if due_on < today:
        raise Invalid(reason="The day on which payments are due is not over yet.")
    asked = sorted((one.debtor, one.creditor, one.amount) for one in payouts)
    due = sorted((due.debtor, due.creditor, due.amount) for due in window.payments)
    assert asked == due, "what is instructed is what was stated to be paid"
    window.trigger_event(
        Window.Instructed,
        number=window.number,
        version=window.settlement_version,
        due_on=due_on.isoformat(),
        payouts=tuple(sorted(payouts, key=lambda one: one.end_to_end_id)),
        by=by,
        timestamp=at,
    )


def book(window: Window, bookings: Sequence[Booking], *, by: str, at: datetime) -> list[Booking]:
    """Follow what banks or people say; those that were not known yet. When all of the window's version is paid, it is
    settled. Raises: PayoutNotFound, BookingConflict, Invalid.
    """
    new = []
    for one in bookings:
        followed = window.followed(one.end_to_end_id)
        if not one.amount:
            raise Invalid(reason="A payment of nothing says nothing.")
        if (known := followed.booked.get(one.line)) is not None:
            if known[:2] != (one.side, one.amount):
                raise BookingConflict()
            continue
        window.trigger_event(
            Window.PaymentConfirmed if one.amount > 0 else Window.PaymentReturned,
            **_of(window, followed),
            line=one.line,
            side=one.side,
            amount=abs(one.amount),
            change=followed.change_with(one, by),
            bank_reference=one.bank_reference,
            booked_on=one.booked_on,
            cause=one.cause,
            by=by,
            timestamp=at,
        )
        new.append(one)
    window.settle_if_paid(at)
    return new


def withdraw(window: Window, *, end_to_end_id: str, line: str, reason: str, by: str, at: datetime) -> None:
    """Take back what a person confirmed or assigned; a bank's own word stands. Raises: PayoutNotFound, Invalid."""
    followed = window.followed(end_to_end_id)
    known = followed.booked.get(line)
    if known is None:
        raise PayoutNotFound()
    if known[2] == BANK:
        raise Invalid(reason="A bank's own line cannot be taken back. Load the line that corrects it.")
    window.trigger_event(
        Window.BookingWithdrawn,
        **_of(window, followed),
        line=line,
        change=followed.change_without(line),
        reason=reason,
        by=by,
        timestamp=at,
    )
    window.settle_if_paid(at)


def remind(window: Window, *, end_to_end_id: str, on: date, step: int | None, by: str, at: datetime) -> None:
    """Tell the debtor what is missing: once for each step, and by hand once a local day.

    Raises: PayoutNotFound, NothingToRemind, RemindedAlready.
    """
    followed = window.followed(end_to_end_id)
    if not followed.missing or followed.version != window.settlement_version:
        raise NothingToRemind()
    if step in followed.reminded if step is not None else followed.reminded_on == on.isoformat():
        raise RemindedAlready()
    window.trigger_event(
        Window.Reminded,
        **_of(window, followed),
        missing=followed.missing,
        due_on=window.due_on,
        on=on.isoformat(),
        step=step,
        by=by,
        timestamp=at,
    )


def _of(window: Window, followed: Followed) -> dict[str, Any]:
    """Which payment it is about."""
    sides: dict[str, UUID] = {"debtor_id": followed.payout.debtor, "creditor_id": followed.payout.creditor}
    about = {"number": window.number, "version": followed.version, "end_to_end_id": followed.payout.end_to_end_id}
    return about | sides
