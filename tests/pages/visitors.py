"""Somebody with a browser that runs no script: follows forms as they stand in the page."""

import re
import time
from dataclasses import dataclass, field
from html import unescape
from uuid import UUID

import httpx
import pyotp

from network.access import invitations
from network.coalitions import OpenCoalition
from tests.api.street import Street
from tests.support import HandClock

PASSWORD = "correct horse battery staple"


@dataclass
class Visitor:
    street: Street
    clock: HandClock
    http: httpx.Client = field(init=False)
    totp: str = ""
    invitation: str = ""
    recovery_codes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.http = self.street.server.client()

    @property
    def coalition(self) -> OpenCoalition:
        service = self.street.server.app.state.service
        return service.coalitions.open(self.street.slug)  # type: ignore[no-any-return]

    def get(self, path: str, **options: object) -> httpx.Response:
        return self.http.get(path, **options)  # type: ignore[arg-type]

    def sees(self, path: str, words: str) -> bool:
        """Whether a page says so, once the views have come as far as what was done elsewhere."""
        deadline = time.monotonic() + 20
        while not (found := words in self.get(path).text) and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    def token(self, path: str = "/sign-in") -> str:
        """The forms' token of a page."""
        return token_in(self.get(path).text)

    def send(self, path: str, form: dict[str, str], *, on: str | None = None, **headers: str) -> httpx.Response:
        """Post a form as the page `on` would."""
        sent = {"csrf": self.token(on or "/sign-in"), **form}
        return self.http.post(path, data=sent, headers=headers)

    def invited(self, kind: str, role: str, subject_id: str, person_id: UUID | None = None) -> str:
        return invitations.invite(
            self.coalition, kind=kind, role=role, subject_id=UUID(subject_id), label="Anna", at=self.clock.now,
            person_id=person_id,
        )  # fmt: skip

    def enrol(self, role: str, subject_id: str, login: str) -> httpx.Response:
        """Become a person with a password and a second factor; signed in afterwards."""
        code = self.invitation = self.invited("person", role, subject_id)
        page = self.send("/enrol", {"code": code}, on="/enrol")
        self.totp = re.search(r'name="totp" value="([A-Z2-7]+)"', page.text)[1]  # type: ignore[index]
        form = {
            "csrf": token_in(page.text), "code": code, "totp": self.totp, "name": login.title(), "login": login,
            "password": PASSWORD, "second": self.code(),
        }  # fmt: skip
        answer = self.http.post("/enrol/person", data=form)
        self.recovery_codes = re.findall(r"<li>([0-9A-Z]{5}-[0-9A-Z]{5})</li>", answer.text)
        return answer

    def sign_in(self, login: str, password: str = PASSWORD) -> httpx.Response:
        """The first step."""
        form = {"slug": self.street.slug, "login": login, "password": password}
        return self.send("/sign-in", form, on="/sign-in")

    def second(self, code: str) -> httpx.Response:
        """The second step."""
        return self.send("/sign-in/second", {"code": code}, on="/sign-in/second")

    def come_back(self, login: str) -> None:
        """Sign in on a new day, with a code that nobody used yet."""
        self.http.cookies.clear()
        self.clock.move(seconds=90)
        assert self.sign_in(login).headers["location"] == "/sign-in/second"
        assert self.second(self.code()).headers["location"] == "/shop"

    def code(self) -> str:
        """What the authenticator shows now."""
        return pyotp.TOTP(self.totp).at(self.clock.now)

    def cookie(self, name: str = "person") -> str:
        return self.http.cookies.get(f"pollen-{name}", domain="127.0.0.1") or ""

    def come_with(self, value: str, name: str = "person") -> None:
        """Bring a cookie of somebody's choice."""
        self.http.cookies.set(f"pollen-{name}", value, domain="127.0.0.1", path="/")


def token_in(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None, page
    return unescape(found[1])
