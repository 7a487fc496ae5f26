"""Who is at the till: a cashier takes it with a PIN, and leaves it."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import StringConstraints

from network.access import tries
from network.access.people import TILL_ROLES, Person, people_of
from network.access.secrets import pin_is
from network.access.sessions import begin_shift, end_shift
from network.api.errors import RequestRefused, TooManyTries
from network.api.looking import looking
from network.api.pages import forms
from network.api.pages.forms import Form, Problems
from network.api.pages.start import choose_language
from network.api.pages.visits import TILL, Visit, page
from network.api.threads import in_thread
from network.domain.merchant import Merchant

router = APIRouter()


class PinRefused(RequestRefused):
    """Not this person's PIN."""

    status = 422
    code = "pin_refused"
    sentence = "This PIN is not right."


class WithPin(Form):
    """Who, and their PIN."""

    person_id: UUID
    pin: Annotated[str, StringConstraints(max_length=8)]


async def show_pin(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """Everybody who works here, and the PIN."""

    def found() -> tuple[list[tuple[Person, str]], str]:
        with looking(visit.coalition, visit.at) as unit:
            name = unit.get(Merchant, visit.subject_id).name
        return people_of(visit.coalition, visit.subject_id, TILL_ROLES), name

    people, shop = await in_thread(found)
    return await visit.show("till/pin.html", problems=problems, people=people, shop=shop, next=visit.wanted(""))


@page(router, "GET /till/pin", who=(TILL,), cashier=False)
async def ask_pin(visit: Visit) -> Response:
    """Before anything else at a till."""
    return await show_pin(visit)


@page(router, "POST /till/pin", who=(TILL,), takes=WithPin, again=show_pin, cashier=False)
async def take_till(visit: Visit, form: WithPin) -> Response:
    """The shift begins. What a scanner types here is no PIN, and so no guess. Raises: PinRefused, TooManyTries."""

    def check() -> None:
        if not re.fullmatch("[0-9]{4,8}", form.pin):
            raise PinRefused()
        who = f"{visit.session.credential_id} {form.person_id}"  # of one till: another one is no hostage of a guesser
        if wait := tries.take(visit.coalition, tries.PINS, who, visit.at):
            raise TooManyTries(retry_after=wait)
        people = {one.person_id: (one, role) for one, role in people_of(visit.coalition, visit.subject_id, TILL_ROLES)}
        person, role = people.get(form.person_id, (None, ""))
        if not pin_is(visit.coalition, form.pin, person.pin_hash if person else None) or person is None:
            raise PinRefused()
        tries.forget(visit.coalition, tries.PINS, who)
        begin_shift(visit.coalition, visit.session.session_id, person.person_id, role, visit.at)

    await in_thread(check)
    return visit.go(visit.wanted("/till"))


@page(router, "POST /till/leave", who=(TILL,), cashier=False)
async def leave_till(visit: Visit) -> Response:
    """The next one writes their PIN."""
    await in_thread(end_shift, visit.coalition, visit.session.session_id)
    return visit.go("/till/pin")


@page(router, "POST /till/language", who=(TILL,), cashier=False)
async def choose_tills_language(visit: Visit) -> Response:
    """The same for a till, whose forms carry the till's own token."""
    return await choose_language(visit)


@page(router, "GET /till", who=(TILL,))
async def show_till(visit: Visit) -> Response:
    """The two things that a cashier does."""
    return await visit.show("till/home.html")
