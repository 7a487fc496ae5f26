"""The till without a network, in a real browser whose network is really cut: take, reload, deliver, be in conflict."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from network import qr
from network.cli.browser import find_browser
from tests.api.phones import Phone
from tests.api.street import Street
from tests.browser.camera import film, seeing
from tests.browser.offline import answer, delivered, fresh, kept, ready, scan, until
from tests.browser.till import connect, device, problems

pytestmark = pytest.mark.browser


STANDING = "[data-standing]"
WASM = "/static/vendor/zxing-wasm/zxing_reader.wasm"


@contextmanager
def opened_again(
    browser: Browser, cafe: Page, street: Street, before: Callable[[BrowserContext], None] = lambda _: None
) -> Iterator[Page]:
    """The café's till in a browser that has only its cookie, prepared by `before`."""
    context = browser.new_context(storage_state=cafe.context.storage_state(), locale="en-GB")
    before(context)
    page = context.new_page()
    page.goto(f"{street.server.url}/till")
    yield page
    context.close()


@pytest.mark.parametrize("file", [pytest.param("**/till/worker.js", marks=pytest.mark.slow), "**/zxing_reader.wasm"])
def test_a_till_whose_pages_did_not_come_says_so_and_fetches_them_again(
    browser: Browser, cafe: Page, street: Street, file: str
) -> None:
    def away(context: BrowserContext) -> None:
        context.route(file, lambda route: route.fulfill(status=503))

    with opened_again(browser, cafe, street, away) as page:
        expect(page.locator(STANDING)).to_contain_text("This till could not fetch all its pages")
        expect(page.locator(STANDING)).not_to_contain_text("Ready")
        assert problems(page) == []

        page.context.unroute_all(behavior="wait")

        ready(page)
        page.context.set_offline(True)
        page.goto(f"{street.server.url}/till/redeem")
        expect(page.get_by_label("The whole bill")).to_be_visible()
        assert (
            page.evaluate("fetch('/static/vendor/zxing-wasm/zxing_reader.wasm').then((answer) => answer.status)") == 200
        )


def test_a_page_that_its_worker_missed_is_claimed(cafe: Page, street: Street) -> None:
    cafe.goto(f"{street.server.url}/till")
    cafe.context.new_cdp_session(cafe).send("Page.reload", {"ignoreCache": True})  # goes past the worker

    until(cafe, "() => navigator.serviceWorker.controller !== null")


def test_a_browser_that_can_keep_nothing_says_that_this_till_needs_the_network(
    browser: Browser, cafe: Page, street: Street
) -> None:
    without = "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })"

    with opened_again(browser, cafe, street, lambda context: context.add_init_script(without)) as page:
        for path in ("/till", "/till/deliveries"):
            page.goto(street.server.url + path)
            expect(page.locator(STANDING)).to_contain_text("This till takes nothing without a network")
            assert problems(page) == []


def test_a_certificate_is_taken_without_a_network_and_delivered(cut: Page, street: Street) -> None:
    paper = street.paper()
    cut.goto(f"{street.server.url}/till/redeem")
    cut.get_by_label("The whole bill").fill("18.00")
    cut.get_by_label("Number of the bill").fill("O-1")
    cut.keyboard.type(f"http://localhost:8700/v#{paper['token']}")  # as a scanner does
    cut.keyboard.press("Enter")

    answer(cut, "Yes")
    expect(cut.locator(".total")).to_have_text("€13.00")
    expect(cut.get_by_text("No network.")).to_be_visible()
    expect(cut.get_by_text("Certificates can be scanned and taken until")).to_be_visible()
    expect(cut.get_by_text("Still to deliver: 1 · €5.00 · oldest")).to_be_visible()
    assert problems(cut) == []

    cut.reload()
    expect(cut.get_by_text("Still to deliver: 1 · €5.00 · oldest")).to_be_visible()
    scan(cut, street, paper["token"], "O-2")
    answer(cut, "No")
    expect(cut.get_by_text("This till already took this certificate")).to_be_visible()
    assert problems(cut) == []

    cut.context.set_offline(False)
    delivered(cut)
    assert [one["answer"]["status"] for one in kept(cut)] == ["booked"]
    cut.goto(f"{street.server.url}/till/shift")
    expect(cut.get_by_text("bill O-1 · Ivan")).to_be_visible()
    asked = {"token": paper["token"]}
    worth = street.done("POST", "/v1/presented", street.shops["cafe"].till, asked)
    assert worth["refusal"]["code"] == "certificate_redeemed"


