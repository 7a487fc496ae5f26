"""Signing in, confirming and settling in with a passkey, and the list of one's own."""

from typing import Annotated, Final
from urllib.parse import quote, urlsplit

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from pydantic import StringConstraints

from network.access import passkeys, tries
from network.access.passkeys import Site, has_way_in
from network.access.people import Post, find_person, posts_of, set_login, set_totp
from network.access.secrets import PASSWORD_MIN, new_totp_secret, totp_address, totp_step
from network.access.sessions import confirm, is_fresh
from network.api.errors import RequestRefused, TooManyTries
from network.api.pages import forms
from network.api.pages.account import show_account
from network.api.pages.confirming import go_on, show_confirm
from network.api.pages.enrol import Password
from network.api.pages.forms import FieldProblem, Form, Line, Problems
from network.api.pages.sign_in import PEOPLE, SecondFactorRefused, browser_named, show_sign_in, signed_in
from network.api.pages.texts import N_
from network.api.pages.visits import Visit, page
from network.api.threads import in_thread
from network.domain.errors import CoalitionNotFound, Conflict

router = APIRouter()
_ANSWER_MAX: Final = 8000
JSON: Final = "application/json"


class PasskeyRefused(RequestRefused):
    """No key of ours, too old a question, or a question that was answered already."""

    status = 422
    code = "passkey_refused"
    sentence = "This passkey did not work. Try again, or sign in with your password."


class LastWayIn(Conflict):
    """Without this passkey, its owner could not sign in any more."""

    code = "last_way_in"
    sentence = "This is your only way to sign in. Choose a password or add another passkey first."


class Answered(Form):
    """What the browser's authenticator answered, as WebAuthn writes it in JSON."""

    answer: Annotated[str, StringConstraints(min_length=2, max_length=_ANSWER_MAX)]


class OnePasskey(Form):
    """Which, in hexadecimal."""

    passkey_id: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2}){1,1023}$")]


class FirstPassword(Form):
    """How somebody who came by a link signs in from now on."""

    login: Line
    password: Password
    totp: Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{32}$")]
    second: Line


def site_of(visit: Visit) -> Site:
    """The public address; besides it, the one that this page has, which the browser itself holds to the host."""
    public = visit.service.settings.public_url
    here = f"{visit.request.url.scheme}://{visit.request.url.netloc}"
    return Site(urlsplit(public).hostname or "", (public.rstrip("/"), here), visit.service.settings.master_key)


@page(router, "POST /sign-in/passkey/question")
async def ask_for_passkey(visit: Visit) -> Response:
    """What the browser's authenticator is to sign."""
    return Response(passkeys.to_show(site_of(visit), visit.forms_token, visit.at), media_type=JSON)


@page(router, "POST /sign-in/passkey", takes=Answered, again=show_sign_in)
async def sign_in_with_passkey(visit: Visit, form: Answered) -> Response:
    """A key that its device used only after a fingerprint, a face or a PIN is both factors. Raises: PasskeyRefused."""
    number = passkeys.coalition_number_in(form.answer)
    if number is None:
        raise PasskeyRefused()
    try:
        coalition = await visit.service.coalition_numbered(number)
    except CoalitionNotFound:
        raise PasskeyRefused() from None

    def check() -> Post:
        whence = tries.neighbourhood(visit.address)
        if wait := tries.take(coalition, tries.PASSWORDS_OF_ADDRESS, whence, visit.at):
            raise TooManyTries(retry_after=wait)
        person_id = passkeys.person_by(
            coalition, site_of(visit), form.answer, browser=visit.forms_token, at=visit.at
        )  # fmt: skip
        person = find_person(coalition, person_id) if person_id else None
        posts = [post for post in posts_of(coalition, person.person_id) if post.role in PEOPLE] if person else []
        if person is None or person.left_at is not None or not posts:
            raise PasskeyRefused()
        return posts[0]

    return await signed_in(visit, coalition, await in_thread(check))


