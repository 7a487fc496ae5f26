"""`scripts/pictures`: take the pictures of the docs anew, from a demo street of its own, in a real browser."""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Timer
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from network.cli.browser import ensure_browser

ROOT: Final = Path(__file__).resolve().parents[2]
COLOURS: Final = 128
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
START_SECONDS: Final = 180
VIEWS_SECONDS: Final = 120
BILLS: Final = 30
"""At most so many are paid until the draw gives one a certificate for the restaurant."""


def main() -> int:
    """Start a street, go through it as its people do, and write what they see."""
    parser = argparse.ArgumentParser(prog="scripts/pictures", description="Take the pictures of the docs anew.")
    parser.add_argument("--into", type=Path, default=ROOT / "docs" / "pictures", help="default: docs/pictures")
    into: Path = parser.parse_args().into
    into.mkdir(parents=True, exist_ok=True)
    with _street() as said, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure_browser(), args=["--no-sandbox"])
        camera = _Camera(browser, into, _doors(said))
        camera.console()
        camera.owner()
        camera.tills_and_wallet()
        browser.close()
    return 0


@contextmanager
def _street() -> Iterator[str]:
    """A demo that lives as long as its pictures are taken; what it said when it had started."""
    with tempfile.TemporaryDirectory() as folder:
        running = subprocess.Popen(
            [sys.executable, "-P", "-m", "network.cli.run", "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "POLLEN_DATA_DIR": folder, "DATABASE_URL": "", "POLLEN_PUBLIC_URL": ""},
        )  # fmt: skip
        try:
            yield _heard(running)
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(60)


def _heard(running: "subprocess.Popen[str]") -> str:
    """What the demo says until it has started. Raises: SystemExit, when that takes too long or it gave up."""
    assert running.stdout is not None
    said = ""
    patience = Timer(START_SECONDS, running.terminate)
    patience.start()
    try:
        while "Every command" not in said:
            line = running.stdout.readline()
            if not line:
                raise SystemExit(f"The demo did not start within {START_SECONDS} s, or gave up; what it said is above.")
            said += line
    finally:
        patience.cancel()
    return said


def _doors(said: str) -> dict[str, str]:
    """The links by whose they are."""
    return {who: link for link, who in re.findall(r"(http\S+/enrol#\S+)\s+(.+)", said)}


@dataclass(frozen=True)
class _Camera:
    browser: Browser
    into: Path
    doors: dict[str, str]

    def console(self) -> None:
        """The organizer at a desk."""
        with self.page("Olga", DESK) as page:
            flows = page.locator("svg.network")
            deadline = time.monotonic() + VIEWS_SECONDS
            while not flows.count():  # the views are still coming along with the street's history
                if time.monotonic() > deadline:
                    raise SystemExit(f"After {VIEWS_SECONDS} s the console still shows no flows: did a view stop?")
                page.goto(f"{_base(page)}/console/flows")
            for path, name in (("flows", "flows"), ("settlement/windows/1", "window"), ("effect", "effect")):
                page.goto(f"{_base(page)}/console/{path}")
                self.take(page, f"console-{name}")

    def owner(self) -> None:
        """The salon's owner, on the phone in the morning and at a desk in the evening."""
        with self.page("Anna", PHONE) as page:
            self.take(page, "owner-home")
        with self.page("Ruta", DESK) as page:
            for path, name in (("effect", "effect"), ("money/1", "statement")):
                page.goto(f"{_base(page)}/shop/{path}")
                self.take(page, f"owner-{name}")

    def tills_and_wallet(self) -> None:
        """A certificate from the salon's till over a guest's phone to a neighbour's till."""
        with (
            self.till("till of Anna's Salon", "Liga") as salon,
            self.till("till of Terrace Restaurant", "Ivan") as restaurant,
            self.page("", PHONE) as guest,
        ):
            code = self._issued(salon, "S")
            for bill, answer in (("A-17", "yes"), ("A-18", "no")):
                restaurant.goto(f"{_base(restaurant)}/till/redeem")
                restaurant.get_by_label("The whole bill").fill("24.50")
                restaurant.get_by_label("Number of the bill").fill(bill)
                restaurant.get_by_label("Scan or type the code").fill(code)
                restaurant.get_by_role("button", name="Redeem").click()
                expect(restaurant.locator(f".answer.{answer}")).to_be_visible()
                self.take(restaurant, f"till-{answer}")
            self._issued(salon, "T")
            guest.goto(salon.locator("#link").inner_text())
            put = guest.get_by_role("button", name="Put it into this phone")
            expect(put).to_be_visible()
            self.take(guest, "wallet-arriving")
            put.click()
            expect(guest.locator(".alive")).to_be_visible()
            self.take(guest, "wallet-live")

    def _issued(self, salon: Page, bills: str) -> str:
        """The code of a certificate for the restaurant."""
        give, nothing = (salon.get_by_role("button", name=name) for name in ("Give this certificate", "All right"))
        for bill in range(1, BILLS):
            salon.goto(f"{_base(salon)}/till/pay")
            salon.get_by_label("Amount paid").fill("48.00")
            salon.get_by_label("Number of the bill").fill(f"{bills}-{bill}")
            salon.get_by_role("button", name="Continue").click()
            expect(give.or_(nothing)).to_be_visible()
            if give.is_visible() and salon.get_by_text("Terrace Restaurant").first.is_visible():
                self.take(salon, "till-proposal")
                give.click()
                expect(salon.locator(".bigcode")).to_be_visible()
                self.take(salon, "till-give")
                return salon.locator(".bigcode").inner_text()
        raise SystemExit(f"{BILLS} bills, and none was drawn for the restaurant.")

    @contextmanager
    def till(self, whose: str, cashier: str) -> Iterator[Page]:
        """A phone that is a till, with somebody at it."""
        with self.page(whose, PHONE) as page:
            page.get_by_role("button", name="Connect").click()
            page.get_by_label(cashier).check()
            page.get_by_label("PIN").fill("2580")
            page.get_by_role("button", name="Begin").click()
            expect(page.get_by_role("link", name="After payment Give")).to_be_visible()
            yield page

    @contextmanager
    def page(self, whose: str, size: dict[str, int]) -> Iterator[Page]:
        """A browser that came in by the link of somebody whose line begins so; by none if it is empty."""
        context = self.browser.new_context(viewport=size, locale="en-GB")  # type: ignore[arg-type]
        page = context.new_page()
        if whose:
            page.goto(next(link for who, link in self.doors.items() if who.startswith(whose)))
            page.locator("nav.places, button:has-text('Connect')").first.wait_for()
        yield page
        context.close()

    def take(self, page: Page, name: str) -> None:
        """What stands on the screen, in few colours: the docs stay small."""
        page.wait_for_load_state("networkidle")
        seen = Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
        file = self.into / f"{name}.png"
        seen.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
        print(f"{file} {file.stat().st_size // 1000} kB")


def _base(page: Page) -> str:
    return re.match(r"https?://[^/]+", page.url)[0]  # type: ignore[index]


if __name__ == "__main__":
    sys.exit(main())
