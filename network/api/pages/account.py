"""One's own account: the password, the second factor, where one is signed in."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import StringConstraints

from network.access.passkeys import passkeys_of
from network.access.people import set_password, set_totp
from network.access.secrets import PASSWORD_MIN, new_totp_secret, totp_address, totp_step
from network.access.sessions import end_session, end_sessions_of, sessions_of
from network.api.pages import cookies, forms
from network.api.pages.enrol import Password
from network.api.pages.forms import Form, Line, Problems
from network.api.pages.sign_in import PEOPLE, SecondFactorRefused
from network.api.pages.visits import Visit, page
from network.api.threads import in_thread

router = APIRouter()


class NewPassword(Form):
    """The new one; the old one was asked for on the page before."""

    new_password: Password


class NewSecondFactor(Form):
    """The secret that the page showed, and its code."""

    totp: Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{32}$")]
    second: Line


class OneSession(Form):
    """Which session."""

    session_id: UUID


@page(router, "GET /account", who=PEOPLE)
async def show_account(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """The list of sessions, and what can be changed."""
    sessions = await in_thread(sessions_of, visit.coalition, visit.person.person_id, visit.at)
    keys = await in_thread(passkeys_of, visit.coalition, visit.person.person_id)
    return await visit.show(
        "account.html", problems=problems, sessions=sessions, passkeys=keys, this=visit.session.session_id,
        login=visit.person.login,
    )  # fmt: skip


@page(router, "POST /account/sessions/end", who=PEOPLE, takes=OneSession, again=show_account)
async def end_one(visit: Visit, form: OneSession) -> Response:
    """Sign out somewhere else; only of one's own sessions."""

    def end() -> None:
        own = {one.session_id for one in sessions_of(visit.coalition, visit.person.person_id, visit.at)}
        if form.session_id in own:
            end_session(visit.coalition, form.session_id, visit.at)

    await in_thread(end)
    return visit.go("/account")


@page(router, "POST /account/sessions/end-all", who=PEOPLE)
async def end_all(visit: Visit) -> Response:
    """Sign out everywhere, here too."""
    await in_thread(end_sessions_of, visit.coalition, visit.person.person_id, visit.at)
    answer = visit.go("/sign-in")
    cookies.drop(answer, visit.service.settings, cookies.PERSON)
    return answer


async def show_new_password(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """The form."""
    return await visit.show("account/password.html", problems=problems, password_min=PASSWORD_MIN)


@page(router, "GET /account/password", who=PEOPLE, fresh=True)
async def ask_new_password(visit: Visit) -> Response:
    """After the person proved who they are."""
    return await show_new_password(visit) if visit.person.login else visit.go("/account/first")


@page(router, "POST /account/password", who=PEOPLE, takes=NewPassword, again=show_new_password, fresh=True)
async def change_password(visit: Visit, form: NewPassword) -> Response:
    """Every other session ends."""
    if visit.person.login is None:
        return visit.go("/account/first")

    def change() -> None:
        set_password(visit.coalition, visit.person.person_id, form.new_password)
        end_sessions_of(visit.coalition, visit.person.person_id, visit.at, but=visit.session.session_id)

    await in_thread(change)
    return visit.go("/account")


async def show_new_second(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """A new secret to scan."""
    totp = visit.fields.get("totp") or new_totp_secret()
    address = totp_address(totp, login=visit.person.login or "", issuer="Pollen")
    return await visit.show("account/second_factor.html", problems=problems, totp=totp, totp_address=address)


@page(router, "GET /account/second-factor", who=PEOPLE, fresh=True)
async def ask_new_second(visit: Visit) -> Response:
    """After the person proved who they are."""
    return await show_new_second(visit) if visit.person.login else visit.go("/account/first")


@page(router, "POST /account/second-factor", who=PEOPLE, takes=NewSecondFactor, again=show_new_second, fresh=True)
async def change_second(visit: Visit, form: NewSecondFactor) -> Response:
    """The old authenticator and the old recovery codes no longer count. Raises: SecondFactorRefused."""
    if visit.person.login is None:
        return visit.go("/account/first")
    step = totp_step(form.totp, form.second, visit.at)
    if step is None:
        raise SecondFactorRefused()
    codes = await in_thread(set_totp, visit.coalition, visit.person.person_id, form.totp, step)
    return await visit.show("enrol/recovery_codes.html", codes=codes, home="/account")