@page(router, "POST /confirm/passkey", who=PEOPLE, takes=Answered, again=show_confirm)
async def confirm_with_passkey(visit: Visit, form: Answered) -> Response:
    """For ten minutes dangerous acts go ahead. Raises: PasskeyRefused."""

    def check() -> None:
        found = passkeys.person_by(
            visit.coalition, site_of(visit), form.answer, browser=visit.forms_token, at=visit.at
        )  # fmt: skip
        if found != visit.person.person_id:
            raise PasskeyRefused()
        confirm(visit.coalition, visit.session.session_id, visit.at)

    await in_thread(check)
    return await go_on(visit)


async def show_first(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """A passkey, or a password with an authenticator."""
    totp = visit.fields.get("totp") or new_totp_secret()
    address = totp_address(totp, login=visit.fields.get("login") or visit.person.name, issuer="Pollen")
    return await visit.show(
        "account/first.html", problems=problems, totp=totp, totp_address=address, password_min=PASSWORD_MIN,
        next=visit.wanted("/account"), has_password=visit.person.password_hash is not None,
    )  # fmt: skip


@page(router, "GET /account/first", who=PEOPLE)
async def ask_first(visit: Visit) -> Response:
    """For those who came by a link and have no way of their own yet."""
    if not await in_thread(_may_choose, visit):
        return visit.go(f"/confirm?next={quote('/account/first')}")
    return visit.go("/account") if visit.person.password_hash else await show_first(visit)


@page(router, "POST /account/first", who=PEOPLE, takes=FirstPassword, again=show_first)
async def choose_first(visit: Visit, form: FirstPassword) -> Response:
    """From now on they sign in with it. Raises: SecondFactorRefused, LoginTaken."""
    if visit.person.password_hash is not None or not await in_thread(_may_choose, visit):
        return visit.go("/account")
    if form.login.casefold() in form.password.casefold():
        raise FieldProblem("password", N_("The password must not contain the name you sign in with."))
    step = totp_step(form.totp, form.second, visit.at)
    if step is None:
        raise SecondFactorRefused()

    def choose() -> list[str]:
        set_login(visit.coalition, visit.person, form.login, form.password)
        codes = set_totp(visit.coalition, visit.person.person_id, form.totp, step)
        confirm(visit.coalition, visit.session.session_id, visit.at)
        return codes

    codes = await in_thread(choose)
    return await visit.show("enrol/recovery_codes.html", codes=codes, home=visit.wanted("/account"))


@page(router, "POST /account/passkeys/question", who=PEOPLE)
async def ask_to_make(visit: Visit) -> Response:
    """What the browser's authenticator is to make; to those who just showed who they are."""
    if not await in_thread(_may_choose, visit):
        return JSONResponse({"go": f"/confirm?next={quote('/account')}"})
    options = await in_thread(
        passkeys.to_make, visit.coalition, site_of(visit), visit.person, visit.forms_token, visit.at
    )  # fmt: skip
    return Response(options, media_type=JSON)


@page(router, "POST /account/passkeys", who=PEOPLE, takes=Answered, again=show_first)
async def add_passkey(visit: Visit, form: Answered) -> Response:
    """One more. Raises: PasskeyRefused."""

    def add() -> None:
        label = browser_named(visit.request.headers.get("user-agent", ""))
        kept = _may_choose(visit) and passkeys.keep(
            visit.coalition, site_of(visit), visit.person, form.answer, browser=visit.forms_token, label=label,
            at=visit.at,
        )  # fmt: skip
        if not kept:
            raise PasskeyRefused()
        confirm(visit.coalition, visit.session.session_id, visit.at)

    await in_thread(add)
    return visit.go(visit.wanted("/account"))


@page(router, "POST /account/passkeys/remove", who=PEOPLE, takes=OnePasskey, again=show_account, fresh=True)
async def remove_passkey(visit: Visit, form: OnePasskey) -> Response:
    """It opens nothing any more. Raises: LastWayIn."""

    def remove() -> None:
        own = passkeys.passkeys_of(visit.coalition, visit.person.person_id)
        if visit.person.password_hash is None and len(own) < 2:
            raise LastWayIn()
        passkeys.remove(visit.coalition, visit.person.person_id, bytes.fromhex(form.passkey_id))

    await in_thread(remove)
    return visit.go("/account")


def _may_choose(visit: Visit) -> bool:
    """Who has no way in of their own can prove no more than their session; everybody else proves who they are."""
    return is_fresh(visit.session, visit.at) or not has_way_in(visit.coalition, visit.person)
