"""The owner's pages in a real browser: sign in, offer terms with an example, and every page as people see it."""

from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from network.cli.browser import find_browser
from tests.api.street import TERMS, Server, Shop, Street, an_id
from tests.browser.till import code_of, device, double_texts, is_too_wide, problems

pytestmark = pytest.mark.browser
PATHS = (
    "/shop",
    "/shop/agreements",
    "/shop/agreements/new",
    "/shop/certificates",
    "/shop/money",
    "/shop/money/1",
    "/shop/money/limits",
    "/tills",
    "/tills/offline",
    "/account",
    "/shop/effect",
    "/shop/effect/draw",
    "/shop/profile",
    "/shop/profile/programs",
)


@pytest.fixture(scope="module")
def street(server: Server) -> Iterator[Street]:
    founded = Street.found(server, "street")
    yield founded
    founded.http.close()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    running = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
    yield running
    running.close()


@pytest.fixture(scope="module")
def owner(browser: Browser, street: Street) -> Iterator[Page]:
    """The salon's owner, who enrolled in this browser."""
    with device(browser) as page:
        enrol(page, street, street.salon, "Anna")
        yield page


def enrol(page: Page, street: Street, shop: Shop, name: str) -> None:
    """Make somebody this shop's owner, and open their first page."""
    page.goto(f"{street.server.url}/enrol#{code_of(street, 'person', 'owner', shop.id)}")
    totp = page.locator("[name=totp]").get_attribute("value") or ""
    page.locator("[name=name]").fill(name)
    page.locator("[name=login]").fill(name.lower())
    page.locator("[name=password]").fill("correct horse battery staple")
    page.locator("[name=second]").fill(pyotp.TOTP(totp).now())
    page.locator("main form button").first.click()
    page.goto(f"{street.server.url}/shop")
    expect(page.get_by_role("heading", name="What needs you")).to_be_visible()


def test_terms_are_offered_with_an_example_that_follows_the_form(owner: Page, street: Street) -> None:
    owner.goto(f"{street.server.url}/shop/agreements/new")
    owner.get_by_label("Neighbour", exact=True).select_option(label="restaurant")
    owner.locator("#fixed").fill("5")
    owner.locator("#new_fixed").fill("1")
    owner.locator("#new_fixed").blur()

    expect(owner.get_by_text("gives the guest a certificate of €5.00")).to_be_visible()
    expect(owner.get_by_role("cell", name="gets €1.00")).to_be_visible()
    assert problems(owner) == []
    owner.get_by_role("button", name="Send the offer").click()

    expect(owner.get_by_role("heading", name="Your guests go to restaurant")).to_be_visible()
    expect(owner.get_by_text("restaurant has to answer your offer.")).to_be_visible()
    assert problems(owner) == []


def test_offered_terms_are_read_beside_those_in_force_and_accepted(owner: Page, street: Street) -> None:
    other = {**TERMS, "face": {"fixed": 700}}
    street.done("POST", f"/v1/agreements/{street.agreement_id}/versions", street.restaurant.owner, {"terms": other})
    street.done("GET", "/v1/agreements", street.salon.owner, headers={"Pollen-Position": str(street.position)})
    owner.goto(f"{street.server.url}/shop")
    owner.get_by_role("link", name="Read and answer").click()

    expect(owner.locator("mark")).to_have_text(["€7.00"])
    assert problems(owner) == []
    owner.get_by_role("button", name="Accept").click()
    expect(owner.get_by_role("button", name="Accept")).to_be_hidden()
    expect(owner.get_by_role("columnheader", name="Version 2 in force")).to_be_visible()


def test_an_agreement_rests_goes_on_and_ends_before_both_sides_eyes(
    owner: Page, browser: Browser, street: Street
) -> None:
    street.shops["florist"] = street.join("florist")
    agreement_id = street.agree("salon", "florist", {**TERMS, "smallest_bill_to_issue": 5_000})
    paper = given(street, agreement_id)
    address = f"{street.server.url}/shop/agreements/{agreement_id}"
    with device(browser) as florist:
        enrol(florist, street, street.shops["florist"], "Flora")
        owner.goto(address)
        owner.get_by_role("button", name="Pause").click()

        expect(owner.locator(".badge").first).to_have_text("paused")
        assert problems(owner) == []
        assert given(street, agreement_id) == "agreement_not_active"
        used = street.redeeming(token=paper["token"])
        assert street.done("POST", "/v1/redemptions", street.shops["florist"].till, used)["deducted"] == 500
        florist.goto(address)
        expect(florist.get_by_text("salon paused it and can let it go on.")).to_be_visible()
        expect(florist.get_by_role("button", name="Go on")).to_have_count(0)
        assert problems(florist) == []

        owner.get_by_role("button", name="Go on").click()
        expect(owner.locator(".badge").first).to_have_text("in force")
        assert given(street, agreement_id)["face"] == 500

        florist.once("dialog", lambda dialog: dialog.accept())
        florist.get_by_text("End it for good").click()
        florist.get_by_label("Why").fill("We move to another street")
        florist.get_by_role("button", name="End it", exact=True).click()
        expect(florist.locator(".badge").first).to_have_text("ended")
    owner.reload()
    expect(owner.get_by_text("We move to another street")).to_be_visible()
    expect(owner.get_by_role("button", name="Pause")).to_have_count(0)
    assert given(street, agreement_id) == "agreement_not_active"


