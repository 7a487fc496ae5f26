"""What is this coalition called, which money does it count in, and which limits and campaigns did the organizer
set, when and why?
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never, cast
from uuid import UUID

from psycopg import Connection

from network.domain.coalition import Coalition
from network.domain.schedule import Cadence, Schedule
from network.projections.projection import Projection
from network.projections.tables import Json, Table, View, select

Reads: TypeAlias = (
    Coalition.Founded
    | Coalition.CampaignOpened
    | Coalition.CapSet
    | Coalition.CapRaiseProposed
    | Coalition.CapRaiseWithdrawn
    | Coalition.ValueLimitSet
    | Coalition.SettlementScheduled
)


@dataclass(slots=True)
class CoalitionRow:
    """The tenant itself: one row."""

    coalition_id: UUID
    number: int
    name: str
    currency: str
    time_zone: str
    founded_at: datetime


@dataclass(slots=True)
class LimitRow:
    """The last word on one scope (see `domain.exposure`). `cap` None: it was lifted."""

    scope: str
    cap: int | None
    by: str
    reason: str
    set_at: datetime
    person_id: UUID | None
    confirmed_by: UUID | None


@dataclass(slots=True)
class LimitChangeRow:
    """One word on a scope, of all there ever were: the last of them is its row in `limits`."""

    position: int
    scope: str
    cap: int | None
    reason: str
    set_at: datetime
    person_id: UUID | None
    confirmed_by: UUID | None


@dataclass(slots=True)
class CampaignRow:
    """A budget that agreements are assigned to; its limit is that of the scope `campaign:ID`."""

    campaign_id: UUID
    name: str
    opened_at: datetime


@dataclass(slots=True)
class RaiseRow:
    """A proposed raise to `cap` (None: to lift it) from `over`. `state`: waiting, confirmed, withdrawn; since
    `state_at`, by `state_by`.
    """

    raise_id: UUID
    scope: str
    cap: int | None
    over: int | None
    person_id: UUID
    reason: str
    proposed_at: datetime
    expires_at: datetime
    state: str
    state_by: UUID | None
    state_at: datetime


@dataclass(slots=True)
class ValueLimitRow:
    """What EUR 1 000 000 is in the coalition's money; the last word has the highest position."""

    position: int
    value_limit: int
    source: str
    rate_on: str
    person_id: UUID
    set_at: datetime


@dataclass(slots=True)
class ScheduleRow:
    """When windows are cut by themselves, as it was set last."""

    coalition_id: UUID
    cadence: str
    day: int
    pay_days: int
    reminder_days: Json
    set_by: str
    set_at: datetime

    @property
    def schedule(self) -> Schedule:
        """As the rules take it."""
        days = cast(list[int], self.reminder_days["days"])
        return Schedule(Cadence(self.cadence), self.day, self.pay_days, tuple(days))


