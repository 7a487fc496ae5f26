"""A passkey in a real browser, kept by Chromium's own virtual authenticator."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from playwright.sync_api import CDPSession, Page, expect, sync_playwright

from network.access import invitations
from network.access.people import add_person
from network.cli.browser import find_browser
from tests.api.street import Server, Street, serving
from tests.browser.till import problems
from tests.support import HandClock

pytestmark = pytest.mark.browser
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def clock() -> HandClock:
    return HandClock(datetime.now(UTC))


@pytest.fixture(scope="module")
def street(module_database_url: str, clock: HandClock) -> Iterator[Street]:
    with serving(module_database_url, clock=clock) as running:
        founded = Street.found(running, "street")
        yield founded
        founded.http.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        yield browser.new_page(locale="en-GB")
        browser.close()


@pytest.fixture(scope="module")
def authenticator(chromium: Page) -> tuple[CDPSession, str]:
    session = chromium.context.new_cdp_session(chromium)
    session.send("WebAuthn.enable")
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]


def host(server: Server) -> str:
    """A passkey belongs to a name, never to a number."""
    return server.url.replace("127.0.0.1", "localhost")


def came_by_link(street: Street, clock: HandClock, name: str) -> str:
    """The link of an owner who has no way to sign in yet."""
    coalition = street.server.app.state.service.coalitions.open(street.slug)
    subject_id = UUID(street.salon.id)
    person = add_person(coalition, name=name, post=("owner", subject_id), at=clock.now)
    code = invitations.invite(
        coalition, kind=invitations.ENTRY, role="owner", subject_id=subject_id, label=name, at=clock.now,
        person_id=person.person_id,
    )  # fmt: skip
    return f"{host(street.server)}/enrol#{code}"


def test_who_came_by_a_link_adds_a_passkey_and_signs_in_with_it_alone(
    street: Street, clock: HandClock, chromium: Page, authenticator: tuple[CDPSession, str]
) -> None:
    page, base = chromium, host(street.server)
    page.goto(came_by_link(street, clock, "Olga"))
    page.wait_for_url("**/shop")
    clock.move(minutes=11)
    page.goto(f"{base}/confirm?next=/account")
    expect(page.get_by_role("heading", name="How I sign in")).to_be_visible()
    assert problems(page) == []
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url(f"{base}/account")
    expect(page.get_by_text("last used")).to_be_visible()
    assert problems(page) == []
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("This is your only way to sign in.")).to_be_visible()

    page.goto(f"{base}/account")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.goto(f"{base}/sign-in")
    assert problems(page) == []
    page.get_by_role("button", name="Sign in with a passkey").click()

    page.wait_for_url("**/shop")
    clock.move(minutes=11)
    page.goto(f"{base}/confirm?next=/account")
    page.get_by_role("button", name="Show it with a passkey").click()
    page.wait_for_url(f"{base}/account")  # and not an address that names it


def test_a_finger_that_is_not_known_and_an_answer_that_is_sent_again_open_nothing(
    street: Street, clock: HandClock, chromium: Page, authenticator: tuple[CDPSession, str]
) -> None:
    page, base, (session, device) = chromium, host(street.server), authenticator
    page.goto(came_by_link(street, clock, "Vera"))
    page.wait_for_url("**/shop")
    page.goto(f"{base}/account/first")
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url(f"{base}/account")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.post_data or "") if one.url.endswith("/sign-in/passkey") else None)

    page.context.clear_cookies()
    page.goto(f"{base}/sign-in")
    forms = page.context.cookies()
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("The device did not answer.")).to_be_visible()
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/shop")

    page.context.clear_cookies()
    page.context.add_cookies(forms)  # type: ignore[arg-type]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    replayed = page.request.post(f"{base}/sign-in/passkey", data=sent[-1], headers=headers)
    assert "This passkey did not work" in replayed.text()
    page.goto(f"{base}/shop")
    page.wait_for_url("**/sign-in**")


def test_a_question_too_old_is_not_answered(
    street: Street, clock: HandClock, chromium: Page, authenticator: tuple[CDPSession, str]
) -> None:
    page, base = chromium, host(street.server)
    page.context.clear_cookies()
    page.goto(f"{base}/sign-in")

    def wait(route: object) -> None:
        clock.move(minutes=6)
        route.continue_()  # type: ignore[attr-defined]

    page.route("**/sign-in/passkey", wait)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This passkey did not work.")).to_be_visible()
    page.unroute("**/sign-in/passkey")
