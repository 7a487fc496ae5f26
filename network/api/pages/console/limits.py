"""Limits: what is set and used, what was proposed, who confirms it; campaigns; and the year's value by country."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, StringConstraints

from network.api.bodies import Nothing
from network.api.pages import forms
from network.api.pages.commands import Handler, asked, done_and_seen
from network.api.pages.console.naming import Names, names_of
from network.api.pages.forms import FieldProblem, Line, OptionalLine, Problems, WithCommand, amount_of
from network.api.pages.limit_changes import limit_changes
from network.api.pages.live import show_live
from network.api.pages.names import people_named
from network.api.pages.texts import N_
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.routes import campaigns, caps, limited_network
from network.api.routes.merchants import WithReason
from network.api.threads import in_thread

router = APIRouter()
COUNTED: Final = ("intake", "customer")
"""Limits that count certificates; the others count money."""
STATES: Final = {
    "waiting": N_("waits for a second person"),
    "confirmed": N_("confirmed"),
    "withdrawn": N_("withdrawn"),
    "expired": N_("not confirmed in time"),
}


class NewLimit(WithCommand):
    """Who or what is limited: the fields that the kind needs. `limit` empty: none."""

    kind: Annotated[str, StringConstraints(pattern=r"^(pair|debtor|agreement|campaign|intake|customer)$")]
    one: OptionalLine = ""
    other: OptionalLine = ""
    agreement: OptionalLine = ""
    campaign: OptionalLine = ""
    limit: OptionalLine = ""
    reason: Line

    @property
    def scope(self) -> str:
        """As the commands have it. Raises: FieldProblem."""
        needed = {"pair": ("one", "other"), "agreement": ("agreement",), "campaign": ("campaign",), "customer": ()}
        parts = [(name, str(getattr(self, name))) for name in needed.get(self.kind, ("one",))]
        for name, value in parts:
            if not value:
                raise FieldProblem(name, N_("Choose one from the list."))
        return ":".join([self.kind, *(value for _, value in parts)])


class OneRaise(WithCommand):
    """Which proposal."""

    raise_id: UUID


class WithdrawnRaise(OneRaise):
    """And why it is taken back."""

    reason: Line


class NewCampaign(WithCommand):
    """What the budget is called."""

    name: Line


@page(router, "GET /console/limits", who=(ORGANIZER,))
async def show_limits(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """Everything about limits on one page."""
    names = await in_thread(names_of, visit)
    limits = (await asked(visit, caps.list_caps))["caps"]
    raises = (await asked(visit, caps.list_raises))["raises"]
    people = await in_thread(people_named, visit, {UUID(one["person_id"]) for one in raises})
    return await show_live(
        visit, "console/limits.html", "console/limits_now.html", problems, names=names,
        changes=await limit_changes(visit, [one["scope"] for one in limits]),
        limits=[_limit(visit, names, one) for one in limits],
        raises=[_raise(visit, names, one, people) for one in raises],
        year=await asked(visit, limited_network.report_limited_network), me=str(visit.person.person_id),
        states={state: visit.gettext(text) for state, text in STATES.items()},
    )  # fmt: skip


@page(router, "POST /console/limits", who=(ORGANIZER,), takes=NewLimit, again=show_limits)
async def set_limit(visit: Visit, form: NewLimit) -> Response:
    """A new or a lower limit holds at once. Raises: what the command refuses, such as a raise."""
    asking = caps.Capping(scope=form.scope, limit=_typed(visit, form), reason=form.reason)
    return await _decided(visit, form, caps.set_cap, "PUT /v1/caps", asking)


@page(router, "POST /console/limits/raises", who=(ORGANIZER,), takes=NewLimit, again=show_limits, fresh=True)
async def propose(visit: Visit, form: NewLimit) -> Response:
    """Waits for another organizer."""
    raise_id = uuid5(form.command_id, "raise")
    asking = caps.Raising(scope=form.scope, limit=_typed(visit, form), reason=form.reason, raise_id=raise_id)
    return await _decided(visit, form, caps.propose_raise, "POST /v1/caps/raises", asking)


@page(router, "POST /console/limits/raises/confirm", who=(ORGANIZER,), takes=OneRaise, again=show_limits, fresh=True)
async def confirm(visit: Visit, form: OneRaise) -> Response:
    """By another person than the one who proposed it."""
    route = "POST /v1/caps/raises/{raise_id}/confirmation"
    return await _decided(visit, form, caps.confirm_raise, route, Nothing(), raise_id=form.raise_id)


@page(router, "POST /console/limits/raises/withdraw", who=(ORGANIZER,), takes=WithdrawnRaise, again=show_limits)
async def withdraw(visit: Visit, form: WithdrawnRaise) -> Response:
    """The limit stays what it is."""
    route, why = "POST /v1/caps/raises/{raise_id}/withdrawal", WithReason(reason=form.reason)
    return await _decided(visit, form, caps.withdraw_raise, route, why, raise_id=form.raise_id)


@page(router, "POST /console/campaigns", who=(ORGANIZER,), takes=NewCampaign, again=show_limits)
async def open_campaign(visit: Visit, form: NewCampaign) -> Response:
    """Agreements name it in their terms; a limit on it is its budget."""
    asking = campaigns.Campaigning(campaign_id=uuid5(form.command_id, "campaign"), name=form.name)
    return await _decided(visit, form, campaigns.open_campaign, "POST /v1/campaigns", asking)


async def _decided(
    visit: Visit, form: WithCommand, handler: Handler, route: str, asking: BaseModel, **ids: UUID
) -> Response:
    await done_and_seen(visit, handler, route, asking, str(form.command_id), ("coalition",), **ids)
    return visit.go("/console/limits")


def _typed(visit: Visit, form: NewLimit) -> int | None:
    """The limit as typed: an amount, or a count where certificates are counted. Raises: FieldProblem."""
    if not form.limit:
        return None
    if form.kind not in COUNTED:
        return 0 if form.limit.strip("0.,") == "" else amount_of(form.limit, visit.reader.currency, "limit")
    if not (form.limit.isascii() and form.limit.isdigit() and len(form.limit) <= 6):
        raise FieldProblem("limit", N_("Write a whole number."))
    return int(form.limit)


def _limit(visit: Visit, names: Names, one: dict[str, Any]) -> dict[str, Any]:
    used = max((0, *(each["used"] for each in one["used"])))
    return {
        "scope": one["scope"],
        "name": names.scope(visit.reader, one["scope"]),
        "counts": one["scope"].partition(":")[0] in COUNTED,
        "limit": one["cap"],
        "used": used,
        "share": used / one["cap"] if one["cap"] else None,
        "near": any(each["near"] for each in one["used"]),
        "reason": one["reason"],
        "set_at": datetime.fromisoformat(one["set_at"]),
    }


def _raise(visit: Visit, names: Names, one: dict[str, Any], people: dict[str, str]) -> dict[str, Any]:
    return {
        **one,
        "name": names.scope(visit.reader, one["scope"]),
        "counts": one["scope"].partition(":")[0] in COUNTED,
        "proposer": people.get(one["person_id"], visit.gettext("somebody who left")),
        "proposed_at": datetime.fromisoformat(one["proposed_at"]),
    }
