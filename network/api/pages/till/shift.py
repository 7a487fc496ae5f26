"""The shift report: what was given and taken, and by whom. Names come from people, facts from the log's views."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import sql

from network.access import deeds
from network.access.deeds import Deed
from network.access.people import SHIFT_LEADER, find_person
from network.api.pages.visits import TILL, Visit, page
from network.api.threads import in_thread
from network.projections.tracking import ViewBehind, wait_for

router = APIRouter()

_VIEWS = ("certificates", "payments", "merchants")

_GIVEN = (
    "SELECT c.certificate_id, c.payment_id, c.face, p.bill_reference, m.name,"
    " c.state = 'active' AND c.epoch = 0 FROM {certificates} c"
    " JOIN {payments} p USING (payment_id) JOIN {merchants} m ON m.merchant_id = c.acceptor_id"
    " WHERE c.payment_id = ANY (%s)"
)
_TAKEN = (
    "SELECT d.certificate_id, d.redemption_id, d.deducted, p.bill_reference, m.name, d.reversed FROM {deductions} d"
    " JOIN {payments} p USING (payment_id) JOIN {certificates} c ON c.certificate_id = d.certificate_id"
    " JOIN {merchants} m ON m.merchant_id = c.issuer_id WHERE d.redemption_id = ANY (%s)"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One certificate given or taken. `undone`: it was taken by mistake and counts again. `again`: the command that
    gave it, as long as nobody has it in a phone: its answer is still the certificate.
    """

    at: datetime
    given: bool
    amount: int
    bill_reference: str
    partner: str
    by: str
    mine: bool
    undone: bool
    certificate_id: UUID
    redemption_id: UUID | None
    payment_id: UUID | None = None
    again: str = ""


@page(router, "GET /till/shift", who=(TILL,))
async def show_shift(visit: Visit) -> Response:
    """A cashier's own shift; a shift leader sees every till of the shop since midnight."""
    everybody = visit.session.shift_role == SHIFT_LEADER
    is_whole = await in_thread(_caught_up, visit)
    lines = await in_thread(_lines, visit, everybody)
    given = [line for line in lines if line.given]
    taken = [line for line in lines if not line.given]
    return await visit.show(
        "till/shift.html",
        lines=lines,
        given=(len(given), sum(line.amount for line in given)),
        taken=(sum(not line.undone for line in taken), sum(line.amount for line in taken if not line.undone)),
        everybody=everybody,
        began_at=visit.session.shift_began_at,
        now=visit.at,
        is_whole=is_whole,
    )


def _caught_up(visit: Visit) -> bool:
    """Whether the report has everything that happened until now: a cashier looks for the guest of a second ago."""
    head = sql.SQL("SELECT position FROM {}").format(sql.Identifier(visit.coalition.schema, "head"))
    with visit.coalition.readers.connection() as connection:
        (position,) = connection.execute(head).fetchone() or (0,)
        try:
            wait_for(connection, visit.coalition.schema, _VIEWS, position)
        except ViewBehind:
            return False
    return True


def _lines(visit: Visit, everybody: bool) -> list[Line]:
    if everybody:
        midnight = visit.at.astimezone(visit.reader.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        found = deeds.of_merchant(visit.coalition, visit.subject_id, min(midnight, visit.at - timedelta(hours=14)))
    else:
        assert visit.session.shift_id is not None, "a page of a cashier"
        found = deeds.of_shift(visit.coalition, visit.session.shift_id)
    by_reference = {deed.reference_id: deed for deed in found if deed.what in ("issue", "redeem")}
    lines = [_given(visit, row, by_reference) for row in _rows(visit, _GIVEN, by_reference)]
    lines += [_taken(visit, row, by_reference) for row in _rows(visit, _TAKEN, by_reference)]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _given(visit: Visit, row: tuple, deeds_: dict[UUID, Deed]) -> Line:  # type: ignore[type-arg]
    certificate_id, payment_id, face, bill, partner, is_untouched = row
    deed = deeds_[payment_id]
    again = deed.command_key if is_untouched else ""
    return Line(
        deed.at, True, face, bill, partner, *_by(visit, deed), False, certificate_id, None, payment_id, again
    )  # fmt: skip


def _taken(visit: Visit, row: tuple, deeds_: dict[UUID, Deed]) -> Line:  # type: ignore[type-arg]
    certificate_id, redemption_id, deducted, bill, partner, is_reversed = row
    deed = deeds_[redemption_id]
    return Line(deed.at, False, deducted, bill, partner, *_by(visit, deed), is_reversed, certificate_id, redemption_id)


def _by(visit: Visit, deed: Deed) -> tuple[str, bool]:
    person = find_person(visit.coalition, deed.person_id)
    return (person.name if person else ""), deed.person_id == visit.person.person_id


def _rows(visit: Visit, statement: str, wanted: dict[UUID, Deed]) -> list[tuple]:  # type: ignore[type-arg]
    schema = visit.coalition.schema
    names = {name: sql.Identifier(schema, name) for name in ("certificates", "payments", "merchants", "deductions")}
    with visit.coalition.readers.connection() as connection:
        return connection.execute(sql.SQL(statement).format(**names), [list(wanted)]).fetchall()