def test_the_camera_reads_a_certificate_while_there_is_no_network(
    playwright: Playwright, cafe: Page, street: Street, tmp_path: Path
) -> None:
    seen = film(qr.png(f"http://localhost:8700/v#{street.paper()['token']}"), tmp_path / "seen.y4m")
    seeing_one = playwright.chromium.launch(executable_path=find_browser(), args=seeing(seen))
    with opened_again(seeing_one, cafe, street) as page:
        ready(page)
        page.context.set_offline(True)
        page.goto(f"{street.server.url}/till/redeem")
        page.get_by_label("The whole bill").fill("18.00")
        page.get_by_label("Number of the bill").fill("O-camera")

        page.get_by_role("button", name="Use the camera").click()

        answer(page, "Yes")
        expect(page.locator(".total")).to_have_text("€13.00")
        page.context.set_offline(False)
        delivered(page)
        assert [one["answer"]["status"] for one in kept(page)] == ["booked"]
    seeing_one.close()


def test_what_cannot_be_judged_here_is_refused_in_plain_words(cut: Page, street: Street, small: dict[str, Any]) -> None:
    scan(cut, street, small["token"], "O-3")
    answer(cut, "No")
    expect(cut.get_by_text("€5.00 is more than the €3.00 that may be taken without a network.")).to_be_visible()

    scan(cut, street, street.paper()["token"], "O-4", amount="")
    answer(cut, "No")
    expect(cut.get_by_text("put in the whole bill and its number before you scan")).to_be_visible()

    cut.goto(f"{street.server.url}/till/redeem")
    cut.get_by_label("The whole bill").fill("18.00")
    cut.get_by_label("Number of the bill").fill("O-5")
    cut.get_by_label("Scan or type the code").fill(small["typed_code"])
    cut.get_by_role("button", name="Redeem").click()
    answer(cut, "No")
    expect(cut.get_by_text("A typed code needs the network.")).to_be_visible()


def test_an_old_list_takes_nothing(cut: Page, street: Street) -> None:
    paper = street.paper()
    age = """async (seconds) => { const store = await import("/static/till/store.js");
      const lists = await store.kept("lists");
      for (const list of Object.values(lists)) { list.issued -= seconds; } await store.keep("lists", lists); }"""
    cut.evaluate(age, 24 * 3600 - 60)
    scan(cut, street, paper["token"], "O-6")
    answer(cut, "Yes")

    cut.evaluate(age, 120)
    scan(cut, street, street.paper()["token"], "O-7")
    answer(cut, "No")
    expect(cut.locator(".reason")).to_contain_text("The list of used certificates is too old")
    expect(cut.locator("#offline")).to_contain_text("The list of used certificates is too old")
    cut.evaluate(age, -24 * 3600 - 60)


def test_a_live_code_counts_and_its_picture_does_not(cut: Page, street: Street) -> None:
    phone, paper = Phone(), street.paper()
    asked = {"token": paper["token"], "holder_key": phone.key}
    claimed = street.done("POST", "/v1/claims", street.wallet, asked)
    scan(cut, street, claimed["token"], "O-8")
    expect(cut.get_by_text("This certificate lives in a phone.")).to_be_visible()
    picture = phone.shows(claimed["token"], datetime.now(UTC) - timedelta(seconds=47))
    scan(cut, street, picture, "O-8")
    expect(cut.get_by_text("This is an old picture.")).to_be_visible()

    scan(cut, street, phone.shows(claimed["token"]), "O-8")

    answer(cut, "Yes")


