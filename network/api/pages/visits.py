"""One request for a page: who asks, in which language, and how a page, a part of it or a redirect goes back.

`page(router, "GET /people", who=(OWNER,))` declares one. A page for nobody in particular has no `who`. A form's page
names `takes` and `again`: what is typed wrongly, and what a command refuses, is shown on the same page with the reason.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeVar
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from network.access.people import Person, find_person
from network.access.secrets import forms_token
from network.access.sessions import Session, is_fresh, session_of
from network.api.auth import Caller
from network.api.errors import RequestRefused, status_of
from network.api.looking import looking
from network.api.pages import cookies, forms
from network.api.pages.forms import CSRF, FieldProblem, Form, Problems, checked, fields_of, upload_of
from network.api.pages.frame import Place, places_of
from network.api.pages.rendering import render
from network.api.pages.sentences import said
from network.api.pages.texts import Reader
from network.api.plain_route import PlainRoute
from network.api.service import Service
from network.api.threads import in_thread
from network.coalitions import OpenCoalition
from network.credentials import Credential
from network.domain.errors import CoalitionNotFound, Refusal
from network.languages import LANGUAGES, choose_for
from network.token import TokenRefused
from network.typed_code import TypedCodeRefused

ORGANIZER, OWNER, TILL = "organizer", "owner", "till"

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
CAMERA_POLICY: Final = POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")

F = TypeVar("F", bound=Form)
Handler = Callable[..., Awaitable[Response]]
_NEXT = re.compile(r"/(?:[A-Za-z0-9_.~-][A-Za-z0-9_.~/-]*)?(?:\?[A-Za-z0-9_.~=&%-]*)?")


class FormNotOurs(RequestRefused):
    """A form without this session's token: an old page, or another site's."""

    status = 403
    code = "form_not_ours"
    sentence = "This page was open too long. Open it again and repeat."


class NotYourPage(RequestRefused):
    """A page of another role."""

    status = 403
    code = "not_your_page"
    sentence = "This page is for somebody else."


@dataclass(frozen=True)
class Known:
    """Whose session it is. `person` None: a till without a cashier."""

    coalition: OpenCoalition
    session: Session
    secret: str
    person: Person | None


class Visit:
    """What a page works with."""

    def __init__(self, request: Request, service: Service, known: Known | None, reader: Reader) -> None:
        self.request = request
        self.service = service
        self.reader = reader
        self.fields: dict[str, str] = {}
        self.upload = b""
        self._known = known
        self._forms, self._keep_forms = ("", False)
        if known is None:
            self._forms, self._keep_forms = cookies.forms_secret(request, service.settings)

    @property
    def known(self) -> Known:
        """Who is signed in, on a page with roles."""
        assert self._known is not None, "a page for anybody knows nobody"
        return self._known

    @property
    def is_known(self) -> bool:
        """Whether somebody is signed in."""
        return self._known is not None

    @property
    def session(self) -> Session:
        """Their session."""
        return self.known.session

    @property
    def coalition(self) -> OpenCoalition:
        """Their coalition; there is no way to another one."""
        return self.known.coalition

    @property
    def person(self) -> Person:
        """The person who is signed in, or whose shift it is."""
        assert self.known.person is not None, "this page asks for a person"
        return self.known.person

    @property
    def role(self) -> str:
        """organizer, owner or till."""
        return self.session.role

    @property
    def subject_id(self) -> UUID:
        """The coalition (organizer) or the merchant (owner, till)."""
        return self.session.subject_id

    @property
    def at(self) -> datetime:
        """The server's time."""
        return self.service.now()

    @property
    def address(self) -> str:
        """Where the request comes from, for limits only; it is not logged."""
        return self.request.client.host if self.request.client else ""

    @property
    def caller(self) -> Caller:
        """The same caller that a credential of this role is: commands are stored under the same name."""
        session = self.session
        credential_id = session.credential_id or session.person_id or session.session_id
        credential = Credential(
            credential_id, session.role, session.subject_id, session.label, 0, session.created_at, None,
            session.person_id,
        )  # fmt: skip
        return Caller(self.coalition, credential, f"{session.role}:{session.subject_id}")

    def as_till(self, till_id: UUID) -> "Visit":
        """The same visit, acting for what this device was connected as before."""
        acting = copy(self)
        acting._known = replace(self.known, session=replace(self.session, credential_id=till_id))
        return acting

    @property
    def forms_token(self) -> str:
        """What this reader's forms carry."""
        return forms_token(self._known.secret if self._known else self._forms)

    @property
    def is_part(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    def gettext(self, text: str, **named: Any) -> str:
        """The text in the reader's language."""
        return self.reader.gettext(text, **named)

    def said(self, refusal: Refusal) -> str:
        """A refusal in plain words."""
        return said(refusal.code, refusal.facts, str(refusal), self.reader, self.at)

    @property
    def _places(self) -> Sequence[Place]:
        """Where they may go; a till where nobody is goes nowhere."""
        if self._known is None or (self._known.session.kind == cookies.TILL and self._known.person is None):
            return ()
        return places_of(self.role)

    async def show(
        self, template: str, *, status: int = 200, policy: str = POLICY, problems: Problems = forms.NONE, **facts: Any
    ) -> Response:
        """A whole page, or the part that htmx asked for if the template is one."""
        text = await in_thread(
            render,
            self.reader,
            template,
            csrf=self.forms_token,
            path=self.request.url.path,
            role=self._known.session.role if self._known else "",
            person_name=self._known.person.name if self._known and self._known.person else "",
            places=self._places,
            session=self._known.session if self._known else None,
            problems=problems,
            **facts,
        )
        answer = HTMLResponse(text, status_code=422 if problems and status == 200 else status)
        answer.headers["Content-Security-Policy"] = policy
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["Vary"] = "Cookie, Accept-Language, HX-Request"
        if self._keep_forms:
            cookies.keep(answer, self.service.settings, cookies.FORMS, self._forms)
        return answer

    def go(self, path: str) -> Response:
        """Send the browser to another page of ours."""
        if self.is_part:
            return Response(status_code=204, headers={"HX-Redirect": path})
        return RedirectResponse(path, 303)

    def wanted(self, default: str) -> str:
        """The page that somebody wanted before they had to sign in; only ever one of ours."""
        path = self.fields.get("next") or self.request.query_params.get("next", "")
        return path if leads_here(path) else default


def leads_here(path: str) -> bool:
    """Whether an address that a browser brought leads to a page of ours."""
    return _NEXT.fullmatch(path) is not None and not path.startswith("//")


@dataclass(frozen=True)
class Declared:
    """How one page is declared."""

    who: tuple[str, ...]
    takes: type[Form] | None
    again: Handler | None
    fresh: bool
    cashier: bool
    uploads: bool
    kind: str
    by_script: bool = False


def page(
    router: APIRouter,
    route: str,
    *,
    who: Sequence[str] = (),
    takes: type[Form] | None = None,
    again: Handler | None = None,
    fresh: bool = False,
    cashier: bool = True,
    uploads: bool = False,
    by_script: bool = False,
) -> Callable[[Handler], Handler]:
    """Declare a page. `fresh`: the person proves again who they are if they did not just do so. `cashier`: a till's
    page needs one. `uploads`: the form brings a file, as `visit.upload`. `by_script`: a script asks by itself, which is
    no use of the session. `again(visit, problems)`: renders the form's page with what is wrong.
    """
    method, _, path = route.partition(" ")
    kind = cookies.TILL if TILL in who else cookies.PERSON
    declared = Declared(tuple(who), takes, again, fresh, cashier, uploads, kind, by_script)

    def declare(handler: Handler) -> Handler:
        async def endpoint(request: Request) -> Response:
            return await _answer(request, declared, handler)

        endpoint.__name__ = handler.__name__
        endpoint.__doc__ = handler.__doc__
        endpoint.page = declared  # type: ignore[attr-defined]
        router.add_api_route(
            path,
            endpoint,
            methods=[method],
            response_model=None,
            include_in_schema=False,
            route_class_override=PlainRoute,
        )
        return handler

    return declare


async def visit_of(request: Request, kind: str = cookies.PERSON, *, is_use: bool = True) -> Visit:
    """Who asks, by the cookie of this kind."""
    service: Service = request.app.state.service
    known = await _known(request, service, kind, is_use)
    language = _language(request, service)
    if known is None:
        return Visit(request, service, None, Reader(language))
    zone, currency = await in_thread(_of_coalition, known.coalition, service.now())
    return Visit(request, service, known, Reader(language, zone, currency))


async def _answer(request: Request, declared: Declared, handler: Handler) -> Response:
    visit = await visit_of(request, declared.kind, is_use=not declared.by_script)
    try:
        return await _handled(visit, declared, handler)
    except FieldProblem as problem:
        return await _again(visit, declared, forms.again(forms.NONE, problem, visit.reader, visit.fields))
    except Refusal as refusal:
        return await _refused(visit, declared, refusal)
    except (TokenRefused, TypedCodeRefused) as refusal:
        sentence = said(refusal.code, {}, refusal.detail, visit.reader, visit.at)
        return await _again(visit, declared, Problems(visit.fields, {}, sentence))


async def _handled(visit: Visit, declared: Declared, handler: Handler) -> Response:
    # Before the body is read: a stranger's is not worth reading, and a page that says what is wrong is for these only.
    if declared.who and (elsewhere := _elsewhere(visit, declared)) is not None:
        return elsewhere
    if visit.request.method == "POST":
        if declared.uploads:
            visit.fields, visit.upload = await upload_of(visit.request)
        else:
            visit.fields = await fields_of(visit.request)
        _must_be_ours(visit)
    if declared.fresh and not is_fresh(visit.session, visit.at):
        from network.api.pages.confirming import interrupted  # noqa: PLC0415 - a page like every other

        return await interrupted(visit)
    if declared.takes is None:
        return await handler(visit)
    form = checked(declared.takes, visit.fields, visit.reader)
    return await (_again(visit, declared, form) if isinstance(form, Problems) else handler(visit, form))


def _elsewhere(visit: Visit, declared: Declared) -> Response | None:
    """Where somebody has to go before they may see this. Raises: NotYourPage."""
    here = visit.request.url.path
    if not visit.is_known:
        return visit.go("/enrol" if declared.kind == cookies.TILL else f"/sign-in?next={quote(here)}")
    if visit.session.stage == "second":
        return visit.go("/sign-in/second")
    if visit.role not in declared.who:
        raise NotYourPage()
    if declared.kind == cookies.TILL and declared.cashier and visit.known.person is None:
        return visit.go(f"/till/pin?next={quote(here)}")
    return None


def _must_be_ours(visit: Visit) -> None:
    """Raises: FormNotOurs."""
    sent = visit.request.headers.get("x-csrf-token") or visit.fields.get(CSRF, "")
    secret = visit.known.secret if visit.is_known else visit._forms
    if not cookies.is_ours(visit.request, secret, sent, visit.service.settings.public_url):
        raise FormNotOurs()


async def _again(visit: Visit, declared: Declared, problems: Problems) -> Response:
    if declared.again is not None:
        return await declared.again(visit, problems)
    return await visit.show(
        "refused.html", status=422, sentence=problems.sentence or " ".join(problems.fields.values())
    )


async def _refused(visit: Visit, declared: Declared, refusal: Refusal) -> Response:
    sentence = visit.said(refusal)
    if declared.again is not None and not isinstance(refusal, FormNotOurs | NotYourPage):
        return await declared.again(visit, Problems(visit.fields, {}, sentence))
    return await visit.show("refused.html", status=status_of(type(refusal)), sentence=sentence)


async def _known(request: Request, service: Service, kind: str, is_use: bool) -> Known | None:
    found = cookies.parted(cookies.read(request, service.settings, kind))
    if found is None:
        return None
    try:
        coalition = await service.coalition_named(found[0])
    except CoalitionNotFound:
        return None
    return await in_thread(_session, coalition, found[1], kind, service.now(), is_use)


def _session(coalition: OpenCoalition, secret: str, kind: str, at: datetime, is_use: bool) -> Known | None:
    session = session_of(coalition, secret, at, is_use=is_use)
    if session is None or session.kind != kind:
        return None
    person = find_person(coalition, session.person_id) if session.person_id else None
    if person is not None and person.left_at is not None:
        return None
    return Known(coalition, session, secret, person)


def _language(request: Request, service: Service) -> str:
    kept = cookies.read(request, service.settings, cookies.LANGUAGE)
    return kept if kept in LANGUAGES else choose_for(request.headers.get("accept-language", ""))


_facts: dict[str, tuple[str, str]] = {}


def _of_coalition(coalition: OpenCoalition, at: datetime) -> tuple[str, str]:
    """Its clock and its money, which never change."""
    if coalition.schema not in _facts:
        with looking(coalition, at) as unit:
            _facts[coalition.schema] = (unit.coalition.time_zone, unit.coalition.currency)
    return _facts[coalition.schema]
