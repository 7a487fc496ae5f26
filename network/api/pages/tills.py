"""An owner's tills: connect a device with a one-time code, see which there are, cut one off alone."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from network.access import invitations
from network.access.sessions import devices_of
from network.api.pages import forms
from network.api.pages.forms import Form, Line, Problems
from network.api.pages.people import show_link
from network.api.pages.visits import OWNER, Visit, page
from network.api.threads import in_thread
from network.credentials import CredentialNotFound, find_credential, list_credentials, revocation

router = APIRouter()


class NewTillCode(Form):
    """What the owner calls the device."""

    label: Line


class OneCode(Form):
    """Which code that waits."""

    invitation_id: UUID


class OneTill(Form):
    """Which till."""

    credential_id: UUID


@page(router, "GET /tills", who=(OWNER,))
async def show_tills(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """The devices that may act for this shop."""
    found = await in_thread(list_credentials, visit.coalition, roles=("till",), subject_id=visit.subject_id)
    waiting = await in_thread(invitations.waiting, visit.coalition, visit.subject_id, visit.at)
    return await visit.show(
        "tills.html",
        problems=problems,
        devices=await in_thread(devices_of, visit.coalition, visit.subject_id),
        tills=[one for one in found if one.revoked_at is None],
        waiting=[one for one in waiting if one.kind == invitations.TILL],
    )


@page(router, "POST /tills/codes", who=(OWNER,), takes=NewTillCode, again=show_tills)
async def make_till_code(visit: Visit, form: NewTillCode) -> Response:
    """A code for one device, for an hour."""
    code = await in_thread(
        invitations.invite, visit.coalition, kind=invitations.TILL, role="till", subject_id=visit.subject_id,
        label=form.label, at=visit.at,
    )  # fmt: skip
    return await show_link(visit, form.label, code)


@page(router, "POST /tills/codes/withdraw", who=(OWNER,), takes=OneCode, again=show_tills)
async def withdraw_code(visit: Visit, form: OneCode) -> Response:
    """It connects nothing any more."""
    await in_thread(invitations.withdraw, visit.coalition, form.invitation_id, visit.subject_id)
    return visit.go("/tills")


@page(router, "POST /tills/cut-off", who=(OWNER,), takes=OneTill, again=show_tills)
async def cut_till_off(visit: Visit, form: OneTill) -> Response:
    """At once; the others go on. Raises: CredentialNotFound."""

    def cut_off() -> None:
        found = find_credential(visit.coalition, form.credential_id)
        if found is None or (found.role, found.subject_id) != ("till", visit.subject_id):
            raise CredentialNotFound()
        visit.coalition.write(revocation(form.credential_id))

    await in_thread(cut_off)
    visit.service.callers.forget()
    return visit.go("/tills")
