"""What a till took without a network arrives, whatever comes between: a kill, another cashier, a new connection."""

import os
import signal
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from network.cli.browser import find_browser
from network.credentials import revocation
from tests.api.street import Street, serving
from tests.browser.offline import answer, delivered, kept, ready, scan, until
from tests.browser.stalling import stalling
from tests.browser.till import connect, device, double_texts, is_too_wide, problems

# Slow: each makes a device, or a browser, of its own.
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_two_tabs_write_one_journal(cut: Page, street: Street) -> None:
    tabs = [cut, cut.context.new_page()]
    papers = [street.paper() for _ in range(4)]
    for tab in tabs:
        tab.goto(f"{street.server.url}/till/redeem")
    for place, paper in enumerate([*papers, papers[0]]):
        fields = {"presented": paper["token"], "bill": "18.00", "bill_reference": f"T-{place}"}
        tabs[place % 2].evaluate(
            """(fields) => { import("/static/till/taking.js")
              .then((taking) => taking.answerScan(new URLSearchParams(fields), false)); }""",
            fields,
        )
    for tab in tabs:
        expect(tab.locator(".answer").first).to_be_visible()
    cut.wait_for_timeout(500)

    taken = [one for one in kept(cut) if one["bill_reference"].startswith("T-")]
    tabs[1].close()
    assert len(taken) == len(papers)
    numbers = [one["sequence"] for one in kept(cut)]
    assert numbers == list(range(1, len(numbers) + 1))
    cut.context.set_offline(False)
    delivered(cut)
    assert {one["answer"]["status"] for one in kept(cut)} == {"booked"}


def test_who_leaves_is_warned_of_what_waits_and_takes_nothing_along(browser: Browser, street: Street) -> None:
    with device(browser) as page:
        connect(page, street, street.shops["cafe"], "Ivan")
        ready(page)
        page.context.set_offline(True)
        scan(page, street, street.paper()["token"], "L-1")
        answer(page, "Yes")
        asked: list[str] = []
        page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
        with page.expect_navigation():
            page.get_by_role("button", name="Leave the till").click()
        expect(page.locator("#offline")).to_contain_text("Nobody is at the till.")
        assert asked[0].startswith("1 acceptances are still to be delivered.")
        scan(page, street, street.paper()["token"], "L-2")
        answer(page, "No")

        page.context.set_offline(False)
        expect(page.get_by_role("heading", name="Who is at the till?")).to_be_visible(timeout=15_000)
        delivered(page)
        assert [one["answer"]["status"] for one in kept(page)] == ["booked"]


def test_a_till_that_was_cut_off_delivers_when_it_is_connected_again(browser: Browser, street: Street) -> None:
    shop = street.shops["cafe"]
    with device(browser) as page:
        connect(page, street, shop, "Ivan")
        ready(page)
        page.context.set_offline(True)
        scan(page, street, street.paper()["token"], "X-1")
        answer(page, "Yes")
        coalition = street.server.app.state.service.coalitions.open(street.slug)
        coalition.write(revocation(UUID(page.locator("#till").get_attribute("data-till"))))
        page.context.set_offline(False)

        page.goto(f"{street.server.url}/till")
        expect(page.get_by_text("This device was a till, and 1 certificates")).to_be_visible()
        assert problems(page) == []
        page.goto("about:blank")  # the code of a link is read when its page opens
        connect(page, street, shop, "Ivan")
        delivered(page)

        assert [one["answer"]["status"] for one in kept(page)] == ["booked"]


def test_a_receipt_outlives_a_killed_browser_and_a_dead_server(
    playwright: Playwright, module_database_url: str, street: Street, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"executable_path": find_browser(), "args": ["--no-sandbox"]}
    with serving(module_database_url) as second:
        port = int(second.url.rsplit(":", 1)[1])
        context = playwright.chromium.launch_persistent_context(tmp_path / "till", **options)
        page = context.new_page()
        ours = replace(street, server=second)
        connect(page, ours, street.shops["cafe"], "Ivan")
        ready(page)
        context.close()  # Chromium writes cookies to disk within half a minute, or here
    context = playwright.chromium.launch_persistent_context(tmp_path / "till", **options)
    page = context.new_page()
    page.goto(f"{second.url}/till")
    expect(page.get_by_text("No network.")).to_be_visible()
    scan(page, ours, street.paper()["token"], "K-1")
    answer(page, "Yes")
    for pid in pids_of(tmp_path):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    context = playwright.chromium.launch_persistent_context(tmp_path / "till", **options)
    page = context.new_page()
    page.goto(f"{second.url}/till")
    expect(page.get_by_text("Still to deliver: 1 · €5.00")).to_be_visible()
    with serving(module_database_url, port=port):
        delivered(page)
        assert [one["answer"]["status"] for one in kept(page)] == ["booked"]
        context.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["en", "ru", "lv"])
def test_every_page_without_a_network_fits_and_can_be_read_by_all(
    cafe: Page, street: Street, language: str, width: int
) -> None:
    cafe.set_viewport_size({"width": width, "height": 800})
    cafe.goto(f"{street.server.url}/till")
    cafe.locator(f".languages [lang={language}]").click()
    expect(cafe.locator("html")).to_have_attribute("lang", language)
    ready(cafe)
    cafe.context.set_offline(True)
    for path in ("/till", "/till/redeem", "/till/pay", "/till/deliveries"):
        cafe.goto(street.server.url + path)
        expect(cafe.locator("h1").first).to_be_visible()
        for scheme in ("light", "dark") if width == 360 else ():
            cafe.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert problems(cafe) == [], (path, scheme)
        double_texts(cafe)
        assert not is_too_wide(cafe), path
    cafe.context.set_offline(False)
    cafe.goto(f"{street.server.url}/till")
    cafe.locator(".languages [lang=en]").click()
    expect(cafe.locator("html")).to_have_attribute("lang", "en")
    ready(cafe)


def test_a_till_whose_network_says_nothing_is_not_ready_and_then_works_by_what_it_keeps(
    browser: Browser, street: Street
) -> None:
    with device(browser) as page, stalling(street.server.url) as way:
        page.set_default_timeout(40_000)
        way.words, way.begun = (b"zxing_reader.wasm",), True
        here = replace(street, server=replace(street.server, url=way.url))
        connect(page, here, street.shops["cafe"], "Ivan")
        expect(page.locator("[data-standing]")).to_contain_text("could not fetch all its pages", timeout=60_000)
        scan(page, here, street.paper()["token"], "W-1")
        answer(page, "Yes")  # with the network it works all the while

        way.words = ()  # and later the answers begin, and their rest does not come
        page.goto(f"{way.url}/till")
        ready(page)
        for held in (b"/static/till/judge.js", b"/static/pages/commands.js", b"/till/redeem"):
            way.words = (held,)
            page.goto("about:blank")
            page.goto(f"{way.url}/till/redeem", wait_until="commit")
            page.get_by_label("The whole bill").fill("18.00")
            page.get_by_label("Number of the bill").fill("W-2")
            page.get_by_label("Scan or type the code").fill(street.paper()["token"])
            until(page, "() => import('/static/till/judge.js').then(() => true)")
            way.words = ()
            page.wait_for_timeout(10_000)  # the worker leaves the network alone for so long
        assert len(way.held) >= 4


def pids_of(folder: Path) -> list[int]:
    """The browser that this test started in its own folder."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if f"--user-data-dir={folder}" in one.read_bytes().decode(errors="replace"):
                found.append(int(one.parent.name))
    return found
