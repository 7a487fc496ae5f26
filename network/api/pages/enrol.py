"""Coming in with a one-time code: a new person chooses how to sign in, a known one is let in, a device is a till."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import StringConstraints

from network.access import invitations, tries
from network.access.invitations import Invitation
from network.access.people import LoginTaken, Person, Post, add_person, person_of_login, set_totp
from network.access.secrets import PASSWORD_MIN, new_totp_secret, totp_address, totp_step
from network.access.sessions import begin_till
from network.api.errors import RequestRefused, TooManyTries
from network.api.pages import cookies, forms
from network.api.pages.forms import FieldProblem, Form, Line, Problems
from network.api.pages.frame import HOMES
from network.api.pages.sign_in import SecondFactorRefused, signed_in
from network.api.pages.texts import N_
from network.api.pages.visits import Visit, page
from network.api.threads import in_thread
from network.coalitions import OpenCoalition
from network.credentials import create_credential
from network.domain.errors import CoalitionNotFound

router = APIRouter()
Password = Annotated[str, StringConstraints(min_length=PASSWORD_MIN, max_length=200)]


class InvitationUnknown(RequestRefused):
    """No living invitation has this code."""

    status = 422
    code = "invitation_unknown"
    sentence = "This code is not known, was used already, or its time is over. Ask for a new one."


class WithCode(Form):
    """The one-time code, typed or out of a link's fragment, which no log sees."""

    code: Line


class NewTill(WithCode):
    """What the owner will call this device."""

    label: Line


class NewPerson(WithCode):
    """How a new person signs in from now on; `totp` is the secret that the page showed, `second` its code."""

    name: Line
    login: Line
    password: Password
    totp: Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{32}$")]
    second: Line


async def show_code(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """The form for a code."""
    return await visit.show("enrol/code.html", problems=problems)


@page(router, "GET /enrol")
async def ask_code(visit: Visit) -> Response:
    """A link brings the code behind its #, so the server sees it only when the form is sent."""
    return await show_code(visit)


@page(router, "POST /enrol", takes=WithCode, again=show_code)
async def open_invitation(visit: Visit, form: WithCode) -> Response:
    """The page for what the code lets in as. A known person is let in at once."""
    coalition, invitation = await found(visit, form.code)
    if invitation.kind == invitations.ENTRY:
        assert invitation.person_id is not None, "an entry names its person"
        await in_thread(_use, coalition, invitation, visit)
        return await signed_in(visit, coalition, Post(invitation.person_id, invitation.role, invitation.subject_id))
    return await _show(visit, coalition, invitation, form.code, forms.NONE)


async def show_till(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """The till's form again."""
    coalition, invitation = await found(visit, visit.fields.get("code", ""))
    return await _show(visit, coalition, invitation, visit.fields.get("code", ""), problems)


@page(router, "POST /enrol/till", takes=NewTill, again=show_till)
async def enrol_till(visit: Visit, form: NewTill) -> Response:
    """This device is a till of its shop from now on, until its owner cuts it off."""
    coalition, invitation = await found(visit, form.code)
    if invitation.kind != invitations.TILL:
        raise InvitationUnknown()

    def enrol() -> str:
        _use(coalition, invitation, visit)
        credential_id = uuid4()
        create_credential(coalition, credential_id, "till", invitation.subject_id, form.label)
        return begin_till(coalition, credential_id, invitation.subject_id, label=form.label, at=visit.at)

    secret = await in_thread(enrol)
    answer = visit.go(HOMES["till"])
    cookies.keep(answer, visit.service.settings, cookies.TILL, cookies.joined(coalition.entry.slug, secret))
    return answer


@page(router, "POST /enrol/person", takes=NewPerson, again=show_till)
async def enrol_person(visit: Visit, form: NewPerson) -> Response:
    """The person is on record with a password and a second factor that works, and sees the recovery codes once."""
    coalition, invitation = await found(visit, form.code)
    if invitation.kind != invitations.PERSON:
        raise InvitationUnknown()
    if form.login.casefold() in form.password.casefold():
        raise FieldProblem("password", N_("The password must not contain the name you sign in with."))
    step = totp_step(form.totp, form.second, visit.at)
    if step is None:
        raise SecondFactorRefused()
    person, codes = await in_thread(_add, coalition, invitation, form, step, visit)
    post = Post(person.person_id, invitation.role, invitation.subject_id)
    moved = await signed_in(visit, coalition, post)
    answer = await visit.show("enrol/recovery_codes.html", codes=codes, home=HOMES[post.role])
    for name, value in moved.raw_headers:
        if name == b"set-cookie":
            answer.raw_headers.append((name, value))
    return answer


async def found(visit: Visit, typed: str) -> tuple[OpenCoalition, Invitation]:
    """The invitation of a code, which stays unused. Raises: InvitationUnknown, TooManyTries."""
    parts = invitations.parted(typed)
    if parts is None:
        raise InvitationUnknown()
    try:
        coalition = await visit.service.coalition_numbered(parts[0])
    except CoalitionNotFound:
        raise InvitationUnknown() from None

    def find() -> Invitation | None:
        invitation = invitations.find_invitation(coalition, parts[1], visit.at)
        if invitation is None:  # a code has 50 random bits: only strangers' tries have to be counted
            rooms = ((tries.CODES_OF_ADDRESS, tries.neighbourhood(visit.address)), (tries.CODES, "all"))
            if wait := max(tries.take(coalition, room, who, visit.at) for room, who in rooms):
                raise TooManyTries(retry_after=wait)
        return invitation

    invitation = await in_thread(find)
    if invitation is None:
        raise InvitationUnknown()
    return coalition, invitation


async def _show(
    visit: Visit, coalition: OpenCoalition, invitation: Invitation, code: str, problems: Problems
) -> Response:
    if invitation.kind == invitations.TILL:
        return await visit.show("enrol/till.html", problems=problems, code=code, label=invitation.label)
    totp = visit.fields.get("totp") or new_totp_secret()
    login = visit.fields.get("login") or invitation.label
    return await visit.show(
        "enrol/person.html",
        problems=problems,
        code=code,
        label=invitation.label,
        invited_as=invitation.role,
        totp=totp,
        totp_address=totp_address(totp, login=login, issuer="Pollen"),
        password_min=PASSWORD_MIN,
    )


def _add(
    coalition: OpenCoalition, invitation: Invitation, form: NewPerson, step: int, visit: Visit
) -> tuple[Person, list[str]]:
    if person_of_login(coalition, form.login) is not None:
        raise LoginTaken()  # before the invitation is used up
    _use(coalition, invitation, visit)
    post = (invitation.role, invitation.subject_id)
    person = add_person(
        coalition, name=form.name, post=post, at=visit.at, login=form.login, password=form.password,
    )  # fmt: skip
    return person, set_totp(coalition, person.person_id, form.totp, step)


def _use(coalition: OpenCoalition, invitation: Invitation, visit: Visit) -> None:
    if not invitations.use_invitation(coalition, invitation, visit.at):
        raise InvitationUnknown()
