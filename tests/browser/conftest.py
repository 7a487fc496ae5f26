"""One Chromium for the browser tests that need no other, and a café whose till can lose its network."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from network.cli.browser import find_browser
from tests.api.street import TERMS, Server, Street, serving
from tests.browser.offline import paper_of_bakery, ready
from tests.browser.till import connect, device, staff


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
def server(module_database_url: str) -> Iterator[Server]:
    with serving(module_database_url) as running:
        yield running


@pytest.fixture(scope="module")
def street(server: Server) -> Iterator[Street]:
    """A street whose café takes the salon's certificates up to 5.00 without a network."""
    founded = Street.found(server, "street")
    founded.shops["cafe"] = founded.join("cafe")
    founded.shops["bakery"] = founded.join("bakery")
    founded.agreement_id = founded.agree("salon", "cafe", TERMS | {"offline_ceiling": 500})
    founded.paper()  # the salon has its key from now on
    staff(founded, founded.shops["cafe"], "Ivan")
    staff(founded, founded.shops["cafe"], "Marks", "shift_leader")
    yield founded
    founded.http.close()


@pytest.fixture(scope="module")
def small(street: Street) -> dict[str, Any]:
    """A certificate of the bakery, whose agreement allows 3.00 without a network."""
    return paper_of_bakery(street)


@pytest.fixture(scope="module")
def cafe(browser: Browser, street: Street, small: dict[str, Any]) -> Iterator[Page]:
    """The café's till, ready; the key set that it has kept knows the bakery too."""
    with device(browser) as page:
        connect(page, street, street.shops["cafe"], "Ivan")
        ready(page)
        yield page


@pytest.fixture
def cut(cafe: Page) -> Iterator[Page]:
    """The café's till, cut off from the network, with an empty form for a certificate."""
    cafe.context.set_offline(True)
    yield cafe
    cafe.context.set_offline(False)