def test_a_paid_bill_is_kept_and_goes_on_record_later(cut: Page, street: Street) -> None:
    cut.goto(f"{street.server.url}/till/pay")
    cut.get_by_label("Amount paid").fill("24.00")
    cut.get_by_label("Number of the bill").fill("O-paid")
    cut.get_by_role("button", name="Continue").click()
    expect(cut.get_by_role("heading", name="The bill is kept")).to_be_visible()
    assert problems(cut) == []

    cut.context.set_offline(False)
    delivered(cut)

    paid = {"bill_reference": "O-paid", "amount": 2_399, "currency": "EUR"}
    refused = street.call("POST", "/v1/payments", street.shops["cafe"].till, paid).json()
    assert refused["code"] == "bill_conflict"


def test_an_answer_that_was_lost_and_the_same_bill_taken_here_are_one_deduction(cafe: Page, street: Street) -> None:
    paper = street.paper()

    def cut_off(route: Any) -> None:
        route.fetch()  # the network did it, its answer is lost on the way, and the network stays away
        cafe.context.set_offline(True)
        route.abort("internetdisconnected")

    cafe.route("**/till/redeem", lambda route: cut_off(route) if route.request.method == "POST" else route.continue_())
    scan(cafe, street, paper["token"], "O-9")
    answer(cafe, "Yes")
    cafe.unroute_all(behavior="wait")
    expect(cafe.locator(".total")).to_have_text("€13.00")
    cafe.context.set_offline(False)
    delivered(cafe)

    (last,) = [one for one in kept(cafe) if one["bill_reference"] == "O-9"]
    assert (last["answer"]["status"], last["answer"]["code"]) == ("booked", "same_as_online")


@pytest.mark.parametrize(
    ("when", "times"), [pytest.param("before it arrives", 2, marks=pytest.mark.slow), ("before the answer", 1)]
)
def test_a_delivery_that_is_cut_is_done_once(cut: Page, street: Street, when: str, times: int) -> None:
    for bill in ("a", "b"):
        scan(cut, street, street.paper()["token"], f"O-{when} {bill}")
        answer(cut, "Yes")
    sent: list[Any] = []

    def lose(route: Any) -> None:
        sent.append(route.request.post_data)
        if len(sent) > times:
            route.continue_()
            return
        if when == "before the answer":
            route.fetch()
        route.abort("internetdisconnected")

    cut.route("**/till/receipts", lose)
    cut.context.set_offline(False)
    delivered(cut)
    cut.unroute_all(behavior="wait")

    assert len(sent) == times + 1
    ours = [one for one in kept(cut) if one["bill_reference"].startswith(f"O-{when}")]
    assert [one["answer"]["status"] for one in ours] == ["booked", "booked"]
    assert [one["sequence"] for one in kept(cut)] == list(range(1, len(kept(cut)) + 1))


def test_the_later_of_two_tills_is_in_conflict(browser: Browser, cut: Page, street: Street) -> None:
    paper = street.paper()
    with device(browser) as other:
        connect(other, street, street.shops["cafe"], "Marks")
        ready(other)
        other.context.set_offline(True)
        scan(cut, street, paper["token"], "C-1")
        answer(cut, "Yes")
        other.wait_for_timeout(1100)
        scan(other, street, paper["token"], "C-2")
        answer(other, "Yes")

        other.context.set_offline(False)
        delivered(other)  # comes back first, and is booked until the earlier one is known
        assert kept(other)[-1]["answer"]["status"] == "booked"
        cut.context.set_offline(False)
        delivered(cut)

        assert kept(cut)[-1]["answer"]["status"] == "booked"
        other.goto(f"{street.server.url}/till/deliveries")
        fresh(other)
        expect(other.get_by_text("in conflict")).to_be_visible(timeout=15_000)
        expect(other.get_by_text("Another till of yours took it earlier, also without a network.")).to_be_visible()
        expect(other.get_by_text("your shop bears the amount")).to_be_visible()
        assert problems(other) == []
