"""How far has the closing of each window come, and what did it leave to pay?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection

from network.domain.window import State, Window
from network.projections.projection import Projection
from network.projections.tables import Table, View, select

Reads: TypeAlias = Window.Cut | Window.Stated | Window.Agreed | Window.Settled


@dataclass(slots=True)
class WindowRow:
    """A window that was cut at `position`. `state`: cut, stated, agreed, settled, since `state_at`.

    `to_pay` and `payments` are what is due after netting, `rolled_over` what opens the next; None before the statement.
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
    gross: int | None
    to_pay: int | None
    payments: int | None
    rolled_over: int | None
    review_ends_at: datetime | None


WINDOWS = Table("windows", WindowRow, ("number",), indexes=("(window_id)", "(state, review_ends_at)"))


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Follow each window."""
    rows = {row.window_id: row for row in view.load(WINDOWS, "window_id", {e.originator_id for _, e in facts})}
    for position, event in facts:
        window_id = event.originator_id
        match event:
            case Window.Cut():
                rows[window_id] = _cut(position, event)
            case Window.Stated():
                row = rows[window_id]
                row.chain_hash, row.review_ends_at = event.chain_hash, event.review_ends_at
                row.gross = event.savings.gross.amount
                row.to_pay, row.payments = sum(due.amount for due in event.payments), len(event.payments)
                row.rolled_over = sum(due.amount for due in event.carried)
                _become(row, State.STATED, event.timestamp)
            case Window.Agreed():
                _become(rows[window_id], State.AGREED, event.timestamp)
            case Window.Settled():
                _become(rows[window_id], State.SETTLED, event.timestamp)
            case _:
                assert_never(event)
    view.save(WINDOWS, rows.values())


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
        gross=None,
        to_pay=None,
        payments=None,
        rolled_over=None,
        review_ends_at=None,
    )


def _become(row: WindowRow, state: State, at: datetime) -> None:
    row.state, row.state_at = state.value, at


PROJECTION = Projection("windows", Reads, (WINDOWS,), fold)


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
