"""How far has the closing of each window come, what did it leave to pay, and what of that is paid?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection

from network.domain.window import State, Window
from network.projections import payouts
from network.projections.projection import Projection
from network.projections.tables import Table, View, select

Closes: TypeAlias = (
    Window.Stated | Window.LineWithheld | Window.Recomputed | Window.ConsentGiven | Window.Agreed | Window.Settled
)
Reads: TypeAlias = Window.Cut | Closes | payouts.PayoutReads


@dataclass(slots=True)
class WindowRow:
    """A window that was cut at `position`. `state`: cut, stated, agreed, instructed, part_paid, settled.

    `to_pay` and `payments` are what is due after netting, `rolled_over` what opens the next, all by the newest
    `version`; None before the statement. `withheld`: disputed, and left out of what is to be paid. `current`: the
    version takes in everything that has come to the window. `consents` counts those who agreed by word; `missing` is
    what of the payments that the newest version asked for is not paid, None before it asked.
    """

    number: int
    window_id: UUID
    state: str
    state_at: datetime
    position: int
    cut_at: datetime
    method: str
    threshold: int
    review_days: int
    chain_hash: str | None
    version: int | None
    gross: int | None
    to_pay: int | None
    payments: int | None
    rolled_over: int | None
    review_ends_at: datetime | None
    withheld: int
    current: bool
    consents: int
    due_on: str | None
    paid: int | None
    missing: int | None


WINDOWS = Table("windows", WindowRow, ("number",), indexes=("(window_id)", "(state, review_ends_at)"))


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Follow each window, and its payments."""
    windows = {event.originator_id for _, event in facts}
    rows = {row.window_id: row for row in view.load(WINDOWS, "window_id", windows)}
    followed = payouts.Following(view, windows)
    for position, event in facts:
        if isinstance(event, Window.Cut):
            rows[event.originator_id] = _cut(position, event)
        elif isinstance(event, payouts.PayoutReads):
            _pay(rows[event.originator_id], position, event, followed)
        else:
            _close(rows[event.originator_id], event, followed)
    view.save(WINDOWS, rows.values())
    followed.save()


def _close(row: WindowRow, event: Closes, followed: payouts.Following) -> None:
    match event:
        case Window.Stated():
            row.chain_hash, row.review_ends_at = event.chain_hash, event.review_ends_at
            row.gross, row.version = event.savings.gross.amount, 1
            _left(row, event)
            _become(row, State.STATED, event.timestamp)
        case Window.LineWithheld():
            row.withheld, row.current = row.withheld + event.amount, False
        case Window.Recomputed():
            row.version, row.current = event.version, True
            row.due_on = row.paid = row.missing = None
            followed.replace(row.window_id)
            _left(row, event)
            if row.state != State.STATED:
                _become(row, State.AGREED, event.timestamp)
        case Window.ConsentGiven():
            row.consents += 1
        case Window.Agreed():
            _become(row, State.AGREED, event.timestamp)
        case Window.Settled():
            _become(row, State.SETTLED, event.timestamp)
        case _:
            assert_never(event)


def _pay(row: WindowRow, position: int, event: payouts.PayoutReads, followed: payouts.Following) -> None:
    match event:
        case Window.Instructed():
            row.due_on = event.due_on
            _become(row, State.INSTRUCTED, event.timestamp)
            _count(row, followed.instruct(position, event))
        case Window.PaymentConfirmed() | Window.PaymentReturned() | Window.BookingWithdrawn():
            _count(row, followed.book(position, event))
            if event.version != row.version and event.change:
                row.current = False
            if row.missing is not None and (row.state != State.SETTLED or row.missing):
                _become(row, State.PART_PAID if row.paid else State.INSTRUCTED, event.timestamp)
        case Window.Reminded():
            followed.remind(event)
        case _:
            assert_never(event)


def _cut(position: int, event: Window.Cut) -> WindowRow:
    return WindowRow(
        number=event.number,
        window_id=event.originator_id,
        state=State.CUT.value,
        state_at=event.timestamp,
        position=position,
        cut_at=event.timestamp,
        method=event.terms.method.value,
        threshold=event.terms.threshold,
        review_days=event.terms.review_days,
        chain_hash=None,
        version=None,
        gross=None,
        to_pay=None,
        payments=None,
        rolled_over=None,
        review_ends_at=None,
        withheld=0,
        current=True,
        consents=0,
        due_on=None,
        paid=None,
        missing=None,
    )


def _left(row: WindowRow, event: Window.Stated | Window.Recomputed) -> None:
    row.to_pay, row.payments = sum(due.amount for due in event.payments), len(event.payments)
    row.rolled_over = sum(due.amount for due in event.carried)


def _become(row: WindowRow, state: State, at: datetime) -> None:
    if row.state != state:
        row.state, row.state_at = state.value, at


def _count(row: WindowRow, asked: Sequence[payouts.PayoutRow]) -> None:
    """Add up the payments of the newest version."""
    own = [one for one in asked if one.version == row.version]
    if own:
        row.paid, row.missing = sum(one.paid for one in own), sum(one.missing for one in own)


PROJECTION = Projection("windows", Reads, (WINDOWS, payouts.PAYOUTS, payouts.BOOKINGS), fold)


def all(connection: Connection, schema: str) -> list[WindowRow]:  # noqa: A001 - reads as `windows.all`
    """Every window that was cut, the first one first."""
    return select(connection, schema, WINDOWS, "ORDER BY number")


def find(connection: Connection, schema: str, number: int) -> WindowRow | None:
    """One window; None while it is open."""
    return next(iter(select(connection, schema, WINDOWS, "WHERE number = %s", [number])), None)


def last(connection: Connection, schema: str) -> WindowRow | None:
    """The newest cut; None before the first."""
    return next(iter(select(connection, schema, WINDOWS, "ORDER BY number DESC LIMIT 1")), None)


def in_state(connection: Connection, schema: str, state: State) -> list[WindowRow]:
    """Those that wait in this state, the first one first."""
    return select(connection, schema, WINDOWS, "WHERE state = %s ORDER BY number", [state.value])


def not_current(connection: Connection, schema: str) -> list[WindowRow]:
    """Those that have to be recomputed, the first one first."""
    return select(connection, schema, WINDOWS, "WHERE NOT current ORDER BY number")
