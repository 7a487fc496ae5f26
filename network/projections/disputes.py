"""Which lines are disputed, by whom and why, who has to say something now, and how did it end?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection

from network.domain.dispute import Dispute, State
from network.projections.projection import Projection
from network.projections.tables import Table, View, select

Reads: TypeAlias = Dispute.Raised | Dispute.Contested | Dispute.Upheld | Dispute.Rejected


@dataclass(slots=True)
class DisputeRow:
    """`debtor_id` disputes `amount` of the line at `position`. `withheld`: its window leaves the amount out.

    `answer_note` is why the other side contests, `rule` and `end_note` how it ended; None before.
    """

    dispute_id: UUID
    raised_position: int
    window_number: int
    position: int
    kind: str
    certificate_id: UUID
    redemption_id: UUID
    debtor_id: UUID
    creditor_id: UUID
    amount: int
    withheld: bool
    reason: str
    note: str
    raised_at: datetime
    answer_by: datetime
    state: str
    answer_note: str | None
    rule: str | None
    end_note: str | None
    ended_at: datetime | None


DISPUTES = Table(
    "disputes",
    DisputeRow,
    ("dispute_id",),
    indexes=("(raised_position)", "(debtor_id)", "(creditor_id)", "(state, answer_by)"),
)


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Follow each dispute."""
    rows = {row.dispute_id: row for row in view.load(DISPUTES, "dispute_id", {e.originator_id for _, e in facts})}
    for position, event in facts:
        match event:
            case Dispute.Raised():
                rows[event.originator_id] = _raised(position, event)
            case Dispute.Contested():
                row = rows[event.originator_id]
                row.state, row.answer_note = State.CONTESTED.value, event.note
            case Dispute.Upheld() | Dispute.Rejected():
                row = rows[event.originator_id]
                row.state = (State.UPHELD if isinstance(event, Dispute.Upheld) else State.REJECTED).value
                row.rule, row.end_note, row.ended_at = event.rule, event.note, event.timestamp
            case _:
                assert_never(event)
    view.save(DISPUTES, rows.values())


def _raised(position: int, event: Dispute.Raised) -> DisputeRow:
    return DisputeRow(
        dispute_id=event.originator_id,
        raised_position=position,
        window_number=event.window_number,
        position=event.position,
        kind=event.kind,
        certificate_id=event.certificate_id,
        redemption_id=event.redemption_id,
        debtor_id=event.debtor_id,
        creditor_id=event.creditor_id,
        amount=event.amount,
        withheld=bool(event.postings),
        reason=event.reason.value,
        note=event.note,
        raised_at=event.timestamp,
        answer_by=event.answer_by,
        state=State.RAISED.value,
        answer_note=None,
        rule=None,
        end_note=None,
        ended_at=None,
    )


PROJECTION = Projection("disputes", Reads, (DISPUTES,), fold)


def all(connection: Connection, schema: str, *, after: int = 0, limit: int = 1000) -> list[DisputeRow]:  # noqa: A001 - reads as `disputes.all`
    """In the order in which they were raised; `after` is the `raised_position` of the last one seen."""
    rest = "WHERE raised_position > %s ORDER BY raised_position LIMIT %s"
    return select(connection, schema, DISPUTES, rest, [after, limit])


def of_party(
    connection: Connection, schema: str, party_id: UUID, *, after: int = 0, limit: int = 1000
) -> list[DisputeRow]:
    """Those that a party raised or has to answer."""
    rest = "WHERE (debtor_id = %s OR creditor_id = %s) AND raised_position > %s ORDER BY raised_position LIMIT %s"
    return select(connection, schema, DISPUTES, rest, [party_id, party_id, after, limit])


def find(connection: Connection, schema: str, dispute_id: UUID) -> DisputeRow | None:
    """One dispute."""
    return next(iter(select(connection, schema, DISPUTES, "WHERE dispute_id = %s", [dispute_id])), None)


def of_window(connection: Connection, schema: str, number: int) -> list[DisputeRow]:
    """Those about a window's lines, in the order of the lines."""
    rest = "WHERE window_number = %s ORDER BY position, kind, creditor_id"
    return select(connection, schema, DISPUTES, rest, [number])


def unanswered(connection: Connection, schema: str, at: datetime, *, limit: int) -> list[DisputeRow]:
    """Those that nobody answered in time, the longest silence first."""
    rest = "WHERE state = %s AND answer_by <= %s ORDER BY answer_by, dispute_id LIMIT %s"
    return select(connection, schema, DISPUTES, rest, [State.RAISED.value, at, limit])
