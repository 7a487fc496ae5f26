"""Showing again who one is before a dangerous act, and then going on with the act: its form waits in the page."""

import json
from typing import Final
from urllib.parse import quote, urlsplit
from uuid import uuid4

from fastapi import APIRouter
from fastapi.responses import Response

from network.access import tries
from network.access.passkeys import has_way_in, passkeys_of
from network.access.people import Person
from network.access.secrets import password_is
from network.access.sessions import confirm
from network.api.pages import forms
from network.api.pages.forms import COMMAND, CSRF, FIELDS_MAX, SECRET, Form, Line, Problems
from network.api.pages.frame import HOMES
from network.api.pages.sign_in import PEOPLE, Secret, SignInRefused, must_be_second, take
from network.api.pages.visits import Visit, leads_here, page
from network.api.threads import in_thread

router = APIRouter()
ACT: Final = "act"
KEPT: Final = "kept"
"""What the question's page carries along: where the act's form goes, and its fields as JSON."""


class Confirming(Form):
    """The password and the second factor once more."""

    password: Secret
    code: Line


async def show_confirm(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """The form before a dangerous act."""
    keys = await in_thread(passkeys_of, visit.coalition, visit.person.person_id)
    return await visit.show(
        "confirm.html", problems=problems, second=visit.person.totp_secret, has_passkey=bool(keys),
        carried={"next": visit.wanted(""), **_waiting(visit)},
    )  # fmt: skip


@page(router, "GET /confirm", who=PEOPLE)
async def ask_to_confirm(visit: Visit) -> Response:
    """Before a dangerous act; who has nothing to show yet chooses it first."""
    if not await in_thread(has_way_in, visit.coalition, visit.person):
        return visit.go(f"/account/first?next={quote(visit.wanted('/account'))}")
    return await show_confirm(visit)


@page(router, "POST /confirm", who=PEOPLE, takes=Confirming, again=show_confirm)
async def check_confirm(visit: Visit, form: Confirming) -> Response:
    """For ten minutes dangerous acts go ahead. Raises: SignInRefused, SecondFactorRefused, TooManyTries."""
    await in_thread(_check, visit, form, visit.person)
    return await go_on(visit)


async def interrupted(visit: Visit) -> Response:
    """A dangerous act whose person has not shown lately who they are: they do, and go on with it. What nobody may
    write into a page, such as a new password, is typed again.
    """
    path, came_from = visit.request.url.path, _came_from(visit)
    fields = {name: value for name, value in visit.fields.items() if name != CSRF}
    by_hand = visit.request.method == "GET" or visit.is_part or SECRET & fields.keys()
    if by_hand or not await in_thread(has_way_in, visit.coalition, visit.person):
        return visit.go(f"/confirm?next={quote(came_from)}")
    kept = {COMMAND: str(uuid4()), **fields}  # one id, so that going on twice is the same command
    visit.fields = {"next": came_from, ACT: path, KEPT: json.dumps(kept)}
    return await show_confirm(visit)


async def go_on(visit: Visit) -> Response:
    """With the act that waited, or to the page that was wanted."""
    waiting = _waiting(visit)
    if not waiting:
        return visit.go(visit.wanted(HOMES[visit.role]))
    return await visit.show("go_on.html", act=waiting[ACT], kept=json.loads(waiting[KEPT]))


def _check(visit: Visit, form: Confirming, person: Person) -> None:
    take(visit, visit.coalition, tries.PASSWORDS, str(person.person_id))
    if not password_is(form.password, person.password_hash):
        raise SignInRefused()
    must_be_second(visit, form.code)
    tries.forget(visit.coalition, tries.PASSWORDS, str(person.person_id))
    confirm(visit.coalition, visit.session.session_id, visit.at)


def _waiting(visit: Visit) -> dict[str, str]:
    """The act that the page carries; nothing if it is not as we wrote it."""
    act, kept = visit.fields.get(ACT, ""), visit.fields.get(KEPT, "")
    try:
        fields = json.loads(kept)
    except ValueError:
        return {}
    plain = (
        isinstance(fields, dict) and len(fields) <= FIELDS_MAX and all(isinstance(one, str) for one in fields.values())
    )
    return {ACT: act, KEPT: kept} if plain and leads_here(act) else {}


def _came_from(visit: Visit) -> str:
    """This page, or the one whose form was sent: where somebody goes on after having shown who they are."""
    if visit.request.method == "GET":
        return visit.request.url.path
    there = urlsplit(visit.request.headers.get("referer", ""))
    ours = there.netloc == visit.request.headers.get("host") and leads_here(there.path)
    return there.path if ours else HOMES[visit.role]
