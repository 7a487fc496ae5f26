"""The second reader makes gross supplies and their tax again, rate by rate, and names what is printed otherwise."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from network.domain.tax import AtRate, TaxRecord
from network.domain.terms import FaceValue, Funding, Terms
from tests.archive.test_archive import facts, files_of, packed_again, report_of, with_events, with_facts
from tests.settlement.streets import close
from tests.support import HandClock, Neighbourhood, coalitions_of, found, migrated
from tests.written import archive_of

TERMS = Terms(face=FaceValue(fixed=1_000), funding=Funding(issuer=6_000), partial_redemption=True)
SOLD = (AtRate(2_100, 1_350), AtRate(500, 450))


@pytest.fixture(scope="module")
def taxed(module_database_url: str) -> tuple[bytes, bytes]:
    """Window 2 of a restaurant with two rates: bills with and without a split, a reversal, refunds of parts. The whole
    archive, and the restaurant's own.
    """
    clock = HandClock()
    with coalitions_of(migrated(module_database_url), clock) as coalitions:
        street = found(coalitions, clock)
        restaurant = _trade(street, module_database_url)
        return archive_of(street.opened, 2, None), archive_of(street.opened, 2, restaurant)


def _trade(street: Neighbourhood, url: str) -> UUID:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    agreement = street.agreement(salon, restaurant, TERMS)

    def redeemed(**more: Any) -> dict[str, Any]:
        details = street.redemption(street.issued(salon, agreement), restaurant, **more)
        street.do("redeem_certificate", **details)
        return details

    redeemed(amount=333)
    street.do("record_tax", merchant_id=restaurant, record=TaxRecord("LV", (2_100, 500), "2020-01-01"), by="owner")
    refunded, undone = redeemed(sold=SOLD), redeemed(sold=SOLD, amount=777)
    close(url, street.opened, 1)
    redeemed(sold=SOLD, amount=331)
    redeemed()
    names = ("certificate_id", "redemption_id", "acceptor_id")
    street.do("reverse_redemption", reason="a slip", **{name: undone[name] for name in names})
    bill = {"merchant_id": restaurant, "bill_reference": refunded["bill_reference"], "amount": 1_800}
    paid = street.do("record_payment", **bill, currency="EUR", customer_id=None)
    for part in (701, 401):
        payment_id = UUID(paid["payment_id"])
        street.do("refund_payment", merchant_id=restaurant, payment_id=payment_id, refund_id=uuid4(), amount=part)
    close(url, street.opened, 2)
    return restaurant


def test_supplies_are_made_again_by_rate(taxed: tuple[bytes, bytes], tmp_path: Path) -> None:
    printed = [
        one
        for statement in json.loads(files_of(taxed[0])["statement.json"])["statements"]
        for pair in statement["pairs"]
        for one in pair["supplied_here"]
    ]

    assert {one["rate"] for one in printed} == {None, 500, 2_100}
    assert any(one["gross"] < 0 and one["tax"] < 0 for one in printed), "more was undone than supplied"
    for archive in taxed:
        assert report_of(archive, tmp_path)["findings"] == []


def test_another_tax_on_the_statement_is_named(taxed: tuple[bytes, bytes], tmp_path: Path) -> None:
    files = files_of(taxed[1])
    document = json.loads(files["statement.json"])
    document["statement"]["pairs"][0]["supplied_here"][-1]["tax"] += 1
    files["statement.json"] = json.dumps(document).encode()

    findings = report_of(packed_again(files), tmp_path)["findings"]

    assert [one for one in findings if "supplied_here is stated as" in one["says"]]


@pytest.mark.parametrize(
    ("topic", "change", "says"),
    [
        ("Redeemed", lambda f: f["supply"]["parts"][0].update(amount=1), "the bill gives"),
        ("Redeemed", lambda f: f["supply"].update(instrument="discount"), "the terms make it a third_party_funded"),
        ("Redeemed", lambda f: f["supply"].update(funded=1), "others pay 1 of the supply"),
        ("Redeemed", lambda f: f.update(sold=[]), "was not split by rate"),
        ("RedemptionRefunded", lambda f: f["supply"][0].update(amount=1), "in proportion it is"),
    ],
)
def test_a_supply_that_does_not_follow_is_named(
    taxed: tuple[bytes, bytes], tmp_path: Path, topic: str, change: Callable[[dict[str, Any]], None], says: str
) -> None:
    def changed(events: list[dict[str, Any]]) -> None:
        wanted = [one for one in events if one["topic"] == f"Certificate.{topic}"]
        change_of = next(one for one in wanted if "sold" not in facts(one) or facts(one)["sold"])
        with_facts(change_of, change)

    findings = report_of(with_events(taxed[1], changed), tmp_path)["findings"]

    assert [one for one in findings if one["check"] == "tax" and says in one["says"]], findings
