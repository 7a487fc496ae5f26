"""The limits that an owner can come up against: how full each is, who set it and why, and what is about to change."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection, sql

from network.api.pages.commands import of_views
from network.api.pages.limit_changes import limit_changes
from network.api.pages.owner.shops import party_names
from network.api.pages.texts import N_
from network.api.pages.visits import OWNER, Visit, page
from network.domain.exposure import local_day
from network.projections import agreements, coalition

router = APIRouter()
HERE: Final = "/shop/money/limits"
VIEWS: Final = ("agreements", "coalition")
SAID: Final = {
    "debtor": (N_("What you may owe in all"),
               N_("What you owe now, and what you would owe for certificates that guests still have.")),
    "owe": (N_("What you may owe %(other)s"), N_("The same with this neighbour alone.")),
    "owed": (N_("What %(other)s may owe you"), N_("When it is full, they give no more certificates for your shop.")),
    "intake": (N_("Certificates for your shop in one day"),
               N_("How many certificates neighbours may hand out for you today.")),
    "give": (N_("What you give for %(other)s"), N_("The value of all certificates under this agreement.")),
    "take": (N_("What %(other)s gives for you"), N_("The value of all certificates under this agreement.")),
    "campaign": (N_("Campaign %(other)s"), N_("A budget that several agreements share.")),
    "customer": (N_("Certificates for one guest in one day"), N_("The same number for everybody in the network.")),
}  # fmt: skip
"""What each is called, and what counts against it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`kind` as in `SAID`, `other` the id of whom or what else it is about. Money in minor units, or a `counts` of
    certificates. `used` None: it is counted for each guest apart.
    """

    scope: str
    kind: str
    other: str
    cap: int
    used: int | None
    reason: str
    set_at: datetime
    asked: coalition.RaiseRow | None = None
    """A raise that waits for a second organizer."""

    @property
    def counts(self) -> bool:
        """Whether certificates are counted, not money."""
        return self.kind in ("intake", "customer")

    @property
    def left(self) -> int:
        """What still has room."""
        return max(0, self.cap - max(0, self.used or 0))

    @property
    def percent(self) -> int:
        """How much of it is used, of a hundred."""
        if self.used is None:
            return 0
        return min(100, max(0, self.used) * 100 // self.cap) if self.cap else 100

    @property
    def near(self) -> bool:
        """From 80 % on, as everywhere."""
        return self.used is not None and self.used > 0 and self.used * 10 >= self.cap * 8


@page(router, f"GET {HERE}", who=(OWNER,))
async def show_limits(visit: Visit) -> Response:
    """The fullest first."""
    found, campaigns = await _limits(visit)
    names = campaigns | await party_names(visit)
    changes = await limit_changes(visit, [one.scope for one in found])
    return await visit.show(
        "owner/limits.html", limits=found,
        said={one.scope: _said(visit, one, names) for one in found}, changes=changes,
    )  # fmt: skip


async def near_limits(visit: Visit) -> list[tuple[str, Limit]]:
    """What is limited, and how: those that are nearly full or full, the fullest first."""
    found, campaigns = await _limits(visit)
    near = [one for one in found if one.near]
    names = campaigns | await party_names(visit) if near else {}
    return [(_said(visit, one, names)[0], one) for one in near]


def _said(visit: Visit, one: Limit, names: dict[str, str]) -> tuple[str, str]:
    name, about = SAID[one.kind]
    return visit.gettext(name, other=names.get(one.other, "?")), visit.gettext(about)


async def _limits(visit: Visit) -> tuple[list[Limit], dict[str, str]]:
    """With the names of campaigns by id."""

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        scopes = _scopes(connection, schema, visit.subject_id)
        waiting = {one.scope: one for one in coalition.raises(connection, schema)
                   if one.state == "waiting" and visit.at < one.expires_at}  # fmt: skip
        set_by = [one for one in coalition.limits(connection, schema) if one.cap is not None]
        day = local_day(visit.at, visit.reader.time_zone)
        made = [replace(limit, asked=waiting.get(one.scope)) for one in set_by
                if (limit := _limit(connection, schema, one, scopes, visit.subject_id, day))]  # fmt: skip
        names = {str(one.campaign_id): one.name for one in coalition.campaigns(connection, schema)}
        return {"limits": sorted(made, key=lambda one: (one.used is None, -one.percent, one.scope)), "names": names}

    told = await of_views(visit, VIEWS, question)
    return told["limits"], told["names"]


def _scopes(connection: Connection, schema: str, me: UUID) -> dict[str, tuple[str, str]]:
    """Kind and other by scope, of what depends on this shop's agreements."""
    own = agreements.of_merchant(connection, schema, me)
    scopes = {"customer": ("customer", ""), f"debtor:{me}": ("debtor", ""), f"intake:{me}": ("intake", "")}
    for one in own:
        gives = one.issuer_id == me
        other = str(one.acceptor_id if gives else one.issuer_id)
        scopes[f"agreement:{one.agreement_id}"] = ("give" if gives else "take", other)
    for version in agreements.versions(connection, schema, [one.agreement_id for one in own]):
        if isinstance(campaign := version.terms.get("campaign_id"), str) and version.accepted_at is not None:
            scopes[f"campaign:{campaign}"] = ("campaign", campaign)
    return scopes


def _limit(
    connection: Connection, schema: str, one: coalition.LimitRow, scopes: dict[str, tuple[str, str]], me: UUID, day: str
) -> Limit | None:
    kind, other = scopes.get(one.scope) or _of_pair(one.scope, str(me)) or ("", "")
    if not kind or one.cap is None:
        return None
    used = None if kind == "customer" else _used(connection, schema, one.scope, day if kind == "intake" else "")
    return Limit(one.scope, kind, other, one.cap, used, one.reason, one.set_at)


def _of_pair(scope: str, me: str) -> tuple[str, str] | None:
    match scope.split(":"):
        case ["pair", debtor, creditor] if debtor == me:
            return "owe", creditor
        case ["pair", debtor, creditor] if creditor == me:
            return "owed", debtor
    return None


def _used(connection: Connection, schema: str, scope: str, key: str) -> int:
    asked = sql.SQL("SELECT used FROM {} WHERE scope = %s AND key = %s").format(sql.Identifier(schema, "exposures"))
    found = connection.execute(asked, [scope, key]).fetchone()
    return int(found[0]) if found else 0
