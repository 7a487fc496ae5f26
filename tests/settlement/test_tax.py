"""Statements print gross supplies by tax rate, and twelve months' value adds up by country, from the same events."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from network.audit import audit
from network.domain.tax import AtRate, TaxRecord
from network.domain.terms import FaceValue, Funding, Terms
from network.projections import value_by_country
from network.settlement.statement import Supplied
from tests.projections.worlds import catch_up
from tests.settlement.streets import close, statements
from tests.support import Neighbourhood

TERMS = Terms(face=FaceValue(fixed=1_000), funding=Funding(issuer=6_000))
TAXES = TaxRecord("LV", (2_100, 500), "2020-01-01")


@pytest.fixture
def shops(street: Neighbourhood) -> tuple[UUID, UUID]:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    street.do("record_tax", merchant_id=restaurant, record=TAXES, by="owner")
    return salon, restaurant


def redeemed(street: Neighbourhood, shops: tuple[UUID, UUID], **more: Any) -> dict[str, Any]:
    salon, restaurant = shops
    details = street.redemption(street.issued(salon, street.agreement(salon, restaurant, TERMS)), restaurant, **more)
    street.do("redeem_certificate", **details)
    return details


def values(url: str, street: Neighbourhood) -> list[tuple[str, int, int]]:
    catch_up(url, street.opened.schema)
    with psycopg.connect(url) as connection:
        return value_by_country.between(connection, street.opened.schema, date(2025, 3, 2), date(2026, 12, 31))


def test_a_statement_prints_what_was_supplied_at_each_rate_though_less_is_paid(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    redeemed(street, shops, sold=(AtRate(2_100, 1_350), AtRate(500, 450)))
    redeemed(street, shops)

    close(module_database_url, street.opened, 1)

    found = statements(street.opened, 1)
    (here,), (there,) = found[shops[1]].pairs, found[shops[0]].pairs
    expected = (
        Supplied("third_party_funded", "LV", None, 1_000, None),
        Supplied("third_party_funded", "LV", 500, 250, 12),
        Supplied("third_party_funded", "LV", 2_100, 750, 130),
    )
    assert (here.supplied_here, here.supplied_there) == (expected, ())
    assert (there.supplied_there, there.due) == (expected, -1_200)
    assert here.redeemed_here == sum(one.gross for one in expected)


def test_what_is_undone_and_refunded_is_taken_back_rate_by_rate(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    undone = redeemed(street, shops)
    refunded = redeemed(street, shops, sold=(AtRate(2_100, 900), AtRate(500, 900)))
    street.do(
        "reverse_redemption",
        certificate_id=undone["certificate_id"],
        redemption_id=undone["redemption_id"],
        acceptor_id=shops[1],
        reason="a slip",
    )
    bill = {"merchant_id": shops[1], "bill_reference": refunded["bill_reference"], "amount": 1_800}
    paid = street.do("record_payment", **bill, currency="EUR", customer_id=None)
    payment_id = UUID(paid["payment_id"])
    street.do("refund_payment", merchant_id=shops[1], payment_id=payment_id, refund_id=uuid4(), amount=900)

    close(module_database_url, street.opened, 1)

    (pair,) = statements(street.opened, 1)[shops[1]].pairs
    assert [(one.rate, one.gross) for one in pair.supplied_here] == [(500, 250), (2_100, 250)]
    assert values(module_database_url, street) == [("LV", 1_000, 1)], "a refund leaves what was executed"
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        assert audit(connection, street.opened.schema).findings == []


def test_value_counts_on_its_day_in_the_country_that_was_on_record_then(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    salon, restaurant = shops
    redeemed(street, shops)
    redeemed(street, (restaurant, salon))
    moved = TaxRecord("EE", (2_400,), street.clock.now.date().isoformat())
    street.do("record_tax", merchant_id=restaurant, record=moved, by="owner")
    redeemed(street, shops)

    assert values(module_database_url, street) == [("", 1_000, 1), ("EE", 1_000, 1), ("LV", 1_000, 1)]
