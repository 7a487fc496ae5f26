"""How much was redeemed in each country on each day? For the law on limited networks, which looks at twelve months.

Every redemption counts at what was deducted, whatever kind of instrument it was and whoever paid for it; one that was
undone counts no more on the day on which it was made. A refund leaves what was executed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import Connection

from network.domain.certificate import Certificate
from network.domain.coalition import Coalition
from network.projections.projection import Projection
from network.projections.tables import Table, View, select

Reads: TypeAlias = Coalition.Founded | Certificate.Redeemed | Certificate.RedemptionReversed

UNKNOWN = ""
"""The country of acceptors that had none on record."""


@dataclass(slots=True)
class ValueDay:
    """What was redeemed in one country on one local day, less what was undone of it."""

    country: str
    day: date
    value: int
    redemptions: int


@dataclass(slots=True)
class ValuedRedemption:
    """Where and when a redemption counted, for the case that it is undone."""

    certificate_id: UUID
    redemption_id: UUID
    country: str
    day: date
    value: int


@dataclass(slots=True)
class ValueZone:
    """The coalition's time zone, which decides the day."""

    coalition_id: UUID
    time_zone: str


DAYS = Table("value_days", ValueDay, ("country", "day"), sums=("value", "redemptions"), indexes=("(day)",))
REDEMPTIONS = Table("value_redemptions", ValuedRedemption, ("certificate_id", "redemption_id"))
ZONE = Table("value_zone", ValueZone, ("coalition_id",))


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Add what is redeemed to its day, take what is undone from the same day."""
    zones = select(view.connection, view.schema, _named(ZONE, view))
    undone = {e.originator_id for _, e in facts if isinstance(e, Certificate.RedemptionReversed)}
    counted = {(row.certificate_id, row.redemption_id): row for row in view.load(REDEMPTIONS, "certificate_id", undone)}
    days: dict[tuple[str, date], ValueDay] = {}
    for _, event in facts:
        match event:
            case Coalition.Founded():
                zones = [ValueZone(event.originator_id, event.time_zone)]
                view.save(ZONE, zones)
            case Certificate.Redeemed():
                country = (event.supply.country if event.supply else None) or UNKNOWN
                day = event.timestamp.astimezone(ZoneInfo(zones[0].time_zone)).date()
                key = (event.originator_id, event.redemption_id)
                counted[key] = ValuedRedemption(*key, country, day, event.amount)
                _add(days, counted[key], 1)
            case Certificate.RedemptionReversed():
                _add(days, counted[event.originator_id, event.redemption_id], -1)
            case _:
                assert_never(event)
    view.save(REDEMPTIONS, counted.values())
    view.save(DAYS, days.values())


def _named(table: Table[ValueZone], view: View) -> Table[ValueZone]:
    return Table(table.name + view.suffix, table.row, table.key)


def _add(days: dict[tuple[str, date], ValueDay], one: ValuedRedemption, sign: int) -> None:
    row = days.setdefault((one.country, one.day), ValueDay(one.country, one.day, 0, 0))
    row.value += sign * one.value
    row.redemptions += sign


PROJECTION = Projection("value_by_country", Reads, (DAYS, REDEMPTIONS, ZONE), fold, patient=True)


def between(connection: Connection, schema: str, after: date, until: date) -> list[tuple[str, int, int]]:
    """`(country, value, redemptions)` of the days after the first and up to the second, by country."""
    found: dict[str, tuple[int, int]] = {}
    for row in select(connection, schema, DAYS, "WHERE day > %s AND day <= %s ORDER BY country, day", [after, until]):
        value, redemptions = found.get(row.country, (0, 0))
        found[row.country] = value + row.value, redemptions + row.redemptions
    return [(country, value, redemptions) for country, (value, redemptions) in found.items()]
