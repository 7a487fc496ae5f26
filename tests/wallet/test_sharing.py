"""The link to a friend: by the phone's share sheet, and without one, or when it fails, by copying.

Headless Chromium has no share sheet, so the page is given one that notes what it was handed; everything else is real.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.api.street import Street
from tests.wallet.conftest import Phones
from tests.wallet.test_wallet_page import claimed, home, scanned

pytestmark = pytest.mark.browser
SHEET = """Object.defineProperty(navigator, 'share', {value: async (what) => {
    (globalThis.handed ??= []).push(what);
    if (globalThis.ends) throw new DOMException('', globalThis.ends);
}});"""


def passing(page: Page) -> str:
    """The link that is made for a friend."""
    page.get_by_role("button", name="Pass it to a friend").click()
    page.get_by_role("button", name="Yes, make the link").click()
    return page.locator(".link").inner_text()


def test_it_goes_to_a_friend_by_the_share_sheet_and_the_old_copy_is_refused_with_when(
    street: Street, phones: Phones
) -> None:
    anna, boris = phones(), phones(locale="lv-LV")
    anna.add_init_script(SHEET)
    claimed(street, anna)
    old = scanned(anna)
    link = passing(anna)
    send = anna.get_by_role("button", name="Send the link")

    expect(anna.get_by_text("Not opened yet")).to_be_visible()
    anna.evaluate("globalThis.ends = 'AbortError'")  # the sheet is called off
    send.click()
    expect(anna.get_by_role("alert")).to_be_empty()
    home(anna)
    anna.locator("button.row", has_text="passed on, not opened yet").click()
    anna.evaluate("globalThis.ends = ''")
    send.click()

    assert anna.evaluate("handed") == [{"title": "A certificate for you", "url": link}] * 2
    boris.goto(link.replace("http://localhost:8700", street.server.url))
    boris.get_by_role("button", name="Saglabāt šajā tālrunī").click()
    theirs = scanned(boris)
    expect(anna.get_by_text("Your friend has it now.")).to_be_visible(timeout=10_000)
    expect(anna.get_by_role("button", name="Keep it after all")).to_be_hidden()
    refused = street.call("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=old)).json()
    assert (refused["code"], bool(refused["passed_on_at"])) == ("certificate_passed_on", True)
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=theirs))


def test_a_sheet_that_fails_leaves_the_link_to_copy(street: Street, phones: Phones) -> None:
    anna = phones()
    anna.add_init_script(f"{SHEET} globalThis.ends = 'NotAllowedError';")
    anna.context.grant_permissions(["clipboard-read", "clipboard-write"])
    claimed(street, anna)
    link = passing(anna)

    anna.get_by_role("button", name="Send the link").click()

    expect(anna.get_by_role("alert")).to_contain_text("Copy the link, and send it yourself")
    anna.get_by_role("button", name="Copy the link").click()
    expect(anna.get_by_role("button", name="Copied")).to_be_visible()
    assert anna.evaluate("navigator.clipboard.readText()") == link


def test_without_a_sheet_or_a_clipboard_the_link_is_marked_and_the_giver_may_keep_it(
    street: Street, phones: Phones
) -> None:
    anna = phones()
    anna.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")  # as on plain http
    claimed(street, anna)
    link = passing(anna)

    expect(anna.get_by_role("button", name="Send the link")).to_have_count(0)
    anna.get_by_role("button", name="Copy the link").click()
    assert anna.evaluate("getSelection().toString()") == link

    anna.get_by_role("button", name="Keep it after all").click()
    anna.get_by_role("button", name="Put it into this phone").click()
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=scanned(anna)))
