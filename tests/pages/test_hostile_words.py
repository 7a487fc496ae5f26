"""Whatever people write, on every page it is text: no element, no attribute and no address comes of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit
from uuid import UUID, uuid4

import pytest
from lxml import html

from network.access import secrets
from network.access.people import add_person
from tests.api.street import TERMS, Street
from tests.banking.world import iban_of
from tests.pages.owners import owner
from tests.pages.test_tills import PIN, begin, redeem, till_of
from tests.pages.visitors import PASSWORD, Visitor
from tests.settlement.banks import row, table
from tests.support import HandClock

EVIL = "javascript:\"onxss=\"1'onxss='1<xss onxss=1></script>{{7*7}}"
PAGES_LEAST = 60


@pytest.fixture(scope="module")
def owners(street: Street, clock: HandClock) -> Iterator[list[Visitor]]:
    """Of two shops whose names, addresses, bills, limits, reasons and programs are all markup."""
    for name in ("issuer", "acceptor"):
        street.shops[name] = street.join(f"{EVIL} {name}")
    came = [owner(street, clock, name, name) for name in ("issuer", "acceptor")]
    _trade(street)
    _write(street)
    yield came
    for one in came:
        one.http.close()


def _trade(street: Street) -> None:
    issuer, acceptor = street.shops["issuer"], street.shops["acceptor"]
    agreement_id = street.agree("issuer", "acceptor", TERMS)
    for number in range(3):
        bill = {"bill_reference": f"{EVIL}{number}", "amount": 2_400, "currency": "EUR"}
        payment_id = street.done("POST", "/v1/payments", issuer.till, bill)["payment_id"]
        chosen = {"choices": [{"certificate_id": str(uuid4()), "agreement_id": agreement_id}]}
        (paper,) = street.done("POST", f"/v1/payments/{payment_id}/certificates", issuer.till, chosen)["certificates"]
        if number < 2:
            used = street.redeeming(token=paper["token"]) | {"bill_reference": f"{EVIL} {number}"}
            street.done("POST", "/v1/redemptions", acceptor.till, used)
        else:
            cancelled = f"/v1/certificates/{paper['certificate_id']}/revocation"
            street.done("POST", cancelled, issuer.owner, {"reason": EVIL})
    other = {"terms": {**TERMS, "face": {"fixed": 700}}}
    street.done("POST", f"/v1/agreements/{agreement_id}/versions", acceptor.owner, other)


def _write(street: Street) -> None:
    issuer, acceptor = street.shops["issuer"], street.shops["acceptor"]
    for shop, number in ((issuer, 11), (acceptor, 12)):
        details = {"iban": iban_of(number), "holder": "A holder"}
        street.done("PUT", f"/v1/bank-details/{shop.id}", shop.owner, details)
        street.done("PUT", f"/v1/merchants/{shop.id}/profile", shop.owner, {"category": EVIL[:60], "address": EVIL})
    cap = {"scope": f"debtor:{issuer.id}", "limit": 900_000, "reason": EVIL}
    street.done("PUT", "/v1/caps", street.organizer, cap)
    hook = {"webhook_id": str(uuid4()), "url": f"http://127.0.0.1:9/{EVIL.replace(' ', '')}"}
    street.done("POST", "/v1/webhooks", issuer.owner, hook)
    street.done("POST", "/v1/windows/1/cut", street.organizer, {"review_days": 7})
    street.done("POST", "/v1/windows/1/statement", street.organizer)
    at = {"Pollen-Position": str(street.position)}
    lines = street.done("GET", f"/v1/windows/1/statements/{issuer.id}", issuer.owner, headers=at)["lines"]
    disputed = {
        "position": lines[0]["position"],
        "counterparty_id": acceptor.id,
        "kind": "value",
        "reason": "other",
        "note": EVIL,
    }
    street.done("POST", "/v1/disputes", issuer.owner, disputed)
    file = table(row(iban_of(12), "5.00", EVIL, bank=EVIL, text=EVIL, other=EVIL))
    street.http.post("/v1/bank-files", content=file, headers={
        "Authorization": f"Bearer {street.organizer}", "Idempotency-Key": str(uuid4()), "Content-Type": "text/csv",
    }).raise_for_status()  # fmt: skip


@pytest.fixture(scope="module")
def till(street: Street, clock: HandClock, owners: list[Visitor]) -> Iterator[Visitor]:
    """The acceptor's, with a cashier whose name is markup, and a certificate in the shift."""
    shop = street.shops["acceptor"]
    came = till_of(street, clock, shop)
    post = ("cashier", UUID(shop.id))
    cashier = add_person(came.coalition, name=EVIL, post=post, at=datetime.now(UTC), pin=PIN, person_id=uuid4())
    assert begin(came, str(cashier.person_id)) == "/till"
    assert EVIL not in redeem(came, EVIL, EVIL)
    yield came
    came.http.close()


def foreign(page: str) -> list[str]:
    """What stands in a page and is none of ours: elements and attributes from words, and addresses of scripts."""
    found = []
    for element in html.document_fromstring(page).iter():
        if not isinstance(element.tag, str):
            continue
        found += [element.tag] if element.tag == "xss" else []
        found += [f"{element.tag} {name}" for name in element.attrib if name.startswith("on")]
        found += [
            f"{element.tag} {name}={value[:40]}" for name, value in element.attrib.items()
            if name in ("href", "src", "action", "formaction", "hx-get", "hx-post") and value.startswith("javascript")
        ]  # fmt: skip
    return found


def read_all(visitor: Visitor, *begin: str) -> dict[str, str]:
    """Every page that leads on from these, by its address."""
    pages: dict[str, str] = {}
    to_read = list(begin)
    while to_read:
        path = to_read.pop()
        answer = visitor.get(path, headers={"Accept": "text/html"})
        if path in pages or "text/html" not in answer.headers.get("content-type", ""):
            continue
        pages[path] = answer.text
        for link in html.document_fromstring(answer.text).iter("a"):
            there = urlsplit(urljoin(path, link.get("href", "")))
            leads_on = not there.scheme and not there.netloc and "download" not in link.attrib
            if leads_on and there.path not in pages:
                to_read.append(there.path + (f"?{there.query}" if there.query else ""))
    return pages


@pytest.mark.slow
def test_what_people_write_is_text_on_every_page_that_they_can_reach(
    owners: list[Visitor], organizer: Visitor, till: Visitor
) -> None:
    pages = read_all(till, "/till", "/till/shift") | read_all(organizer, "/console", "/people")
    for one in owners:
        pages |= {f"{path} of {id(one)}": text for path, text in read_all(one, "/shop", "/tills", "/people").items()}

    assert len(pages) > PAGES_LEAST
    assert {path: strange for path, page in pages.items() if (strange := foreign(page))} == {}
    assert sum("&lt;xss" in page for page in pages.values()) > PAGES_LEAST // 2


def test_an_unknown_name_costs_as_much_work_as_a_wrong_password(
    visitor: Visitor, anna: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []

    class Counting(type(secrets._hasher)):  # type: ignore[misc]
        def verify(self, kept: str, password: str) -> bool:
            compared.append(kept.split("$")[3])
            return bool(super().verify(kept, password))

    monkeypatch.setattr(secrets, "_hasher", Counting())
    for login in ("anna", "nobody"):
        assert visitor.sign_in(login, f"not {PASSWORD}").status_code == 422

    assert len(compared) == 2
    assert len(set(compared)) == 1  # memory, passes and lanes
