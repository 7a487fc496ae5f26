"""The guest's address on the page: kept only with a yes, confirmed, a way back by the link in a message, deleted."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.api.street import Server, Street, serving, settings
from tests.mailbox import Mailbox, code_in
from tests.wallet.conftest import Phones, accessible, overflows
from tests.wallet.test_wallet_page import claimed, home

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as running:
        yield running
        running.shutdown()


@pytest.fixture(scope="module")
def server(module_database_url: str, mailbox: Mailbox) -> Iterator[Server]:
    mailing = settings(smtp_url=mailbox.url, mail_from="Pollen <pollen@example.org>")
    with serving(module_database_url, settings=mailing) as running:
        yield running


def test_an_address_is_kept_confirmed_and_leads_back_from_another_phone(
    street: Street, phones: Phones, mailbox: Mailbox
) -> None:
    lost, new = phones(may_fail=True), phones()
    claimed(street, lost)
    home(lost)
    lost.get_by_role("button", name="Settings and help").click()
    lost.get_by_label("E-mail address").fill("anna@example.org")
    lost.get_by_role("button", name="Keep it").click()
    expect(lost.get_by_text("Say yes to one of them")).to_be_visible()
    for width in (360, 1280):
        lost.set_viewport_size({"width": width, "height": 800})
        assert (accessible(lost), overflows(lost)) == ([], [])

    lost.get_by_label("Send me a link back").check()
    lost.get_by_role("button", name="Keep it").click()
    lost.get_by_label("Code from the message").fill(code_in(mailbox.next()))
    lost.get_by_role("button", name="Confirm").click()
    expect(lost.get_by_text("You said yes on")).to_be_visible()
    expect(lost.get_by_label("Code from the message")).to_be_hidden()

    new.goto(f"{street.server.url}/v")
    new.get_by_role("button", name="I have a recovery code").click()
    new.locator("#way-back").fill("Anna@Example.org")
    new.get_by_role("button", name="Send me a link").click()
    expect(new.get_by_text("a message with a link is on its way")).to_be_visible()
    (link,) = re.findall(r"\S+/v#\S+", mailbox.next().get_content())
    new.goto("about:blank")
    new.goto(link.replace("http://localhost:8700", street.server.url))
    assert "#" not in new.url
    new.get_by_role("button", name="Get my certificates back").click()
    expect(new.locator("button.row")).to_be_visible()

    new.get_by_role("button", name="Settings and help").click()
    new.get_by_role("button", name="Delete my address").click()
    expect(new.get_by_role("button", name="Keep it")).to_be_visible()
    assert mailbox.is_empty()


def test_where_nothing_is_sent_nothing_is_asked_for(phones: Phones, module_database_url: str) -> None:
    with serving(module_database_url) as server:
        phone = phones()
        phone.goto(f"{server.url}/v")
        phone.get_by_role("button", name="I have a recovery code").click()
        expect(phone.get_by_label("Recovery code")).to_be_visible()
        phone.wait_for_load_state("networkidle")

        assert phone.locator("#way-back").count() == 0
