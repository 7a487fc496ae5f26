"""Which copies are dead or partly used, by their place in the status list of the quarter in which they end?

What has ended by its time alone stays as it is: its token says so itself. Places that no copy has yet read as
untouched, so that a list does not tell how many certificates there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection

from network.domain.certificate import Certificate
from network.projections.projection import Projection
from network.projections.tables import Table, View, select
from network.status_list import BLOCK, quarter_of

Reads: TypeAlias = (
    Certificate.Issued
    | Certificate.Claimed
    | Certificate.PassedOn
    | Certificate.Rebound
    | Certificate.Printed
    | Certificate.Redeemed
    | Certificate.RedemptionReversed
    | Certificate.ExpiryUndone
    | Certificate.Expired
    | Certificate.Revoked
)
UNTOUCHED, DEAD, SUSPENDED, ONLINE_ONLY = 0, 1, 2, 3


@dataclass(slots=True)
class CopyRow:
    """The living copy of a certificate. `place`: in the list of `quarter`. `used`: redemptions that stand."""

    certificate_id: UUID
    quarter: str
    place: int
    outstanding: int
    used: int
    revoked: bool


@dataclass(slots=True)
class EntryRow:
    """A place that is, or once was, not untouched. `position`: of the event that last changed it."""

    quarter: str
    place: int
    status: int
    position: int


@dataclass(slots=True)
class ListRow:
    """A list has `entries` places: whole blocks, and one that nobody has a place in yet."""

    quarter: str
    entries: int


COPIES = Table("status_copies", CopyRow, ("certificate_id",))
ENTRIES = Table("status_entries", EntryRow, ("quarter", "place"), indexes=("(quarter, position)",))
LISTS = Table("status_lists", ListRow, ("quarter",))


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Follow each copy, and note the places whose status changes."""
    touched = {event.originator_id for _, event in facts}
    copies = {row.certificate_id: row for row in view.load(COPIES, "certificate_id", touched)}
    entries: dict[tuple[str, int], EntryRow] = {}
    for position, event in facts:
        if isinstance(event, Certificate.Issued):
            quarter = quarter_of(event.expires_at)
            copies[event.originator_id] = CopyRow(
                event.originator_id, quarter, event.status_index, event.face, 0, revoked=False
            )
            continue
        copy = copies[event.originator_id]
        before = (copy.place, _status(copy))
        _follow(copy, event)
        if copy.place != before[0]:
            entries[copy.quarter, before[0]] = EntryRow(copy.quarter, before[0], DEAD, position)
        if copy.place != before[0] and _status(copy) == UNTOUCHED:
            continue
        if (copy.place, _status(copy)) != before:
            entries[copy.quarter, copy.place] = EntryRow(copy.quarter, copy.place, _status(copy), position)
    view.save(COPIES, copies.values())
    view.save(ENTRIES, entries.values())
    view.save(LISTS, _grown(view, copies.values()))


def _follow(copy: CopyRow, event: Reads) -> None:
    match event:
        case Certificate.Issued():
            pass
        case Certificate.Claimed() | Certificate.PassedOn() | Certificate.Rebound() | Certificate.Printed():
            copy.place = event.status_index
        case Certificate.Redeemed():
            copy.outstanding -= event.amount + event.released
            copy.used += 1
        case Certificate.RedemptionReversed():
            copy.used -= 1
            if event.renewed:
                copy.outstanding += event.amount + event.released
        case Certificate.ExpiryUndone():
            copy.outstanding += event.amount
        case Certificate.Expired():
            pass
        case Certificate.Revoked():
            copy.revoked = True
        case _:
            assert_never(event)


def _status(copy: CopyRow) -> int:
    if copy.revoked or copy.outstanding <= 0:
        return DEAD
    return ONLINE_ONLY if copy.used else UNTOUCHED


def _grown(view: View, copies: Iterable[CopyRow]) -> list[ListRow]:
    needed: dict[str, int] = {}
    for copy in copies:
        needed[copy.quarter] = max(needed.get(copy.quarter, 0), (copy.place // BLOCK + 2) * BLOCK)
    for row in view.load(LISTS, "quarter", list(needed)):
        needed[row.quarter] = max(needed[row.quarter], row.entries)
    return [ListRow(quarter, entries) for quarter, entries in needed.items()]


PROJECTION = Projection("status_lists", Reads, (COPIES, ENTRIES, LISTS), fold)


def all(connection: Connection, schema: str) -> list[ListRow]:  # noqa: A001 - reads as `status_lists.all`
    """Every list there is, by quarter."""
    return select(connection, schema, LISTS, "ORDER BY quarter")


def changes(connection: Connection, schema: str, quarter: str, *, after: int, limit: int) -> list[EntryRow]:
    """The places that changed after a log position, in their order; all that were ever touched after 0."""
    rest = "WHERE quarter = %s AND position > %s ORDER BY place LIMIT %s"
    return select(connection, schema, ENTRIES, rest, [quarter, after, limit])
