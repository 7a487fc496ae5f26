"""The page behind a scanned code, in a real browser: into the phone, shown, passed on."""

from collections.abc import Iterator
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from network.cli.browser import find_browser
from tests.api.street import Street

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A phone; whatever its console complains about fails the test."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2, locale="en-GB")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert complaints == []


def test_a_scanned_certificate_goes_into_the_phone_and_to_a_friend(
    street: Street, phone: Page, browser: Browser
) -> None:
    paper = street.paper()
    phone.goto(f"{street.server.url}/v#{paper['token']}")
    expect(phone.get_by_role("heading", name="€5.00")).to_be_visible()
    expect(phone.get_by_text("restaurant street 1")).to_be_visible()

    phone.get_by_role("button", name="Put it into this phone").click()
    expect(phone.locator(".qr img")).to_be_visible()
    expect(phone.locator("#mine li")).to_have_count(1)

    picture = Image.open(BytesIO(phone.locator(".qr").screenshot())).convert("L")
    (read,) = zxingcpp.read_barcodes(picture)
    worth = street.done("POST", "/v1/presented", street.restaurant.till, {"token": read.text})
    assert (worth["counts"], worth["in_wallet"]) == (True, True)
    assert "#" not in phone.url

    phone.get_by_role("button", name="Pass it to a friend").click()
    phone.get_by_role("button", name="Yes, make the link").click()
    expect(phone.locator(".link")).to_contain_text("/v#")
    token = phone.locator(".link").inner_text().partition("#")[2]
    expect(phone.locator("#mine")).to_contain_text("passed on, not opened yet")

    friend = browser.new_context(locale="lv-LV").new_page()
    friend.goto(f"{street.server.url}/v#{token}")
    friend.get_by_role("button", name="Ielikt šajā tālrunī").click()
    expect(friend.locator(".qr img")).to_be_visible()
    friend.context.close()
    phone.reload()
    expect(phone.locator("#mine")).to_contain_text("passed on and opened")


def test_a_dead_copy_says_why(street: Street, phone: Page) -> None:
    paper = street.paper()
    street.done("POST", "/v1/claims", street.wallet, {"token": paper["token"]})

    phone.goto(f"{street.server.url}/v#{paper['token']}")

    expect(phone.get_by_text("already put into a phone")).to_be_visible()
    expect(phone.get_by_role("button", name="Put it into this phone")).to_have_count(0)


def test_names_are_text_whatever_they_hold(street: Street, phone: Page) -> None:
    name = "<img src=x onerror=alert(1)>"
    shop = street.join(name)
    street.shops[name] = shop
    agreement_id = street.agree("salon", name, {"face": {"fixed": 100}})
    choice = {"certificate_id": agreement_id[:-4] + "f00d", "agreement_id": agreement_id}
    path = f"/v1/payments/{street.bill()}/certificates"
    issued = street.done("POST", path, street.salon.till, {"choices": [choice]})["certificates"][0]

    phone.goto(f"{street.server.url}/v#{issued['token']}")

    expect(phone.locator(".place")).to_have_text(name)
    assert phone.locator("img").count() == 0
