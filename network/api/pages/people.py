"""Who may sign in: an owner's other owners and cashiers, the organizers of a coalition and the owners of its shops."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection
from pydantic import AfterValidator, StringConstraints

from network.access import invitations
from network.access.people import (
    CASHIER,
    SHIFT_LEADER,
    TILL_ROLES,
    Person,
    Post,
    add_person,
    end_post,
    people_of,
    set_pin,
)
from network.api.pages import forms
from network.api.pages.forms import FieldProblem, Form, Line, Problems
from network.api.pages.texts import N_
from network.api.pages.visits import ORGANIZER, OWNER, Visit, page
from network.api.threads import in_thread
from network.domain.errors import Refusal
from network.projections import merchants

router = APIRouter()
BOTH = (ORGANIZER, OWNER)


class LastPerson(Refusal):
    """Somebody has to be able to sign in."""

    code = "last_person"
    sentence = "Nobody else could sign in here then. Invite somebody first."


def _pin(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4,8}", text) or len(set(text)) == 1 or text in "0123456789876543210":
        raise ValueError("pin")
    return text


Pin = Annotated[str, StringConstraints(max_length=8), AfterValidator(_pin)]


class Inviting(Form):
    """Whom to invite. `merchant_id`: the shop of a new owner, when the organizer invites one."""

    name: Line
    role: Annotated[str, StringConstraints(pattern="^(organizer|owner)$")]
    merchant_id: UUID | None = None


class NewCashier(Form):
    """Somebody who works at the till with a PIN."""

    name: Line
    role: Annotated[str, StringConstraints(pattern="^(shift_leader|cashier)$")]
    pin: Pin


class NewPin(Form):
    """Another PIN for somebody at the till."""

    person_id: UUID
    pin: Pin


class OnePost(Form):
    """Whose post ends."""

    person_id: UUID
    role: Line


class OneInvitation(Form):
    """Which invitation."""

    invitation_id: UUID


@page(router, "GET /people", who=BOTH)
async def show_people(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """Everybody who may sign in, and who is invited."""
    roles = (ORGANIZER,) if visit.role == ORGANIZER else (OWNER, *TILL_ROLES)

    def found() -> tuple[list[tuple[Person, str]], list[invitations.Invitation], list[merchants.MerchantRow]]:
        return (
            people_of(visit.coalition, visit.subject_id, roles),
            [one for one in invitations.waiting(visit.coalition, visit.subject_id, visit.at) if one.kind == "person"],
            _shops(visit) if visit.role == ORGANIZER else [],
        )

    people, waiting, shops = await in_thread(found)
    return await visit.show("people.html", problems=problems, people=people, waiting=waiting, shops=shops,
                            me=visit.person.person_id)  # fmt: skip


@page(router, "POST /people/invitations", who=BOTH, takes=Inviting, again=show_people, fresh=True)
async def invite_person(visit: Visit, form: Inviting) -> Response:
    """A link that works once, shown this once."""
    subject_id = visit.subject_id
    if visit.role == OWNER and form.role != OWNER:
        raise FieldProblem("role", N_("An owner invites owners of the same shop."))
    if visit.role == ORGANIZER and form.role == OWNER:
        if form.merchant_id is None:
            raise FieldProblem("merchant_id", N_("Choose the shop."))
        subject_id = form.merchant_id
        if subject_id not in {shop.merchant_id for shop in await in_thread(_shops, visit)}:
            raise FieldProblem("merchant_id", N_("Choose the shop."))
    code = await in_thread(
        invitations.invite, visit.coalition, kind=invitations.PERSON, role=form.role, subject_id=subject_id,
        label=form.name, at=visit.at,
    )  # fmt: skip
    return await show_link(visit, form.name, code)


@page(router, "POST /people/invitations/withdraw", who=BOTH, takes=OneInvitation, again=show_people)
async def withdraw_invitation(visit: Visit, form: OneInvitation) -> Response:
    """The link no longer works."""
    await in_thread(invitations.withdraw, visit.coalition, form.invitation_id, visit.subject_id)
    return visit.go("/people")


@page(router, "POST /people/cashiers", who=(OWNER,), takes=NewCashier, again=show_people)
async def add_cashier(visit: Visit, form: NewCashier) -> Response:
    """They can take a till at once."""
    await in_thread(
        add_person, visit.coalition, name=form.name, post=(form.role, visit.subject_id), at=visit.at, pin=form.pin
    )
    return visit.go("/people")


@page(router, "POST /people/pins", who=(OWNER,), takes=NewPin, again=show_people)
async def change_pin(visit: Visit, form: NewPin) -> Response:
    """For somebody of this shop alone."""

    def change() -> None:
        if any(one.person_id == form.person_id for one, _ in people_of(visit.coalition, visit.subject_id, TILL_ROLES)):
            set_pin(visit.coalition, form.person_id, form.pin)

    await in_thread(change)
    return visit.go("/people")


@page(router, "POST /people/end", who=BOTH, takes=OnePost, again=show_people, fresh=True)
async def end_one_post(visit: Visit, form: OnePost) -> Response:
    """They can do nothing more here, at once. Raises: LastPerson."""
    allowed = (ORGANIZER,) if visit.role == ORGANIZER else (OWNER, SHIFT_LEADER, CASHIER)
    if form.role not in allowed:
        raise FieldProblem("role", N_("Choose one from the list."))

    def end() -> None:
        held = people_of(visit.coalition, visit.subject_id, (form.role,))
        if form.role in BOTH and len(held) <= 1:
            raise LastPerson()
        end_post(visit.coalition, Post(form.person_id, form.role, visit.subject_id), visit.at)

    await in_thread(end)
    return visit.go("/people")


async def show_link(visit: Visit, name: str, code: str) -> Response:
    """A one-time link to hand over, as text and as a QR. The code stands behind the #, so that no log sees it."""
    link = f"{visit.service.settings.public_url}/enrol#{code}"
    return await visit.show("invited.html", name=name, link=link, code=code)


def _shops(visit: Visit) -> list[merchants.MerchantRow]:
    def question(connection: Connection) -> list[merchants.MerchantRow]:
        return merchants.all(connection, visit.coalition.schema)

    with visit.coalition.readers.connection() as connection:
        return question(connection)