COALITION = Table("coalition", CoalitionRow, ("coalition_id",))
LIMITS = Table("limits", LimitRow, ("scope",))
LIMIT_CHANGES = Table("limit_changes", LimitChangeRow, ("position",), indexes=("(scope, position)",))
RAISES = Table("cap_raises", RaiseRow, ("raise_id",), indexes=("(proposed_at)",))
VALUE_LIMITS = Table("value_limits", ValueLimitRow, ("position",))
CAMPAIGNS = Table("campaigns", CampaignRow, ("campaign_id",))
SCHEDULE = Table("settlement_schedule", ScheduleRow, ("coalition_id",))


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Keep the founding, the newest limits and how they came to be."""
    founded: list[CoalitionRow] = []
    limits: dict[str, LimitRow] = {}
    changes: list[LimitChangeRow] = []
    campaigns: list[CampaignRow] = []
    raises = _known_raises(facts, view)
    value_limits: list[ValueLimitRow] = []
    schedules: dict[UUID, ScheduleRow] = {}
    for position, event in facts:
        match event:
            case Coalition.ValueLimitSet():
                said = (event.limit, event.source, event.rate_on, event.person_id, event.timestamp)
                value_limits.append(ValueLimitRow(position, *said))
            case Coalition.Founded():
                founded.append(
                    CoalitionRow(
                        event.originator_id,
                        event.number,
                        event.name,
                        event.currency,
                        event.time_zone,
                        event.timestamp,
                    )
                )
            case Coalition.CampaignOpened():
                campaigns.append(CampaignRow(event.campaign_id, event.name, event.timestamp))
            case Coalition.CapSet():
                said_why = (event.reason, event.timestamp, event.person_id, event.confirmed_by)
                limits[event.scope] = LimitRow(event.scope, event.limit, event.by, *said_why)
                changes.append(LimitChangeRow(position, event.scope, event.limit, *said_why))
                if event.raise_id is not None:
                    _become(raises[event.raise_id], "confirmed", event.confirmed_by, event.timestamp)
            case Coalition.CapRaiseProposed():
                raises[event.raise_id] = _proposed(event)
            case Coalition.CapRaiseWithdrawn():
                _become(raises[event.raise_id], "withdrawn", event.person_id, event.timestamp)
            case Coalition.SettlementScheduled():
                schedules[event.originator_id] = _scheduled(event)
            case _:
                assert_never(event)
    view.save(COALITION, founded)
    view.save(LIMITS, limits.values())
    view.save(LIMIT_CHANGES, changes)
    view.save(CAMPAIGNS, campaigns)
    view.save(VALUE_LIMITS, value_limits)
    view.save(RAISES, raises.values())
    view.save(SCHEDULE, schedules.values())


def _scheduled(event: Coalition.SettlementScheduled) -> ScheduleRow:
    chosen = event.schedule
    days: Json = {"days": list(chosen.reminder_days)}
    return ScheduleRow(
        event.originator_id, chosen.cadence.value, chosen.day, chosen.pay_days, days, event.set_by, event.timestamp
    )


def _known_raises(facts: Sequence[tuple[int, Reads]], view: View) -> dict[UUID, RaiseRow]:
    ended = {
        event.raise_id
        for _, event in facts
        if isinstance(event, Coalition.CapSet | Coalition.CapRaiseWithdrawn) and event.raise_id is not None
    }
    return {row.raise_id: row for row in view.load(RAISES, "raise_id", ended)}


def _proposed(event: Coalition.CapRaiseProposed) -> RaiseRow:
    asked = event.proposed
    return RaiseRow(
        raise_id=event.raise_id,
        scope=asked.scope,
        cap=asked.limit,
        over=asked.over,
        person_id=asked.person_id,
        reason=asked.reason,
        proposed_at=event.timestamp,
        expires_at=asked.expires_at,
        state="waiting",
        state_by=None,
        state_at=event.timestamp,
    )


def _become(row: RaiseRow, state: str, by: UUID | None, at: datetime) -> None:
    row.state, row.state_by, row.state_at = state, by, at


TABLES = (COALITION, LIMITS, LIMIT_CHANGES, CAMPAIGNS, RAISES, VALUE_LIMITS, SCHEDULE)
PROJECTION = Projection("coalition", Reads, TABLES, fold)


def find(connection: Connection, schema: str) -> CoalitionRow | None:
    """The coalition; None before its first event is seen."""
    return next(iter(select(connection, schema, COALITION)), None)


def schedule(connection: Connection, schema: str) -> ScheduleRow | None:
    """The schedule of the settlement; None while nobody has set one."""
    return next(iter(select(connection, schema, SCHEDULE)), None)


def limits(connection: Connection, schema: str) -> list[LimitRow]:
    """Every scope that ever had a limit, with who set it and why."""
    return select(connection, schema, LIMITS, "ORDER BY scope")


def limit_changes(connection: Connection, schema: str, scopes: Sequence[str]) -> list[LimitChangeRow]:
    """What was ever said of these scopes, the newest first."""
    return select(connection, schema, LIMIT_CHANGES, "WHERE scope = ANY (%s) ORDER BY position DESC", [list(scopes)])


def campaigns(connection: Connection, schema: str) -> list[CampaignRow]:
    """Every campaign, in the order in which they were opened."""
    return select(connection, schema, CAMPAIGNS, "ORDER BY opened_at, campaign_id")


def raises(connection: Connection, schema: str) -> list[RaiseRow]:
    """Proposed raises, the newest first."""
    return select(connection, schema, RAISES, "ORDER BY proposed_at DESC, raise_id LIMIT 1000")


def value_limit(connection: Connection, schema: str) -> ValueLimitRow | None:
    """What the organizer last said; None while nothing was said."""
    return next(iter(select(connection, schema, VALUE_LIMITS, "ORDER BY position DESC LIMIT 1")), None)
