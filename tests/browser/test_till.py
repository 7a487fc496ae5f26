"""The till in a real browser: issue, redeem by code, scanner and camera, undo, and a network that is cut."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect

from network import qr
from network.cli.browser import find_browser
from tests.api.street import Server, Street
from tests.browser.camera import film, seeing
from tests.browser.till import connect, device, double_texts, is_too_wide, problems, staff

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def street(server: Server) -> Iterator[Street]:
    founded = Street.found(server, "street")
    staff(founded, founded.salon, "Liga")
    staff(founded, founded.restaurant, "Ivan")
    staff(founded, founded.restaurant, "Marks", "shift_leader")
    yield founded
    founded.http.close()


@pytest.fixture(scope="module")
def salon(browser: Browser, street: Street) -> Iterator[Page]:
    with device(browser) as page:
        connect(page, street, street.salon, "Liga")
        yield page


@pytest.fixture(scope="module")
def restaurant(browser: Browser, street: Street) -> Iterator[Page]:
    with device(browser) as page:
        connect(page, street, street.restaurant, "Ivan")
        yield page


def pay(page: Page, street: Street, bill: str, amount: str = "24.00") -> None:
    """As a cashier with a queue does it: both hands on the keys."""
    page.goto(f"{street.server.url}/till/pay")
    for typed in (amount, bill):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")


def redeeming(page: Page, street: Street, bill: str, amount: str = "18.00") -> None:
    page.goto(f"{street.server.url}/till/redeem")
    page.get_by_label("The whole bill").fill(amount)
    page.get_by_label("Number of the bill").fill(bill)


def test_a_paid_bill_becomes_a_certificate_that_a_camera_reads(salon: Page, street: Street) -> None:
    pay(salon, street, "S-1")
    give, nothing = (salon.get_by_role("button", name=name) for name in ("Give this certificate", "All right"))
    expect(give.or_(nothing)).to_be_visible()
    assert problems(salon) == []
    if drawn := give.is_visible():
        give.click()
        code = salon.locator(".bigcode").inner_text()
        asked = {"typed_code": code}
        assert street.done("POST", "/v1/presented", street.restaurant.till, asked)["outstanding"] == 500
        assert readable(salon.locator(".qr").screenshot()).endswith(salon.locator("#link").text_content() or "?")
    else:
        nothing.click()
        expect(salon.get_by_role("status").filter(has_text="No certificate this time")).to_be_visible()
        expect(salon.get_by_label("Amount paid")).to_have_value("")
    assert problems(salon) == []
    salon.goto(f"{street.server.url}/till/shift")
    expect(salon.get_by_text("bill S-1")).to_have_count(int(drawn))
    if drawn:  # the guest's camera was too slow for the queue
        salon.get_by_role("button", name="Show again").click()
        expect(salon.locator(".bigcode")).to_have_text(code)


def test_a_receipt_is_as_wide_as_its_paper(salon: Page, street: Street) -> None:
    give, nothing = (salon.get_by_role("button", name=name) for name in ("Give this certificate", "All right"))
    for bill in range(20):  # until the draw gives one a certificate
        pay(salon, street, f"P-{bill}")
        expect(give.or_(nothing)).to_be_visible()
        if give.is_visible():
            break
    give.click()
    expect(salon.locator(".bigcode")).to_be_visible()
    salon.evaluate("globalThis.print = () => null")  # the printer's own window, which no page can answer

    for width, height in ((58, 180), (80, 200)):
        salon.get_by_role("button", name=f"Print, {width} mm").click()
        assert sheets(salon.pdf(prefer_css_page_size=True)) == [(width, height)]


def test_after_a_no_the_bill_stays_for_another_code(restaurant: Page, street: Street) -> None:
    paper = street.paper()
    redeeming(restaurant, street, "R-again")
    restaurant.get_by_label("Scan or type the code").fill("AAAAA-AAAAA")
    restaurant.get_by_role("button", name="Redeem").click()
    expect(restaurant.get_by_role("heading", name="No", exact=True)).to_be_visible()
    assert problems(restaurant) == []

    restaurant.get_by_label("Scan or type the code").fill(paper["typed_code"])
    restaurant.get_by_role("button", name="Redeem").click()

    expect(restaurant.get_by_role("heading", name="Yes")).to_be_visible()
    expect(restaurant.get_by_text("Bill R-again, to pay now:")).to_be_visible()


def test_an_amount_is_asked_for_again_when_it_is_none(salon: Page, street: Street) -> None:
    pay(salon, street, "S-2", "a lot")

    expect(salon.get_by_text("Write an amount, such as 18.50.")).to_be_visible()
    expect(salon.get_by_label("Number of the bill")).to_have_value("S-2")
    expect(salon.get_by_label("Amount paid")).to_be_focused()


def test_a_typed_code_is_taken_off_the_bill_once(restaurant: Page, street: Street) -> None:
    paper = street.paper()
    redeeming(restaurant, street, "R-1")
    restaurant.get_by_label("Scan or type the code").fill(paper["typed_code"].lower())
    restaurant.get_by_role("button", name="Redeem").click()

    expect(restaurant.get_by_role("heading", name="Yes")).to_be_visible()
    expect(restaurant.locator(".total")).to_have_text("€13.00")
    assert problems(restaurant) == []

    redeeming(restaurant, street, "R-2")
    restaurant.get_by_label("Scan or type the code").fill(paper["typed_code"])
    restaurant.get_by_role("button", name="Redeem").click()
    expect(restaurant.get_by_role("heading", name="No", exact=True)).to_be_visible()
    expect(restaurant.get_by_text("already used today at")).to_be_visible()

    restaurant.get_by_label("Scan or type the code").focus()  # typing replaces what was refused
    restaurant.keyboard.type(street.paper()["typed_code"])
    restaurant.keyboard.press("Enter")
    expect(restaurant.get_by_role("heading", name="Yes")).to_be_visible()
    assert problems(restaurant) == []


def test_a_scanner_types_into_whatever_field_has_the_cursor(restaurant: Page, street: Street) -> None:
    paper = street.paper()
    redeeming(restaurant, street, "R-3")
    restaurant.get_by_label("Number of the bill").focus()

    restaurant.keyboard.type(f"http://localhost:8700/v#{paper['token']}")
    restaurant.keyboard.press("Enter")

    expect(restaurant.get_by_role("heading", name="Yes")).to_be_visible()
    expect(restaurant.get_by_text("Bill R-3, to pay now:")).to_be_visible()


def test_a_scan_on_a_page_that_takes_none_leads_to_the_one_that_does(restaurant: Page, street: Street) -> None:
    paper = street.paper()
    restaurant.goto(f"{street.server.url}/till/pay")
    restaurant.keyboard.type(f"http://localhost:8700/v#{paper['token']}")
    restaurant.keyboard.press("Enter")

    expect(restaurant.get_by_label("Scan or type the code")).to_have_value(f"http://localhost:8700/v#{paper['token']}")
    expect(restaurant.get_by_label("The whole bill")).to_be_focused()
    for typed in ("18.00", "R-brought"):
        restaurant.keyboard.type(typed)
        restaurant.keyboard.press("Enter")
    expect(restaurant.get_by_text("Bill R-brought, to pay now:")).to_be_visible()


def test_a_mistake_is_undone_and_the_certificate_counts_again(restaurant: Page, street: Street) -> None:
    paper = street.paper()
    for bill in ("R-4", "R-5"):
        redeeming(restaurant, street, bill)
        restaurant.get_by_label("Scan or type the code").fill(paper["typed_code"])
        restaurant.get_by_role("button", name="Redeem").click()
        expect(restaurant.get_by_role("heading", name="Yes")).to_be_visible()
        if bill == "R-4":
            restaurant.get_by_role("button", name="undo it").click()
            expect(restaurant.get_by_role("heading", name="Undone")).to_be_visible()

    restaurant.goto(f"{street.server.url}/till/shift")
    expect(restaurant.get_by_text("bill R-4 · undone")).to_be_visible()
    expect(restaurant.get_by_text("bill R-5")).to_be_visible()
    assert problems(restaurant) == []


def test_without_a_bill_the_till_says_what_it_is_worth(restaurant: Page, street: Street) -> None:
    paper = street.paper()
    restaurant.goto(f"{street.server.url}/till/redeem")
    restaurant.get_by_label("Scan or type the code").fill(paper["typed_code"])
    restaurant.get_by_role("button", name="Redeem").click()

    expect(restaurant.get_by_text("Counts here")).to_be_visible()
    expect(restaurant.get_by_role("heading", name="€5.00")).to_be_visible()
    assert problems(restaurant) == []


@pytest.mark.parametrize("when", ["before it arrives", "before the answer"])
def test_a_redemption_survives_a_cut_network(restaurant: Page, street: Street, when: str) -> None:
    paper = street.paper()
    bill = f"R-cut {when}"
    redeeming(restaurant, street, bill)
    restaurant.get_by_label("Scan or type the code").fill(paper["typed_code"])
    sent: list[Any] = []

    def cut(route: Any) -> None:
        sent.append(route.request.post_data)
        if len(sent) > 1:
            route.continue_()
        elif when == "before it arrives":
            route.abort("internetdisconnected")
        else:
            route.fetch()  # the network did it, and its answer is lost on the way
            route.abort("internetdisconnected")

    restaurant.route("**/till/redeem", cut)
    restaurant.get_by_role("button", name="Redeem").click()
    expect(restaurant.get_by_text("No network.")).to_be_visible()
    expect(restaurant.get_by_role("heading", name="Yes")).to_be_visible(timeout=10_000)
    restaurant.unroute("**/till/redeem")

    assert len(set(sent)) == 1
    expect(restaurant.locator(".total")).to_have_text("€13.00")
    expect(restaurant.get_by_text("No network.")).to_be_hidden()


def test_a_till_that_was_closed_in_the_middle_sends_it_again(salon: Page, street: Street) -> None:
    salon.goto(f"{street.server.url}/till/pay")
    salon.route("**/till/pay", lambda route: route.abort("internetdisconnected")
                if route.request.method == "POST" else route.continue_())  # fmt: skip
    pay(salon, street, "S-cut")
    expect(salon.get_by_text("No network.")).to_be_visible()
    salon.unroute("**/till/pay")

    salon.goto(f"{street.server.url}/till")

    expect(salon.get_by_role("button", name="Give this certificate").or_(
        salon.get_by_role("button", name="All right"))).to_be_visible()  # fmt: skip
    assert salon.evaluate("localStorage.getItem('pollen.command')") is None


def test_the_camera_reads_a_certificate_and_answers(playwright: Playwright, street: Street, tmp_path: Path) -> None:
    paper = street.paper()
    seen = film(qr.png(f"http://localhost:8700/v#{paper['token']}"), tmp_path / "guest.y4m")
    running = playwright.chromium.launch(executable_path=find_browser(), args=seeing(seen))
    with device(running) as page:
        connect(page, street, street.restaurant, "Ivan")
        redeeming(page, street, "R-camera")
        page.get_by_role("button", name="Use the camera").click()
        expect(page.get_by_role("heading", name="Yes")).to_be_visible(timeout=20_000)
        expect(page.locator(".total")).to_have_text("€13.00")
    running.close()


def sheets(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of each sheet, in millimetres."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(round(float(width) * 25.4 / 72), round(float(height) * 25.4 / 72)) for width, height in boxes]


def readable(png: bytes) -> str:
    """What a reader of another make finds in this picture."""
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(png)))
    return found.text


LONG = [pytest.param(language, width, marks=pytest.mark.slow)
        for language in ("en", "ru", "lv") for width in (360, 1280) if (language, width) != ("ru", 360)]  # fmt: skip


@pytest.mark.parametrize(("language", "width"), [("ru", 360), *LONG])
def test_every_page_of_the_till_fits_and_can_be_read_by_all(
    restaurant: Page, street: Street, language: str, width: int
) -> None:
    restaurant.set_viewport_size({"width": width, "height": 800})
    restaurant.goto(f"{street.server.url}/till")
    restaurant.locator(f".languages [lang={language}]").click()
    for path in ("/till", "/till/pay", "/till/redeem", "/till/shift"):
        restaurant.goto(street.server.url + path)
        assert restaurant.locator("html").get_attribute("lang") == language
        for scheme in ("light", "dark") if width == 360 else ():
            restaurant.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert problems(restaurant) == [], (path, scheme)
        double_texts(restaurant)
        assert not is_too_wide(restaurant), path
    restaurant.locator(".languages [lang=en]").click()
