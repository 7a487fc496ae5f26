"""The whole story in three browsers: the tills of two shops, a guest and a friend, from a payment to its settlement.

The restaurant's camera looks at the phones' own screens. In the middle of issuing, of claiming, of passing on and of
redeeming the network does what it is asked, and the answer is lost on the way. In the end the log has each thing once.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from network import qr
from network.audit import audit
from network.cli.browser import find_browser
from tests.api.street import Street, serving
from tests.browser.camera import film, seeing
from tests.browser.till import connect, device, staff

pytestmark = pytest.mark.browser
RENEWED_MS = 15_000


class LateClock:
    """The real time, and what the test has let pass beside it."""

    def __init__(self) -> None:
        self.late = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.late


def test_a_certificate_goes_from_a_payment_over_a_friend_to_its_settlement(
    module_database_url: str, tmp_path: Path
) -> None:
    clock = LateClock()
    seen = film(qr.png("nothing yet"), tmp_path / "seen.y4m")
    with serving(module_database_url, clock=clock) as server, sync_playwright() as playwright:
        street = Street.found(server, "street")
        staff(street, street.salon, "Liga")
        staff(street, street.restaurant, "Ivan")
        browser = playwright.chromium.launch(executable_path=find_browser(), args=seeing(seen))
        with (
            device(browser) as salon,
            device(browser) as restaurant,
            device(browser, device_scale_factor=2) as anna,
            device(browser, device_scale_factor=2) as boris,
        ):
            connect(salon, street, street.salon, "Liga")
            connect(restaurant, street, street.restaurant, "Ivan")

            link = _issued(salon, street)
            _claimed(anna, link)
            annas = anna.locator(".qr").screenshot()
            friends_link = _passed_on(anna)
            boris.clock.install()
            boris.goto(friends_link.replace("http://localhost:8700", server.url))
            boris.get_by_role("button", name="Put it into this phone").click()
            expect(anna.get_by_text("Your friend has it now.")).to_be_visible()

            film(annas, seen)
            _scan(restaurant, street, "R-1")
            expect(restaurant.get_by_role("heading", name="No", exact=True)).to_be_visible()
            expect(restaurant.get_by_text("was passed on today at")).to_be_visible()

            expect(boris.locator(".alive")).to_be_visible()
            film(boris.locator(".qr").screenshot(), seen)
            clock.late = timedelta(seconds=50)
            _scan(restaurant, street, "R-2")
            expect(restaurant.get_by_text("This is an old picture")).to_be_visible()

            shown_at = boris.locator(".qr").get_attribute("data-shown-at")
            boris.clock.fast_forward(RENEWED_MS)
            expect(boris.locator(".qr")).not_to_have_attribute("data-shown-at", str(shown_at))
            film(boris.locator(".qr").screenshot(), seen)
            with _AnswerLost(restaurant, "**/till/redeem"):
                _scan(restaurant, street, "R-3")
                expect(restaurant.get_by_text("No network.")).to_be_visible()
                expect(restaurant.get_by_role("heading", name="Yes")).to_be_visible()
            expect(restaurant.locator(".total")).to_have_text("€13.00")
            expect(boris.get_by_text("Used. Enjoy!")).to_be_visible()
        browser.close()
        assert _owed(street) == [("salon", "restaurant", 500)]
        _each_happened_once(street, module_database_url)
        street.http.close()


def _issued(salon: Page, street: Street) -> str:
    """Bills are paid until the draw gives one a certificate; it is issued although the answer is lost. Its link."""
    give = salon.get_by_role("button", name="Give this certificate")
    for bill in range(1, 20):
        salon.goto(f"{street.server.url}/till/pay")
        salon.get_by_label("Amount paid").fill("24.00")
        salon.get_by_label("Number of the bill").fill(f"S-{bill}")
        salon.get_by_role("button", name="Continue").click()
        expect(give.or_(salon.get_by_role("button", name="All right"))).to_be_visible()
        if give.is_visible():
            break
    with _AnswerLost(salon, "**/till/issue"):
        give.click()
        expect(salon.get_by_text("No network.")).to_be_visible()
        expect(salon.locator(".bigcode")).to_be_visible()
    (read,) = zxingcpp.read_barcodes(Image.open(BytesIO(salon.locator(".qr").screenshot())))
    return read.text.replace("http://localhost:8700", street.server.url)


def _claimed(anna: Page, link: str) -> None:
    anna.goto(link)
    with _AnswerLost(anna, "**/v1/claims"):
        anna.get_by_role("button", name="Put it into this phone").click()
        expect(anna.get_by_text("There is no connection right now")).to_be_visible()
        anna.get_by_role("button", name="Try again").click()
        expect(anna.locator(".alive")).to_be_visible()


def _passed_on(anna: Page) -> str:
    anna.get_by_role("button", name="Pass it to a friend").click()
    with _AnswerLost(anna, "**/passing"):
        anna.get_by_role("button", name="Yes, make the link").click()
        expect(anna.get_by_text("There is no connection right now")).to_be_visible()
        anna.get_by_role("button", name="Try again").click()
        expect(anna.locator(".link")).to_be_visible()
    return anna.locator(".link").inner_text()


def _scan(restaurant: Page, street: Street, bill: str) -> None:
    restaurant.goto(f"{street.server.url}/till/redeem")
    restaurant.get_by_label("The whole bill").fill("18.00")
    restaurant.get_by_label("Number of the bill").fill(bill)
    restaurant.get_by_role("button", name="Use the camera").click()


class _AnswerLost:
    """Within it the network does what is asked at this address, and the first answer is lost on the way."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.lost = 0

    def _lose(self, route: Any) -> None:
        if self.lost or route.request.method != "POST":
            route.continue_()
            return
        self.lost += 1
        route.fetch()
        route.abort("internetdisconnected")

    def __enter__(self) -> None:
        self.page.route(self.address, self._lose)

    def __exit__(self, *_: object) -> None:
        self.page.unroute(self.address)
        assert self.lost == 1


def _owed(street: Street) -> list[tuple[str, str, int]]:
    """The window is cut, stated and agreed, and what is to be paid is asked for."""
    street.done("POST", "/v1/windows/1/cut", street.organizer, {"method": "loops", "review_days": 3})
    street.done("POST", "/v1/windows/1/statement", street.organizer)
    for shop in (street.salon, street.restaurant):
        street.done("POST", "/v1/windows/1/consent", shop.owner)
    street.done("POST", "/v1/windows/1/instruction", street.organizer, {})
    at = {"Pollen-Position": str(street.position)}
    payouts = street.done("GET", "/v1/windows/1/payouts", street.organizer, headers=at)["payouts"]
    return [(one["debtor"], one["creditor"], one["missing"]) for one in payouts]


def _each_happened_once(street: Street, database_url: str) -> None:
    coalition = street.server.app.state.service.coalitions.open(street.slug)
    with coalition.reading() as recorder:
        topics = Counter(one.topic for one in recorder.select_notifications(None, 100_000))
    counted = {name: topics[f"Certificate.{name}"] for name in ("Issued", "Claimed", "PassedOn", "Redeemed")}
    assert counted == {"Issued": 1, "Claimed": 2, "PassedOn": 1, "Redeemed": 1}
    with psycopg.connect(database_url, autocommit=True) as connection:
        assert audit(connection, coalition.schema).sound
