"""A street on a running server, and phones: real Chromium contexts whose complaints fail the test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from network.cli.browser import find_browser
from tests.api.street import Server, Street, serving

AXE = (Path(__file__).parents[1] / "browser" / "vendor" / "axe.min.js").read_text(encoding="utf-8")
Phones = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one file: Playwright's loop would stand in the way of every test after it that runs its own."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def server(module_database_url: str) -> Iterator[Server]:
    with serving(module_database_url) as running:
        yield running


@pytest.fixture(scope="module")
def street(server: Server) -> Iterator[Street]:
    founded = Street.found(server, "street")
    yield founded
    founded.http.close()


@pytest.fixture
def phones(browser: Browser) -> Iterator[Phones]:
    """Makes phones. What a console says, a policy forbids or another host is asked for fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def phone(*, width: int = 360, locale: str = "en-GB", may_fail: bool = False, **options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, locale=locale, device_scale_factor=2, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.add_init_script(
            "addEventListener('securitypolicyviolation', (e) => console.error('CSP: ' + e.violatedDirective))"
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))

        def told(message: Any) -> None:
            cut_off = "Failed to load resource" in message.text and may_fail
            cut_off = cut_off or "Service Worker registration blocked" in message.text  # by a test that wants so
            if message.type in ("error", "warning") and not cut_off:
                complaints.append(message.text)

        page.on("console", told)
        page.on("request", lambda one: None if "//127.0.0.1:" in one.url or one.url.startswith(("data:", "blob:"))
                else complaints.append(f"asked another host: {one.url}"))  # fmt: skip
        return page

    yield phone
    for context in contexts:
        context.close()
    assert complaints == []


def accessible(page: Page) -> list[str]:
    """What axe finds wrong, as `rule: element`. Run apart from the page's own policy."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]]


def overflows(page: Page) -> list[str]:
    """Elements that stick out of the page to the side, and words that stick out of what is pressed."""
    return list(
        page.evaluate("""() => [...document.querySelectorAll('body *')].filter((one) => {
            const box = one.getBoundingClientRect();
            const cut = ['BUTTON', 'P', 'DD', 'DT', 'H1', 'H2', 'LI'].includes(one.tagName)
                && !one.matches('.link, .unseen') && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0;
            return (box.right > innerWidth + 1 && !one.closest('.unseen, option')) || cut;
        }).map((one) => one.outerHTML.slice(0, 120))""")
    )
