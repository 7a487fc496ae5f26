"""What is open between a party and each other one now: not yet in a statement, in a statement, and asked for.

Signed from the party's side, like a statement. What was paid is in none of the three.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from network.coalitions import OpenCoalition
from network.domain.statement import Due
from network.domain.window import State
from network.projections import payouts, statement_rows, windows
from network.projections.tracking import at_one_position
from network.settlement.closing import find_closing

VIEWS = ("statement_lines", "windows")
WAITING = (State.STATED.value, State.AGREED.value)


@dataclass(slots=True)
class OpenWith:
    """With one other party. `running`: redeemed since the last statement, and what rolled over into it. `stated`: in a
    statement whose payments are not asked for yet. `asked`: asked for, and not paid.
    """

    counterparty_id: UUID
    running: int = 0
    stated: int = 0
    asked: int = 0

    @property
    def total(self) -> int:
        """All three."""
        return self.running + self.stated + self.asked


def open_now(coalition: OpenCoalition, party_id: UUID) -> tuple[list[OpenWith], int]:
    """With everybody with whom something is open, the largest first, and the log position it speaks for.

    Reads the sums that the views keep: the work grows with counterparties and open windows, not with lines.
    """
    found: dict[UUID, OpenWith] = {}

    def add(name: str, debtor: UUID, creditor: UUID, amount: int) -> None:
        if party_id in (debtor, creditor):
            other, signed = (debtor, amount) if creditor == party_id else (creditor, -amount)
            one = found.setdefault(other, OpenWith(other))
            setattr(one, name, getattr(one, name) + signed)

    def add_dues(name: str, dues: Iterable[Due]) -> None:
        for due in dues:
            add(name, due.debtor, due.creditor, due.amount)

    with (
        coalition.reading() as recorder,
        at_one_position(recorder.connection, coalition.schema, VIEWS) as position,
    ):
        place = (recorder.connection, coalition.schema)
        every = windows.all(*place)
        stated = [one for one in every if one.state != State.CUT.value]
        for row in stated:
            if row.state in WAITING:
                add_dues("stated", find_closing(coalition, recorder, row.number).window.payments)
        if stated:
            add_dues("running", find_closing(coalition, recorder, stated[-1].number).window.carried)
        for number in range(stated[-1].number + 1 if stated else 1, len(every) + 2):
            for total in statement_rows.totals_of_party(*place, number, party_id):
                add("running", total.debtor_id, total.creditor_id, total.amount)
        for asked in payouts.missing(*place, party_id):
            add("asked", asked.debtor_id, asked.creditor_id, asked.missing)
    left = [one for one in found.values() if one.running or one.stated or one.asked]
    return sorted(left, key=lambda one: (-abs(one.total), one.counterparty_id)), position
