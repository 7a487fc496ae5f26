"""The till without a network, in a real browser whose network is really cut: take, reload, deliver, be in conflict."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect
from playwright.sync_api import Error as Interrupted

from network.cli.browser import find_browser
from network.credentials import revocation
from tests.api.phones import Phone
from tests.api.street import TERMS, Server, Street, serving
from tests.browser.till import connect, device, double_texts, is_too_wide, problems, staff

# Slow, because they are not steady yet: at times the page is not under its service worker in time.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

READY = """async () => { const store = await import("/static/till/store.js");
  const all = await Promise.all(["kit", "lists", "keys", "registered", "shell"].map(store.kept));
  const { shift } = document.getElementById("till").dataset;
  const worker = await navigator.serviceWorker.getRegistration();
  return all.every(Boolean) && all[4].wanted.includes(shift) && Boolean(worker?.active); }"""


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
def cafe(browser: Browser, street: Street) -> Iterator[Page]:
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


def until(page: Page, truth: str) -> None:
    """Wait until this function of the page says so, also of one that loads itself anew meanwhile; Playwright's own way
    takes a promise for a yes. A till that asked before the views had come so far asks again within a minute.
    """
    for _ in range(700):
        with suppress(Interrupted):
            if page.evaluate(truth):
                return
        page.wait_for_timeout(100)
    raise AssertionError(truth)


def ready(page: Page) -> None:
    """The till has everything that it needs without a network."""
    until(page, READY)


def scan(page: Page, street: Street, token: str, bill: str, amount: str = "18.00") -> None:
    page.goto(f"{street.server.url}/till/redeem")
    page.get_by_label("The whole bill").fill(amount)
    page.get_by_label("Number of the bill").fill(bill)
    page.get_by_label("Scan or type the code").fill(f"http://localhost:8700/v#{token}")
    page.get_by_role("button", name="Redeem").click()


def paper_of_bakery(street: Street) -> dict[str, Any]:
    """A certificate of an issuer whose agreement allows 3.00 without a network."""
    terms = TERMS | {"offline_ceiling": 300}
    agreement_id, bakery = street.agree("bakery", "cafe", terms), street.shops["bakery"].till
    paid = {"bill_reference": "B-1", "amount": 2_400, "currency": "EUR"}
    payment_id = street.done("POST", "/v1/payments", bakery, paid)["payment_id"]
    choice = {"certificate_id": str(uuid4()), "agreement_id": agreement_id}
    path = f"/v1/payments/{payment_id}/certificates"
    issued: dict[str, Any] = street.done("POST", path, bakery, {"choices": [choice]})["certificates"][0]
    return issued


def fresh(page: Page) -> None:
    """The till asks for everything anew, as it does every few minutes."""
    page.evaluate("import('/static/till/store.js').then((store) => store.drop('asked'))")
    page.reload()
    until(page, "import('/static/till/store.js').then((store) => store.kept('asked'))")


def delivered(page: Page) -> None:
    """The network is back, and nothing waits any more."""
    until(
        page,
        """async () => (await (await import("/static/till/listing.js")).waiting()).count === 0
          && document.getElementById("offline").hidden""",
    )
    expect(page.locator("[data-waiting]")).to_be_hidden()


def answer(page: Page, word: str) -> None:
    expect(page.get_by_role("heading", name=word, exact=True)).to_be_visible(timeout=10_000)


def kept(page: Page) -> list[dict[str, Any]]:
    """The receipts on this device, without their bytes."""
    names = "{ kid, sequence, hash, amount, bill_reference, answer }"
    found = page.evaluate(
        f"import('/static/till/receipts.js').then(async (one) => (await one.all()).map(({names}) => ({names})))"
    )
    return sorted(found, key=lambda one: int(one["sequence"]))


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


def test_what_cannot_be_judged_here_is_refused_in_plain_words(cafe: Page, street: Street) -> None:
    small, cut = paper_of_bakery(street), cafe
    fresh(cafe)
    cafe.context.set_offline(True)
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
    cafe.context.set_offline(False)


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


@pytest.mark.parametrize("when", [pytest.param("before it arrives", marks=pytest.mark.slow), "before the answer"])
def test_a_delivery_that_is_cut_is_done_once(cut: Page, street: Street, when: str) -> None:
    for bill in ("a", "b"):
        scan(cut, street, street.paper()["token"], f"O-{when} {bill}")
        answer(cut, "Yes")
    sent: list[Any] = []

    def lose(route: Any) -> None:
        sent.append(route.request.post_data)
        if len(sent) > 2:
            route.continue_()
            return
        if when == "before the answer":
            route.fetch()
        route.abort("internetdisconnected")

    cut.route("**/till/receipts", lose)
    cut.context.set_offline(False)
    delivered(cut)
    cut.unroute_all(behavior="wait")

    assert len(sent) == 3
    ours = [one for one in kept(cut) if one["bill_reference"].startswith(f"O-{when}")]
    assert [one["answer"]["status"] for one in ours] == ["booked", "booked"]
    assert [one["sequence"] for one in kept(cut)] == list(range(1, len(kept(cut)) + 1))


@pytest.mark.slow
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


@pytest.mark.slow
def test_who_leaves_is_warned_of_what_waits_and_takes_nothing_along(browser: Browser, street: Street) -> None:
    with device(browser) as page:
        connect(page, street, street.shops["cafe"], "Ivan")
        ready(page)
        page.context.set_offline(True)
        scan(page, street, street.paper()["token"], "L-1")
        answer(page, "Yes")
        asked: list[str] = []
        page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
        page.get_by_role("button", name="Leave the till").click()
        expect(page.locator("#offline")).to_contain_text("Nobody is at the till.")
        assert asked[0].startswith("1 acceptances are still to be delivered.")
        scan(page, street, street.paper()["token"], "L-2")
        answer(page, "No")

        page.context.set_offline(False)
        expect(page.get_by_role("heading", name="Who is at the till?")).to_be_visible(timeout=15_000)
        delivered(page)
        assert [one["answer"]["status"] for one in kept(page)] == ["booked"]


@pytest.mark.slow
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


@pytest.mark.slow
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


def pids_of(folder: Path) -> list[int]:
    """The browser that this test started in its own folder."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if f"--user-data-dir={folder}" in one.read_bytes().decode(errors="replace"):
                found.append(int(one.parent.name))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["en", "ru", "lv"])
def test_every_page_without_a_network_fits_and_can_be_read_by_all(
    cafe: Page, street: Street, language: str, width: int
) -> None:
    cafe.set_viewport_size({"width": width, "height": 800})
    cafe.goto(f"{street.server.url}/till")
    cafe.locator(f".languages [lang={language}]").click()
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
    ready(cafe)
