"""What is this coalition called, which money does it count in, and which limits and campaigns did the organizer
set, and why?
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection

from network.domain.coalition import Coalition
from network.projections.projection import Projection
from network.projections.tables import Table, View, select

Reads: TypeAlias = Coalition.Founded | Coalition.CampaignOpened | Coalition.CapSet


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


@dataclass(slots=True)
class CampaignRow:
    """A budget that agreements are assigned to; its limit is that of the scope `campaign:ID`."""

    campaign_id: UUID
    name: str
    opened_at: datetime


COALITION = Table("coalition", CoalitionRow, ("coalition_id",))
LIMITS = Table("limits", LimitRow, ("scope",))
CAMPAIGNS = Table("campaigns", CampaignRow, ("campaign_id",))


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Keep the founding and the newest limits."""
    founded: list[CoalitionRow] = []
    limits: dict[str, LimitRow] = {}
    campaigns: list[CampaignRow] = []
    for _, event in facts:
        match event:
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
                limits[event.scope] = LimitRow(event.scope, event.limit, event.by, event.reason, event.timestamp)
            case _:
                assert_never(event)
    view.save(COALITION, founded)
    view.save(LIMITS, limits.values())
    view.save(CAMPAIGNS, campaigns)


PROJECTION = Projection("coalition", Reads, (COALITION, LIMITS, CAMPAIGNS), fold)


def find(connection: Connection, schema: str) -> CoalitionRow | None:
    """The coalition; None before its first event is seen."""
    return next(iter(select(connection, schema, COALITION)), None)


def limits(connection: Connection, schema: str) -> list[LimitRow]:
    """Every scope that ever had a limit, with who set it and why."""
    return select(connection, schema, LIMITS, "ORDER BY scope")


def campaigns(connection: Connection, schema: str) -> list[CampaignRow]:
    """Every campaign, in the order in which they were opened."""
    return select(connection, schema, CAMPAIGNS, "ORDER BY opened_at, campaign_id")
