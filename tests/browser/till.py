"""Browsers at a till: what every browser test of it begins with."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.sync_api import Browser, BrowserContext, Page, expect

from network.access import invitations
from network.access.people import add_person
from tests.api.street import Shop, Street

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
PIN = "2580"


def staff(street: Street, shop: Shop, name: str, role: str = "cashier") -> None:
    """Somebody with a PIN at this shop's tills."""
    coalition = street.server.app.state.service.coalitions.open(street.slug)
    add_person(coalition, name=name, post=(role, UUID(shop.id)), at=datetime.now(UTC), pin=PIN)


def code_of(street: Street, kind: str, role: str, subject_id: str) -> str:
    coalition = street.server.app.state.service.coalitions.open(street.slug)
    return invitations.invite(
        coalition, kind=kind, role=role, subject_id=UUID(subject_id), label="counter", at=datetime.now(UTC)
    )


@contextmanager
def device(browser: Browser, **options: Any) -> Iterator[Page]:
    """A device whose console must stay silent, and which must ask no other host for anything."""
    options = {"viewport": {"width": 360, "height": 740}, "locale": "en-GB", **options}
    context: BrowserContext = browser.new_context(**options)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: complaints.append(request.url) if "//127.0.0.1" not in request.url
            and not request.url.startswith(("data:", "blob:")) else None)  # fmt: skip
    yield page
    context.close()
    # What Chromium itself writes when the test cuts the network, or a form was refused, is no complaint of the page.
    expected = ("ERR_INTERNET", "ERR_FAILED", "status of 422")
    wrong = [one for one in complaints if not any(words in one for words in expected)]
    assert wrong == [], wrong


def connect(page: Page, street: Street, shop: Shop, name: str) -> None:
    """Make the device a till of the shop, with a cashier at it."""
    page.goto(f"{street.server.url}/enrol#{code_of(street, 'till', 'till', shop.id)}")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("heading", name="Who is at the till?")).to_be_visible()
    page.get_by_label(name).check()
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("link", name="After payment Give")).to_be_visible()


def problems(page: Page) -> list[str]:
    """What axe finds on the page as it stands."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{one['id']}: {json.dumps([node['html'][:160] for node in one['nodes']])}" for one in found]


def is_too_wide(page: Page) -> bool:
    """Whether something sticks out to the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def double_texts(page: Page) -> None:
    """Every text twice as long, as a language may have it, and everything that folds unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.evaluate(
        """() => { const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); const found = [];
        while (walk.nextNode()) found.push(walk.currentNode);
        for (const node of found) if (node.data.trim()) node.data = node.data + " " + node.data.trim(); }"""
    )
