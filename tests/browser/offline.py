"""Tills whose network is really cut: what every browser test of them does."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

from playwright.sync_api import Error as Interrupted
from playwright.sync_api import Page, expect

from tests.api.street import TERMS, Street


def until(page: Page, truth: str) -> None:
    """Wait until this function of the page says so, also of one that loads itself anew meanwhile; Playwright's own way
    takes a promise for a yes.
    """
    for _ in range(700):
        with suppress(Interrupted):
            if page.evaluate(truth):
                return
        page.wait_for_timeout(100)
    raise AssertionError(truth)


def ready(page: Page) -> None:
    """The till's home page says that it has everything it needs without a network. One that asked before the views had
    come so far asks again within a minute.
    """
    expect(page.locator("[data-standing][data-code=prepared]")).to_be_visible(timeout=70_000)


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
