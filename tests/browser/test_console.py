"""The organizer's console in a real browser: a month closed on pages alone, live parts, waiting, and every page."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pyotp
import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from network.cli.browser import find_browser
from tests.api.street import Server, Street, an_id, serving
from tests.banking.world import iban_of
from tests.browser.till import code_of, device, double_texts, is_too_wide, problems
from tests.settlement.banks import row, table
from tests.support import HandClock

pytestmark = pytest.mark.browser
HOME = "/console/settlement"
ONE = f"{HOME}/windows/1"
PAGES = (
    "/console", "/console/partners", "/console/agreements", "/console/limits", "/console/flows", "/console/effect",
    "/console/exports", "/console/log", "/console/health", "/people", HOME, ONE, f"{HOME}/windows/2",
    f"{HOME}/payments", f"{HOME}/disputes", f"{HOME}/defaults", f"{HOME}/defaults/drill",
)  # fmt: skip
POLLED_MS = 6_000


@pytest.fixture(scope="module")
def clock() -> HandClock:
    return HandClock(datetime.now(UTC))


@pytest.fixture(scope="module")
def server(module_database_url: str, clock: HandClock) -> Iterator[Server]:
    with serving(module_database_url, clock=clock) as running:
        yield running


@pytest.fixture(scope="module")
def street(server: Server) -> Iterator[Street]:
    founded = Street.found(server, "street")
    for number, shop in enumerate((founded.salon, founded.restaurant), 11):
        details = {"iban": iban_of(number), "bic": "HABALV22"}
        founded.done("PUT", f"/v1/bank-details/{shop.id}", shop.owner, details)
    founded.done("POST", "/v1/redemptions", founded.restaurant.till, founded.redeeming(token=founded.paper()["token"]))
    yield founded
    founded.http.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        yield running
        running.close()


PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def totp() -> list[str]:
    """The secret of Olga's authenticator, once she has enrolled."""
    return []


@pytest.fixture(scope="module")
def organizer(browser: Browser, street: Street, clock: HandClock, totp: list[str]) -> Iterator[Page]:
    """Olga, who enrolled in this browser. Its timers can be moved on."""
    with device(browser) as page:
        coalition = street.server.app.state.service.coalitions.open(street.slug)
        page.clock.install()
        page.goto(f"{street.server.url}/enrol#{code_of(street, 'person', 'organizer', str(coalition.coalition_id))}")
        totp.append(page.locator("[name=totp]").get_attribute("value") or "")
        page.locator("[name=name]").fill("Olga")
        page.locator("[name=login]").fill("olga")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=second]").fill(pyotp.TOTP(totp[0]).at(clock.now))
        page.locator("main form button").first.click()
        page.goto(f"{street.server.url}/console")
        expect(page.get_by_role("heading", name="The street")).to_be_visible()
        page.on("dialog", lambda dialog: dialog.accept())
        yield page


def step(page: Page) -> str:
    return page.locator(".steps [aria-current=step]").inner_text()


def test_an_organizer_closes_a_month_on_pages_alone(organizer: Page, street: Street, tmp_path: Path) -> None:
    organizer.goto(street.server.url + HOME)
    organizer.get_by_role("link", name="Look, or end it").click()
    assert problems(organizer) == []
    organizer.get_by_role("button", name="End window 1 now").click()
    organizer.get_by_role("button", name="Write the statements").click()
    expect(organizer.get_by_text("Has said nothing yet")).to_be_visible()
    assert problems(organizer) == []

    for shop in (street.salon, street.restaurant):
        street.done("POST", "/v1/windows/1/consent", shop.owner)
    organizer.clock.run_for(POLLED_MS)  # nobody reloads the page
    organizer.get_by_role("button", name="Ask for the payments").click()
    organizer.get_by_role("link", name="Load what banks answer").click()
    expect(organizer.get_by_text("salon → restaurant")).to_be_visible()
    assert problems(organizer) == []

    reference = street.done("GET", "/v1/windows/1/payouts", street.organizer)["payouts"][0]["end_to_end_id"]
    answer = tmp_path / "answer.csv"
    answer.write_bytes(b"this is no bank's file")
    organizer.get_by_label("The bank's file").set_input_files(answer)
    organizer.get_by_role("button", name="Load it").click()
    expect(organizer.get_by_role("alert")).to_contain_text("Nothing was changed")
    answer.write_bytes(table(row(iban_of(12), "5.00", reference)))
    organizer.get_by_label("The bank's file").set_input_files(answer)
    organizer.get_by_role("button", name="Load it").click()
    expect(organizer.get_by_text("paid in full: €5.00")).to_be_visible()
    assert problems(organizer) == []

    organizer.goto(street.server.url + ONE)
    assert step(organizer) == "settled"
    organizer.get_by_role("link", name="restaurant").click()
    expect(organizer.get_by_role("heading", name="Gets €5.00")).to_be_visible()
    assert problems(organizer) == []


@pytest.fixture(scope="module")
def closed(street: Street) -> None:
    """Window 1 is stated: by the month above, or here when that runs in another process."""
    if not street.done("GET", "/v1/windows", street.organizer)["windows"]:
        street.done("POST", "/v1/windows/1/cut", street.organizer, {})
        street.done("POST", "/v1/windows/1/statement", street.organizer)
        street.done("GET", "/v1/windows", street.organizer, headers={"Pollen-Position": str(street.position)})


