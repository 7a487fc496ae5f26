"""Where is each stock that an acceptor set aside, and how much is left of it?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection

from network.domain.allotment import Allotment
from network.projections.projection import Projection
from network.projections.tables import Table, View, select

Reads: TypeAlias = (
    Allotment.SetAside | Allotment.Received | Allotment.HandedOut | Allotment.Returned | Allotment.Transferred
)


@dataclass(slots=True)
class AllotmentRow:
    """A stock now: `number = remaining + handed_out + returned + transferred`. `last_on` is an ISO date."""

    allotment_id: UUID
    acceptor_id: UUID
    partner_id: UUID
    agreement_id: UUID
    face: int
    number: int
    remaining: int
    handed_out: int
    returned: int
    transferred: int
    last_on: str
    transferable: bool
    from_allotment_id: UUID | None
    from_partner_id: UUID | None
    made_at: datetime
    made_position: int


ALLOTMENTS = Table(
    "allotments",
    AllotmentRow,
    ("allotment_id",),
    indexes=("(made_position)", "(acceptor_id)", "(partner_id)"),
)


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Follow each stock."""
    touched = {event.originator_id for _, event in facts}
    rows = {row.allotment_id: row for row in view.load(ALLOTMENTS, "allotment_id", touched)}
    for position, event in facts:
        key = event.originator_id
        match event:
            case Allotment.SetAside():
                rows[key] = _made(position, event)
            case Allotment.Received():
                rows[key] = row = _made(position, event)
                row.from_allotment_id, row.from_partner_id = event.from_allotment_id, event.from_partner_id
            case Allotment.HandedOut():
                rows[key].handed_out += 1
                rows[key].remaining -= 1
            case Allotment.Returned():
                rows[key].returned += event.number
                rows[key].remaining -= event.number
            case Allotment.Transferred():
                rows[key].transferred += event.number
                rows[key].remaining -= event.number
            case _:
                assert_never(event)
    view.save(ALLOTMENTS, rows.values())


def _made(position: int, event: Allotment.SetAside | Allotment.Received) -> AllotmentRow:
    return AllotmentRow(
        allotment_id=event.originator_id,
        acceptor_id=event.acceptor_id,
        partner_id=event.partner_id,
        agreement_id=event.agreement_id,
        face=event.face,
        number=event.number,
        remaining=event.number,
        handed_out=0,
        returned=0,
        transferred=0,
        last_on=event.last_on,
        transferable=event.transferable,
        from_allotment_id=None,
        from_partner_id=None,
        made_at=event.timestamp,
        made_position=position,
    )


PROJECTION = Projection("allotments", Reads, (ALLOTMENTS,), fold)


def all(connection: Connection, schema: str, *, after: int = 0, limit: int = 1000) -> list[AllotmentRow]:  # noqa: A001
    """Stocks in the order they were made; `after` is the `made_position` of the last one seen."""
    rest = "WHERE made_position > %s ORDER BY made_position LIMIT %s"
    return select(connection, schema, ALLOTMENTS, rest, [after, limit])


def of_merchant(
    connection: Connection, schema: str, merchant_id: UUID, *, after: int = 0, limit: int = 1000
) -> list[AllotmentRow]:
    """Stocks that a partner set aside or hands out."""
    rest = "WHERE (acceptor_id = %s OR partner_id = %s) AND made_position > %s ORDER BY made_position LIMIT %s"
    return select(connection, schema, ALLOTMENTS, rest, [merchant_id, merchant_id, after, limit])


def find(connection: Connection, schema: str, allotment_id: UUID) -> AllotmentRow | None:
    """One stock, or None."""
    return next(iter(select(connection, schema, ALLOTMENTS, "WHERE allotment_id = %s", [allotment_id])), None)
