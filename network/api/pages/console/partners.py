"""Partners: who applied, who takes part, who was stopped and why; admit, stop, readmit, end, invite an owner."""

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from network.access import invitations
from network.access.people import people_of
from network.api.bodies import Nothing
from network.api.pages import forms
from network.api.pages.commands import Handler, asked, done_and_seen
from network.api.pages.forms import FieldProblem, Line, Problems, WithCommand
from network.api.pages.people import show_link
from network.api.pages.texts import N_
from network.api.pages.visits import ORGANIZER, OWNER, Visit, page
from network.api.routes import merchants
from network.api.threads import in_thread

router = APIRouter()
STATES: Final = {
    "applied": N_("waits to be admitted"),
    "admitted": N_("takes part"),
    "suspended": N_("stopped"),
    "left": N_("left"),
}


class OnePartner(WithCommand):
    """Which partner."""

    merchant_id: UUID


class Stopping(OnePartner):
    """Why; the partner reads it."""

    reason: Line


class InvitingOwner(OnePartner):
    """Whom to invite as an owner of the shop."""

    name: Line


@page(router, "GET /console/partners", who=(ORGANIZER,))
async def show_partners(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """Those that wait for a decision first."""
    found = await _partners(visit)
    owners = await in_thread(_owners, visit, found)
    order = list(STATES)
    found.sort(key=lambda one: (order.index(one["state"]), one["number"]))
    return await visit.show(
        "console/partners.html", problems=problems, partners=found, owners=owners,
        states={state: visit.gettext(text) for state, text in STATES.items()},
    )  # fmt: skip


@page(router, "POST /console/partners/admit", who=(ORGANIZER,), takes=OnePartner, again=show_partners)
async def admit(visit: Visit, form: OnePartner) -> Response:
    """From now on it may trade."""
    return await _decided(visit, form, merchants.admit_merchant, "admission")


@page(router, "POST /console/partners/readmit", who=(ORGANIZER,), takes=OnePartner, again=show_partners)
async def readmit(visit: Visit, form: OnePartner) -> Response:
    """After a stop."""
    return await _decided(visit, form, merchants.readmit_merchant, "readmission")


@page(router, "POST /console/partners/suspend", who=(ORGANIZER,), takes=Stopping, again=show_partners, fresh=True)
async def suspend(visit: Visit, form: Stopping) -> Response:
    """Its tills are refused from now on."""
    return await _decided(visit, form, merchants.suspend_merchant, "suspension")


@page(router, "POST /console/partners/end", who=(ORGANIZER,), takes=Stopping, again=show_partners, fresh=True)
async def end(visit: Visit, form: Stopping) -> Response:
    """For good; certificates in hands stay good."""
    return await _decided(visit, form, merchants.leave_coalition, "leaving")


@page(router, "POST /console/partners/invite", who=(ORGANIZER,), takes=InvitingOwner, again=show_partners, fresh=True)
async def invite_owner(visit: Visit, form: InvitingOwner) -> Response:
    """A link that works once, for somebody who will run the shop's pages."""
    if str(form.merchant_id) not in {one["merchant_id"] for one in await _partners(visit)}:
        raise FieldProblem("merchant_id", N_("Choose the shop."))
    code = await in_thread(
        invitations.invite, visit.coalition, kind=invitations.PERSON, role=OWNER, subject_id=form.merchant_id,
        label=form.name, at=visit.at,
    )  # fmt: skip
    return await show_link(visit, form.name, code)


async def _decided(visit: Visit, form: OnePartner, handler: Handler, what: str) -> Response:
    body = merchants.WithReason(reason=form.reason) if isinstance(form, Stopping) else Nothing()
    await done_and_seen(
        visit, handler, f"POST /v1/merchants/{{merchant_id}}/{what}", body, str(form.command_id), ("merchants",),
        merchant_id=form.merchant_id,
    )  # fmt: skip
    return visit.go("/console/partners")


async def _partners(visit: Visit) -> list[dict[str, Any]]:
    answer = await asked(visit, merchants.list_merchants, merchants.ByNumber.model_validate({}))
    found: list[dict[str, Any]] = answer["merchants"]
    return found


def _owners(visit: Visit, found: list[dict[str, Any]]) -> dict[str, list[str]]:
    return {
        one["merchant_id"]: [
            person.name for person, _ in people_of(visit.coalition, UUID(one["merchant_id"]), (OWNER,))
        ]
        for one in found
    }
