"""The guest's story on the page: claim, show, pass on, print, lose the phone, be forgotten; on a bad network too."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, Route, expect

from network import qr, token
from network.presentation import taken_apart
from tests.api.street import TERMS, Street
from tests.browser.stalling import stalling
from tests.wallet.conftest import Phones

pytestmark = pytest.mark.browser


def scanned(page: Page) -> str:
    """What a till's camera reads from the screen: zxing-cpp, on the page's own screenshot."""
    expect(page.locator(".qr svg")).to_be_visible()
    picture = Image.open(BytesIO(page.locator(".qr").screenshot())).convert("L")
    (read,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return str(read.text)


def claimed(street: Street, page: Page, paper: dict[str, Any] | None = None) -> dict[str, Any]:
    """A paper certificate, put into this phone by its button."""
    paper = paper or street.paper()
    page.goto(f"{street.server.url}/v#{paper['token']}")
    page.get_by_role("button", name="Put it into this phone").click()
    expect(page.locator(".qr svg")).to_be_visible()
    return paper


def home(page: Page) -> None:
    page.get_by_role("button", name="All my certificates").click()


def test_a_scanned_paper_goes_into_the_phone_and_the_till_takes_its_live_code(street: Street, phones: Phones) -> None:
    phone = phones()
    paper = street.paper()
    phone.goto(f"{street.server.url}/v#{paper['token']}")
    expect(phone.get_by_role("heading", name="€5.00")).to_be_visible()
    expect(phone.get_by_text("restaurant street 1")).to_be_visible()

    phone.get_by_role("button", name="Put it into this phone").click()
    shown = scanned(phone)

    assert "#" not in phone.url
    assert taken_apart(token.from_text(shown)) is not None
    worth = street.done("POST", "/v1/presented", street.restaurant.till, {"token": shown})
    assert (worth["counts"], worth["in_wallet"]) == (True, True)
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=shown))
    expect(phone.get_by_text("Used. Enjoy!")).to_be_visible(timeout=10_000)
    home(phone)
    expect(phone.get_by_text("used on")).to_be_visible()


@pytest.mark.slow
def test_the_code_is_renewed_before_ones_eyes(street: Street, phones: Phones) -> None:
    phone = phones()
    phone.clock.install()
    claimed(street, phone)
    before = phone.locator(".qr").get_attribute("data-shown-at")
    expect(phone.locator(".seconds")).to_contain_text("new in")

    phone.clock.run_for(16_000)

    expect(phone.locator(".qr")).not_to_have_attribute("data-shown-at", str(before))


@pytest.mark.slow
def test_a_screenshot_is_refused_after_45_seconds(street: Street, phones: Phones) -> None:
    phone = phones()
    claimed(street, phone)
    screenshot = scanned(phone)

    phone.wait_for_timeout(61_000)

    old = street.call("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=screenshot))
    assert old.json()["code"] == "proof_stale"
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=scanned(phone)))


def test_paper_kills_the_phones_copy_and_the_page_says_so_before(street: Street, phones: Phones) -> None:
    phone = phones()
    claimed(street, phone)
    old = scanned(phone)

    phone.get_by_role("button", name="Print it on paper").click()
    expect(phone.get_by_text("The copy in this phone stops counting at once")).to_be_visible()
    phone.get_by_role("button", name="Yes, put it on paper").click()
    expect(phone.locator(".paper .code")).to_be_visible()

    assert len(phone.pdf()) > 5_000
    refused = street.call("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=old))
    assert refused.json()["code"] == "certificate_printed"
    done = street.redeeming(token=scanned(phone))
    assert street.done("POST", "/v1/redemptions", street.restaurant.till, done)["deducted"] == 500


def test_a_code_is_asked_for_when_the_camera_fails(street: Street, phones: Phones) -> None:
    phone = phones()
    claimed(street, phone)

    phone.get_by_role("button", name="The camera does not work?").click()
    code = phone.locator(".code").inner_text()

    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(typed_code=code))


def test_the_phones_way_back_leads_to_the_list_and_not_out_of_the_wallet(street: Street, phones: Phones) -> None:
    phone = phones()
    claimed(street, phone)
    home(phone)
    for inside in (phone.locator("button.row").first, phone.get_by_role("button", name="Settings and help")):
        inside.click()
        expect(phone.locator("button.row")).to_have_count(0)
        phone.go_back()
        expect(phone.locator("button.row")).to_have_count(1)


def cut_answers(page: Page, path: str) -> None:
    """The network does what is asked, and its answer is lost on the way: once."""

    def lose(route: Any) -> None:
        route.fetch()
        route.abort("connectionreset")
        page.unroute(f"**{path}")

    page.route(f"**{path}", lose)


def test_an_answer_lost_in_the_middle_of_claiming_claims_once(street: Street, phones: Phones) -> None:
    phone = phones(may_fail=True)
    paper = street.paper()
    phone.goto(f"{street.server.url}/v#{paper['token']}")
    cut_answers(phone, "/v1/claims")

    phone.get_by_role("button", name="Put it into this phone").click()
    expect(phone.get_by_text("There is no connection right now")).to_be_visible()
    phone.get_by_role("button", name="Try again").click()

    done = street.redeeming(token=scanned(phone))
    assert street.done("POST", "/v1/redemptions", street.restaurant.till, done)["epoch"] == 1


@pytest.mark.slow
def test_a_claim_whose_answer_was_lost_is_there_after_the_page_was_closed(street: Street, phones: Phones) -> None:
    phone = phones(may_fail=True)
    paper = street.paper()
    phone.goto(f"{street.server.url}/v#{paper['token']}")
    cut_answers(phone, "/v1/claims")
    phone.get_by_role("button", name="Put it into this phone").click()
    expect(phone.get_by_text("There is no connection right now")).to_be_visible()

    phone.goto("about:blank")
    phone.goto(f"{street.server.url}/v")
    phone.locator("button.row").click()

    done = street.redeeming(token=scanned(phone))
    assert street.done("POST", "/v1/redemptions", street.restaurant.till, done)["epoch"] == 1


@pytest.mark.slow
def test_an_answer_lost_in_the_middle_of_passing_on_passes_once(street: Street, phones: Phones) -> None:
    anna, boris = phones(may_fail=True), phones()
    claimed(street, anna)
    cut_answers(anna, "/passing")

    anna.get_by_role("button", name="Pass it to a friend").click()
    anna.get_by_role("button", name="Yes, make the link").click()
    expect(anna.get_by_text("There is no connection right now")).to_be_visible()
    anna.goto("about:blank")
    anna.goto(f"{street.server.url}/v")
    anna.locator("button.row", has_text="passed on, not opened yet").click()
    link = anna.locator(".link").inner_text()

    boris.goto(link.replace("http://localhost:8700", street.server.url))
    boris.get_by_role("button", name="Put it into this phone").click()
    assert taken_apart(token.from_text(scanned(boris))) is not None


def test_without_a_network_it_is_shown_and_still_counts(street: Street, phones: Phones) -> None:
    phone = phones(may_fail=True)
    claimed(street, phone)
    home(phone)
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.reload()
    expect(phone.locator("button.row")).to_be_visible()

    phone.context.set_offline(True)
    phone.reload()
    expect(phone.get_by_text("You are offline")).to_be_visible()
    phone.locator("button.row").click()
    expect(phone.get_by_text("The code still works where the till is online")).to_be_visible()
    shown = scanned(phone)

    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=shown))


def test_a_network_that_says_nothing_is_as_good_as_none(street: Street, phones: Phones) -> None:
    phone = phones()
    with stalling(street.server.url) as way:
        claimed(replace(street, server=replace(street.server, url=way.url)), phone)
        phone.evaluate("() => navigator.serviceWorker.ready")
        way.words = (b"GET /",)
        phone.goto(f"{way.url}/v", wait_until="commit")

        phone.locator("button.row").click()

        assert taken_apart(token.from_text(scanned(phone))) is not None
        assert any(line.startswith(b"GET /v ") for line in way.held)


def test_a_new_version_leaves_what_a_till_keeps_in_the_same_browser(street: Street, phones: Phones) -> None:
    phone = phones(may_fail=True)  # a style sheet has no icon
    phone.goto(f"{street.server.url}/static/shared.css")
    phone.evaluate(
        "Promise.all(['pollen-till-1', 'pollen-wallet-1'].map((name) => caches.open(name))).then(() => null)"
    )

    phone.goto(f"{street.server.url}/v")
    phone.evaluate("""async () => {
        const { active } = await navigator.serviceWorker.ready;
        while (active.state !== 'activated') await new Promise((soon) => setTimeout(soon, 20));
    }""")

    kept = phone.evaluate("caches.keys()")
    assert "pollen-till-1" in kept
    assert "pollen-wallet-1" not in kept


@pytest.mark.slow
def test_a_browser_that_lost_its_key_makes_a_new_one(street: Street, phones: Phones) -> None:
    phone = phones()
    claimed(street, phone)
    old = scanned(phone)
    home(phone)
    phone.evaluate("""() => new Promise((done) => {
        const request = indexedDB.open('pollen', 1);
        request.onsuccess = () => {
            const store = request.result.transaction('keys', 'readwrite').objectStore('keys');
            store.clear().onsuccess = () => { request.result.close(); done(); };
        };
    })""")

    phone.locator("button.row").click()
    expect(phone.locator(".alive")).to_be_visible()

    refused = street.call("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=old))
    assert refused.json()["code"] == "certificate_rebound"
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=scanned(phone)))


def test_no_script_reads_what_opens_the_wallet_and_an_emptied_browser_finds_it_again(
    street: Street, phones: Phones
) -> None:
    phone = phones()
    claimed(street, phone)
    (cookie,) = phone.context.cookies()
    readable = phone.evaluate("JSON.stringify({...localStorage}) + document.cookie")
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("pollen-wallet-street", True, "Strict")
    assert cookie["value"].startswith("pollen_wallet_")
    assert "pollen_wallet_" not in readable

    phone.evaluate("localStorage.clear()")
    phone.evaluate("new Promise((done) => { indexedDB.deleteDatabase('pollen').onsuccess = done; })")
    phone.goto("about:blank")
    phone.goto(f"{street.server.url}/v")
    phone.locator("button.row").click()

    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=scanned(phone)))


def test_a_lost_phones_certificates_come_back_by_the_code_and_the_lost_phone_is_cut_off(
    street: Street, phones: Phones
) -> None:
    lost, new = phones(may_fail=True), phones()
    claimed(street, lost)
    old = scanned(lost)
    home(lost)
    lost.get_by_role("button", name="Show my recovery code").click()
    lost.get_by_role("button", name="Show my recovery code").click()
    code = lost.locator(".code").inner_text()
    lost.goto("about:blank")  # it asks nothing while it is cut off

    new.goto(f"{street.server.url}/v")
    new.get_by_role("button", name="I have a recovery code").click()
    new.get_by_label("Recovery code").fill(code.lower().replace("-", " "))
    new.get_by_role("button", name="Get my certificates back").click()
    new.locator("button.row").click()
    fresh = scanned(new)

    refused = street.call("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=old))
    assert refused.json()["code"] == "certificate_rebound"
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=fresh))
    lost.goto(f"{street.server.url}/v")
    expect(lost.get_by_text("moved to another phone")).to_be_visible()


def test_delete_me_leaves_nothing_in_the_browser(street: Street, phones: Phones) -> None:
    phone = phones()
    claimed(street, phone)
    home(phone)
    phone.get_by_role("button", name="Settings and help").click()
    phone.get_by_role("button", name="Delete me").click()
    phone.get_by_role("button", name="Yes, delete me").click()

    expect(phone.get_by_text("You are deleted.")).to_be_visible()
    left = phone.evaluate("""async () => [
        Object.keys(localStorage).length,
        await new Promise((done) => {
            const request = indexedDB.open('pollen', 1);
            request.onsuccess = () => {
                request.result.transaction('keys').objectStore('keys').count().onsuccess = (e) => done(e.target.result);
            };
        }),
    ]""")
    assert left == [0, 0]


@pytest.mark.slow
def test_one_phone_holds_certificates_of_several_coalitions(street: Street, phones: Phones) -> None:
    other = Street.found(street.server, "harbour")
    phone = phones()
    claimed(street, phone)
    claimed(other, phone)
    home(phone)

    expect(phone.locator("button.row")).to_have_count(2)
    other.http.close()


@pytest.mark.slow
def test_what_is_left_of_a_partly_used_one_is_shown(street: Street, phones: Phones) -> None:
    street.shops["spa"] = street.join("spa")
    agreement_id = street.agree("salon", "spa", TERMS | {"partial_redemption": True})
    choice = {"certificate_id": "1c0ffee1-0000-4000-8000-000000000001", "agreement_id": agreement_id}
    path = f"/v1/payments/{street.bill()}/certificates"
    (paper,) = street.done("POST", path, street.salon.till, {"choices": [choice]})["certificates"]
    phone = phones()
    claimed(street, phone, paper)

    asked = street.redeeming(token=scanned(phone), amount=120)
    street.done("POST", "/v1/redemptions", street.shops["spa"].till, asked)

    expect(phone.get_by_text("A part of it was used")).to_be_visible(timeout=10_000)
    expect(phone.get_by_role("heading", name="€3.80")).to_be_visible()


def test_a_dead_copy_says_why_and_when(street: Street, phones: Phones) -> None:
    paper = street.paper()
    street.done("POST", "/v1/claims", street.wallet, {"token": paper["token"]})
    phone = phones()

    phone.goto(f"{street.server.url}/v#{paper['token']}")

    expect(phone.get_by_text("was put into a phone on")).to_be_visible()
    expect(phone.get_by_role("button", name="Put it into this phone")).to_have_count(0)


def test_a_shops_name_is_text_and_never_markup(street: Street, phones: Phones) -> None:
    name = "<img src=x onerror=alert(1)> & sons"
    street.shops["tricky"] = street.join(name)
    agreement_id = street.agree("salon", "tricky", TERMS)
    choice = {"certificate_id": "1c0ffee1-0000-4000-8000-000000000002", "agreement_id": agreement_id}
    path = f"/v1/payments/{street.bill()}/certificates"
    issued = street.done("POST", path, street.salon.till, {"choices": [choice]})["certificates"][0]
    phone = phones()

    phone.goto(f"{street.server.url}/v#{issued['token']}")

    expect(phone.locator(".place")).to_have_text(name)
    assert phone.locator("img").count() == 0


def test_the_phone_draws_the_code_that_the_network_draws(street: Street, phones: Phones) -> None:
    phone = phones()
    phone.goto(f"{street.server.url}/v")
    prefix = f"{street.server.url}/v#"

    for length in (0, 1, 40, 216, 217, 429, 640):
        text = ("0123456789ABCDEFGHJKLMNPQRSTUVWX" * 20)[:length]
        rows = phone.evaluate(
            "([prefix, text]) => import('/static/wallet/qr.js').then((qr) => qr.modules(prefix, text))", [prefix, text]
        )
        if length >= 20:  # below that the network's library puts everything into one segment
            assert rows == qr.modules(prefix + text), length
        else:
            assert _read(rows) == prefix + text


def _read(rows: list[list[int]]) -> str:
    """What another reader makes of these modules."""
    side = len(rows) + 2 * qr.QUIET_ZONE
    picture = Image.new("L", (side, side), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            picture.putpixel((x + qr.QUIET_ZONE, y + qr.QUIET_ZONE), 0 if dark else 255)
    (read,) = zxingcpp.read_barcodes(picture.resize((side * 6, side * 6), Image.Resampling.NEAREST))
    return str(read.text)


def test_the_list_that_comes_late_does_not_take_the_code_away(street: Street, phones: Phones) -> None:
    page = phones()
    claimed(street, page)
    held_back: list[Route] = []

    def hold(route: Route) -> None:
        held_back.append(route)

    page.route("**/v1/wallet/certificates*", hold)
    home(page)
    page.locator("button.row").first.click()
    expect(page.locator(".qr svg")).to_be_visible()

    with page.expect_response("**/v1/wallet/certificates*"):
        for route in held_back:
            route.continue_()
    page.wait_for_timeout(500)

    expect(page.locator(".qr svg")).to_be_visible()
    expect(page.locator("button.row")).to_have_count(0)
