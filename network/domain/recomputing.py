"""How a stated window gets its next version: a line is withheld, or something was paid or lost since."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from network.domain.clearing import Debts
from network.domain.errors import FiguresChanged, WindowStateForbids
from network.domain.restating import Change, Restated
from network.domain.statement import Due
from network.domain.units import Minor
from network.domain.window import NOTHING_TO_PAY, State, Window


def withhold(window: Window, *, dispute_id: UUID, debtor: UUID, creditor: UUID, amount: Minor, at: datetime) -> bool:
    """Leave a disputed line out of what is to be paid, if that was not asked for yet; whether it is left out. After
    a default nothing is: the defaulter's debts were shared out by what was owed then.

    Raises: WindowStateForbids before the statement.
    """
    if window.state is State.CUT:
        raise WindowStateForbids(number=window.number, state=window.state.value)
    if window.state not in (State.STATED, State.AGREED) or window.defaulters:
        return False
    window.trigger_event(
        Window.LineWithheld,
        number=window.number,
        dispute_id=dispute_id,
        debtor=debtor,
        creditor=creditor,
        amount=amount,
        timestamp=at,
    )
    return True


def recompute(
    window: Window,
    *,
    version: int,
    changes: tuple[Change, ...],
    restated: Restated,
    successor: Window | None,
    defaulter: UUID | None = None,
    at: datetime,
) -> None:
    """Make the next version. Raises: FiguresChanged when it was computed from what is no longer so."""
    opened_next = successor is not None and successor.state is not State.CUT
    stale = version != window.settlement_version + 1 or changes[: len(window.pending)] != window.pending
    if stale or (defaulter is None and window.is_current) or (opened_next and restated.carried != window.carried):
        raise FiguresChanged(number=window.number)
    window.trigger_event(
        Window.Recomputed,
        number=window.number,
        version=version,
        changes=changes,
        replaced=_added_up((*window.payments, *window.carried)),
        defaulters=tuple(sorted({*window.defaulters, *((defaulter,) if defaulter else ())})),
        parties=restated.parties,
        payments=restated.payments,
        carried=restated.carried,
        timestamp=at,
    )
    if not restated.payments:
        window.trigger_event(Window.Settled, number=window.number, rule=NOTHING_TO_PAY, timestamp=at)


def _added_up(dues: Iterable[Due]) -> tuple[Due, ...]:
    owed: Debts = {}
    for due in dues:
        owed[due.debtor, due.creditor] = owed.get((due.debtor, due.creditor), 0) + due.amount
    return tuple(Due(*pair, amount) for pair, amount in sorted(owed.items()))