def given(street: Street, agreement_id: str) -> Any:
    """A certificate of this agreement, on paper, or the code of why there is none."""
    choice = {"certificate_id": an_id(), "agreement_id": agreement_id}
    path = f"/v1/payments/{street.bill(6_000)}/certificates"
    answer = street.call("POST", path, street.salon.till, {"choices": [choice]}).json()
    return answer["certificates"][0] if "certificates" in answer else answer["code"]


def test_a_certificate_is_found_and_taken_back(owner: Page, street: Street) -> None:
    street.paper()
    owner.goto(f"{street.server.url}/shop/certificates")
    owner.get_by_label("Search by bill").fill("restau")
    owner.get_by_role("button", name="Search").click()
    owner.get_by_role("link", name="Given for restaurant").first.click()
    expect(owner.get_by_text("Handed out")).to_be_visible()
    assert problems(owner) == []

    owner.get_by_label("Why").fill("Wrong bill")
    owner.once("dialog", lambda dialog: dialog.accept())
    owner.get_by_role("button", name="Take it back").click()
    expect(owner.get_by_text("Wrong bill")).to_be_visible()


@pytest.fixture(scope="module")
def stated(street: Street) -> None:
    """Window 1 is stated, and what came after is not."""
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=street.paper()["token"]))
    street.done("POST", "/v1/windows/1/cut", street.organizer, {"review_days": 7})
    street.done("POST", "/v1/windows/1/statement", street.organizer)
    cap = {"scope": f"debtor:{street.salon.id}", "limit": 900, "reason": "a beginning"}
    street.done("PUT", "/v1/caps", street.organizer, cap)


@pytest.mark.usefixtures("stated")
def test_a_line_of_a_statement_is_disputed_and_the_statement_agreed_to(owner: Page, street: Street) -> None:
    owner.goto(f"{street.server.url}/shop/money")
    owner.get_by_role("link", name="Statement 1").click()
    owner.locator("#lines").get_by_role("link", name="Bill").first.click()
    assert problems(owner) == []
    owner.get_by_label("In your own words").fill("We never saw this bill")
    owner.get_by_role("button", name="Dispute this line").click()
    expect(owner.get_by_text("We never saw this bill")).to_be_visible()
    assert problems(owner) == []

    owner.goto(f"{street.server.url}/shop/money/1")
    expect(owner.locator("#lines").get_by_text("disputed", exact=True)).to_be_visible()
    owner.get_by_role("button", name="I agree with this statement").click()
    expect(owner.get_by_text("You agreed.")).to_be_visible()

    with owner.expect_download() as caught:
        owner.get_by_role("button", name="Workbook (XLSX)").click()
    assert caught.value.suggested_filename.endswith(".xlsx")
    owner.wait_for_timeout(600)  # longer than the moment after which a page says that it waits
    expect(owner.locator("#busy")).to_be_hidden()


def look(owner: Page, street: Street, language: str, width: int) -> None:
    owner.set_viewport_size({"width": width, "height": 800})
    owner.goto(f"{street.server.url}/shop")
    owner.locator(f".languages [lang={language}]").click()
    for path in (*PATHS, f"/shop/agreements/{street.agreement_id}", f"/shop/agreements/{street.agreement_id}/terms"):
        owner.goto(street.server.url + path)
        assert owner.locator("html").get_attribute("lang") == language
        assert problems(owner) == [], path
        double_texts(owner)
        assert not is_too_wide(owner), path
    owner.locator(".languages [lang=en]").click()
    owner.set_viewport_size({"width": 360, "height": 740})


@pytest.mark.usefixtures("stated")
def test_every_page_fits_a_phone_and_can_be_read_by_all(owner: Page, street: Street) -> None:
    look(owner, street, "ru", 360)


@pytest.mark.slow
@pytest.mark.usefixtures("stated")
@pytest.mark.parametrize(("language", "width"), [("en", 360), ("lv", 360), ("en", 1280), ("ru", 1280), ("lv", 1280)])
def test_every_page_in_every_language_and_width(owner: Page, street: Street, language: str, width: int) -> None:
    look(owner, street, language, width)
