"""An organizer's first page: what waits for somebody, kept up to date while it is open."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.pages.commands import asked
from network.api.pages.console import auditing
from network.api.pages.console.naming import Names, names_of
from network.api.pages.live import show_live
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.routes import caps, disputes, merchants, payouts
from network.api.threads import in_thread
from network.projections import windows
from network.projections.tracking import progress

router = APIRouter()


@dataclass(frozen=True)
class Near:
    """A limit that is used to 80 % or more. `share` of one; `counts`: certificates, not money."""

    scope: str
    used: int
    limit: int
    share: float
    counts: bool


@dataclass(frozen=True)
class Waiting:
    """Everything that waits."""

    applicants: list[dict[str, Any]]
    raises: list[dict[str, Any]]
    near: list[Near]
    windows: list[windows.WindowRow]
    contested: list[dict[str, Any]]
    late: list[dict[str, Any]]
    stopped: list[str]
    audit: auditing.Run | None

    @property
    def nothing(self) -> bool:
        """Whether the organizer may close the page."""
        sound = self.audit is None or self.audit.sound is not False
        return sound and not (
            self.applicants or self.raises or self.near or self.windows or self.contested or self.late or self.stopped
        )


@page(router, "GET /console", who=(ORGANIZER,))
async def show_home(visit: Visit) -> Response:
    """What needs you today."""
    names = await in_thread(names_of, visit)
    return await show_live(
        visit, "console/home.html", "console/today.html", coalition=names.coalition,
        waiting=await _waiting(visit, names), me=str(visit.person.person_id), partners=len(names.merchants),
    )  # fmt: skip


async def _waiting(visit: Visit, names: Names) -> Waiting:
    partners = (await asked(visit, merchants.list_merchants, merchants.ByNumber.model_validate({})))["merchants"]
    raises = (await asked(visit, caps.list_raises))["raises"]
    limits = (await asked(visit, caps.list_caps))["caps"]
    disputed = (await asked(visit, disputes.list_disputes, disputes.ByPosition.model_validate({})))["disputes"]
    closing, stopped = await in_thread(_running, visit)
    return Waiting(
        applicants=[one for one in partners if one["state"] == "applied"],
        raises=[_raise(visit, names, one) for one in raises if one["state"] == "waiting"],
        near=_near(visit, names, limits),
        windows=closing,
        contested=[one for one in disputed if one["state"] == "contested"],
        late=(await asked(visit, payouts.list_missing, payouts.Which(late=True)))["payouts"],
        stopped=stopped,
        audit=auditing.run_of(visit.coalition),
    )


def _raise(visit: Visit, names: Names, one: dict[str, Any]) -> dict[str, Any]:
    ends = datetime.fromisoformat(one["expires_at"])
    return {**one, "name": names.scope(visit.reader, one["scope"]), "expires_at": ends}


def _near(visit: Visit, names: Names, limits: list[dict[str, Any]]) -> list[Near]:
    """The limits that are nearly used up, the fullest first."""
    found = []
    for one in limits:
        full = [each["used"] for each in one["used"] if each["near"]]
        if full and one["cap"] is not None:
            counts = one["scope"].partition(":")[0] in ("intake", "customer")
            share = max(full) / one["cap"] if one["cap"] else 1.0
            found.append(Near(names.scope(visit.reader, one["scope"]), max(full), one["cap"], share, counts))
    return sorted(found, key=lambda one: -one.share)


def _running(visit: Visit) -> tuple[list[windows.WindowRow], list[str]]:
    schema = visit.coalition.schema
    with visit.coalition.readers.connection() as connection:
        closing = [one for one in windows.all(connection, schema) if one.state != "settled"]
        return closing, [one.projection for one in progress(connection, schema) if one.stopped is not None]