@pytest.mark.usefixtures("closed")
def test_what_takes_longer_than_a_moment_says_so(organizer: Page, street: Street) -> None:
    def slowly(route: Route) -> None:
        time.sleep(0.2)
        route.continue_()

    organizer.goto(street.server.url + ONE)
    organizer.route("**/archive", slowly)
    with organizer.expect_download() as saving:
        organizer.get_by_role("link", name="Save all of it").click()
        organizer.clock.run_for(500)
        expect(organizer.get_by_text("One moment…")).to_be_visible()

    assert saving.value.suggested_filename == "window-1-all.zip"
    assert ZipFile(saving.value.path()).testzip() is None
    expect(organizer.get_by_text("One moment…")).to_be_hidden()
    organizer.unroute("**/archive")


@pytest.mark.usefixtures("closed")
def test_a_live_part_leaves_alone_what_somebody_types(organizer: Page, street: Street) -> None:
    organizer.goto(f"{street.server.url}{HOME}/windows/2")
    organizer.get_by_text("How it is settled").click()
    organizer.get_by_label("Smallest payment").fill("7.50")
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=street.paper()["token"]))
    street.done("GET", "/v1/netting", street.organizer, headers={"Pollen-Position": str(street.position)})
    organizer.clock.run_for(POLLED_MS)
    assert organizer.get_by_label("Smallest payment").input_value() == "7.50"

    organizer.goto(f"{street.server.url}{HOME}/windows/2")
    expect(organizer.get_by_role("cell", name="gets €5.00")).to_be_visible()


def test_a_second_organizer_sees_and_confirms_a_raise_and_is_asked_who_she_is(
    organizer: Page, street: Street, clock: HandClock, totp: list[str]
) -> None:
    scope = f"debtor:{street.salon.id}"
    street.done("PUT", "/v1/caps", street.organizer, {"scope": scope, "limit": 2_000, "reason": "a beginning"})
    organizer.goto(f"{street.server.url}/console/limits")
    organizer.get_by_label("On what").select_option("customer")
    expect(organizer.get_by_label("Shop", exact=True)).to_be_hidden()
    organizer.get_by_label("On what").select_option("debtor")
    asked = {"raise_id": an_id(), "scope": scope, "limit": 90_000, "reason": "trust"}
    street.done("POST", "/v1/caps/raises", street.second_organizer, asked)

    organizer.clock.run_for(POLLED_MS)
    clock.move(minutes=11)
    organizer.get_by_role("button", name="Confirm").click()
    assert problems(organizer) == []
    organizer.get_by_label("Password").fill(PASSWORD)
    organizer.get_by_label("Code from the authenticator").fill(pyotp.TOTP(totp[0]).at(clock.now))
    organizer.get_by_role("button", name="Continue").click()  # and nobody presses Confirm again

    expect(organizer.get_by_role("row", name="What salon owes in all")).to_contain_text("€900.00")
    assert problems(organizer) == []


def look(organizer: Page, street: Street, language: str, width: int) -> None:
    organizer.set_viewport_size({"width": width, "height": 800})
    organizer.goto(f"{street.server.url}/people")
    organizer.locator(f".languages [lang={language}]").click()
    for path in PAGES:
        organizer.goto(street.server.url + path)
        assert organizer.locator("html").get_attribute("lang") == language
        assert problems(organizer) == [], path
        double_texts(organizer)
        assert not is_too_wide(organizer), path
    organizer.locator(".languages [lang=en]").click()
    organizer.set_viewport_size({"width": 360, "height": 740})


@pytest.mark.usefixtures("closed")
def test_every_page_fits_a_phone_and_can_be_read_by_all(organizer: Page, street: Street) -> None:
    look(organizer, street, "ru", 360)


@pytest.mark.slow
@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize(("language", "width"), [("en", 360), ("lv", 360), ("en", 1280), ("ru", 1280), ("lv", 1280)])
def test_every_page_in_every_language_and_width(organizer: Page, street: Street, language: str, width: int) -> None:
    look(organizer, street, language, width)


@pytest.mark.usefixtures("closed")
def test_a_long_file_of_a_bank_says_how_far_it_is(organizer: Page, street: Street, tmp_path: Path) -> None:
    answer = tmp_path / "long.csv"
    answer.write_bytes(table(*(row(iban_of(12), "5.00", bank=f"L-{line}") for line in range(8_000))))
    organizer.goto(f"{street.server.url}{HOME}/payments")
    organizer.get_by_label("The bank's file").set_input_files(answer)

    organizer.get_by_role("button", name="Load it").click()
    organizer.clock.run_for(1_000)

    share = organizer.locator("#busy progress[value]")
    expect(share).to_be_visible()
    assert 0 < float(share.get_attribute("value") or 0) <= 1
    expect(organizer.get_by_role("heading", name="The file was loaded")).to_be_visible(timeout=30_000)
    expect(organizer.locator("#busy")).to_be_hidden()
