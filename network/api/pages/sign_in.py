"""Signing in: a password, then the second factor; signing out."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import StringConstraints

from network.access import tries
from network.access.people import Person, Post, person_of_login, posts_of, use_recovery_code, use_totp_step
from network.access.secrets import password_is, totp_step
from network.access.sessions import begin, end_session
from network.api.errors import RequestRefused, TooManyTries
from network.api.pages import cookies, forms
from network.api.pages.forms import Form, Line, Problems
from network.api.pages.frame import HOMES
from network.api.pages.visits import ORGANIZER, OWNER, Visit, page
from network.api.threads import in_thread
from network.coalitions import OpenCoalition
from network.domain.errors import CoalitionNotFound

router = APIRouter()
PEOPLE = (ORGANIZER, OWNER)
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SignInRefused(RequestRefused):
    """The login or the password is wrong; never which."""

    status = 422
    code = "sign_in_refused"
    sentence = "This name and password do not fit together."


class SecondFactorRefused(RequestRefused):
    """The code is wrong, too old, or used already."""

    status = 422
    code = "second_factor_refused"
    sentence = "This code is not right, or was used already. Wait for the next one."


class SigningIn(Form):
    """`slug`: the coalition, asked for where there is more than one."""

    slug: Line
    login: Line
    password: Secret


class SecondFactor(Form):
    """Six digits of the authenticator, or a recovery code."""

    code: Line


async def show_sign_in(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """The form; with one coalition nobody is asked which."""
    entries = await in_thread(visit.service.coalitions.directory.all)
    only = entries[0].slug if len(entries) == 1 else ""
    return await visit.show("sign_in.html", problems=problems, only=only, next=visit.wanted(""))


@page(router, "GET /sign-in")
async def ask_to_sign_in(visit: Visit) -> Response:
    """Somebody who is signed in already goes on."""
    if visit.is_known and visit.session.stage == "full":
        return visit.go(visit.wanted(HOMES[visit.role]))
    return await show_sign_in(visit)


@page(router, "POST /sign-in", takes=SigningIn, again=show_sign_in)
async def sign_in(visit: Visit, form: SigningIn) -> Response:
    """A right password leads to the second factor. Raises: SignInRefused, TooManyTries."""
    try:
        coalition = await visit.service.coalition_named(form.slug.lower())
    except CoalitionNotFound:
        raise SignInRefused() from None
    person, post = await in_thread(_right_password, visit, coalition, form)
    if person.totp_secret is None:
        raise SignInRefused()  # an account is complete with its second factor; until then its invitation is the way in
    return await signed_in(visit, coalition, post, stage="second")


async def show_second(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """The form for the second factor."""
    return await visit.show("second_factor.html", problems=problems, next=visit.wanted(""))


@page(router, "GET /sign-in/second")
async def ask_second(visit: Visit) -> Response:
    """For five minutes after the password."""
    if not visit.is_known or visit.session.stage != "second":
        return visit.go("/sign-in")
    return await show_second(visit)


@page(router, "POST /sign-in/second", takes=SecondFactor, again=show_second)
async def check_second(visit: Visit, form: SecondFactor) -> Response:
    """A right code begins a new session; the half one ends. Raises: SecondFactorRefused, TooManyTries."""
    if not visit.is_known or visit.session.stage != "second":
        return visit.go("/sign-in")
    await in_thread(must_be_second, visit, form.code)
    await in_thread(end_session, visit.coalition, visit.session.session_id, visit.at)
    post = Post(visit.person.person_id, visit.role, visit.subject_id)
    return await signed_in(visit, visit.coalition, post)


@page(router, "POST /sign-out")
async def sign_out(visit: Visit) -> Response:
    """The session ends here and in the database."""
    if visit.is_known:
        await in_thread(end_session, visit.coalition, visit.session.session_id, visit.at)
    answer = visit.go("/")
    cookies.drop(answer, visit.service.settings, cookies.PERSON)
    return answer


async def signed_in(visit: Visit, coalition: OpenCoalition, post: Post, *, stage: str = "full") -> Response:
    """A new session with a new secret, whatever cookie the browser came with; then the page that was wanted."""
    label = browser_named(visit.request.headers.get("user-agent", ""))
    secret = await in_thread(begin, coalition, post, label=label, at=visit.at, stage=stage)
    wanted = visit.wanted("")
    second = f"/sign-in/second?next={quote(wanted)}" if wanted else "/sign-in/second"
    answer = visit.go(second if stage == "second" else wanted or HOMES[post.role])
    cookies.keep(answer, visit.service.settings, cookies.PERSON, cookies.joined(coalition.entry.slug, secret))
    cookies.drop(answer, visit.service.settings, cookies.FORMS)
    return answer


def browser_named(agent: str) -> str:
    """A browser as its owner knows it: "Firefox, Windows". Empty when it says nothing we know."""
    browsers = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
    systems = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS": "Mac",
               "Linux": "Linux"}  # fmt: skip
    found = [next((name for sign, name in names.items() if sign in agent), "") for names in (browsers, systems)]
    return ", ".join(name for name in found if name)


def _right_password(visit: Visit, coalition: OpenCoalition, form: SigningIn) -> tuple[Person, Post]:
    who = form.login.casefold()
    whence = tries.neighbourhood(visit.address)
    take(visit, coalition, tries.PASSWORDS_OF_ADDRESS, whence)
    take(visit, coalition, tries.PASSWORDS, f"{whence} {who}")
    take(visit, coalition, tries.PASSWORDS_OF_LOGIN, who)  # last: who has no room left above fills no room here
    person = person_of_login(coalition, form.login)
    right = password_is(form.password, person.password_hash if person else None)
    if person is None or not right:
        raise SignInRefused()
    tries.forget(coalition, tries.PASSWORDS, f"{whence} {who}")
    tries.forget_old(coalition, visit.at)
    posts = [post for post in posts_of(coalition, person.person_id) if post.role in PEOPLE]
    if not posts:
        raise SignInRefused()
    return person, posts[0]


def must_be_second(visit: Visit, typed: str) -> None:
    """The second factor of the person who is here. Raises: SecondFactorRefused, TooManyTries."""
    coalition, person = visit.coalition, visit.person
    take(visit, coalition, tries.SECOND_FACTORS, str(person.person_id))
    if not second_factor_is_right(coalition, person, typed, visit):
        raise SecondFactorRefused()
    tries.forget(coalition, tries.SECOND_FACTORS, str(person.person_id))


def second_factor_is_right(coalition: OpenCoalition, person: Person, typed: str, visit: Visit) -> bool:
    """Whether it is the authenticator's code or a recovery code, which is used up by this."""
    step = totp_step(person.totp_secret, typed, visit.at, after=person.totp_step) if person.totp_secret else None
    if step is not None and use_totp_step(coalition, person.person_id, step):
        return True
    return use_recovery_code(coalition, person.person_id, typed, visit.at)


def take(visit: Visit, coalition: OpenCoalition, room: tries.Room, who: str) -> None:
    """One try more in this room. Raises: TooManyTries."""
    if wait := tries.take(coalition, room, who, visit.at):
        raise TooManyTries(retry_after=wait)
