"""No top-up, no cash-out, no resale (DOMAIN 8): no event of a certificate could even say it."""

from dataclasses import fields
from typing import Any

import pytest
from eventsourcing.domain import CanMutateAggregate

from network.domain.certificate import Certificate
from network.domain.payment import Payment
from network.store.mapper import topics
from tests.domain.given import ANNA, payment
from tests.history.examples import histories

MOVES_MONEY = {"amount", "face", "released", "postings", "price", "paid", "cash", "consideration", "tax", "supply"}
CHANGES_HANDS = ["Claimed", "PassedOn", "Rebound"]
GROWS = (Certificate.Issued, Certificate.RedemptionReversed, Certificate.ExpiryUndone)


def certificate_events() -> list[tuple[int, Any, int]]:
    """Every event of the examples with what was outstanding before and after it."""
    found = []
    for aggregate in histories():
        if isinstance(aggregate, Certificate):
            past: Any = None
            for event in aggregate.collect_events():
                before = past.outstanding if past is not None else 0
                past = event.mutate(past)  # type: ignore[attr-defined]
                found.append((before, event, past.outstanding))
    return found


def test_a_certificate_is_never_topped_up() -> None:
    seen = certificate_events()

    assert {type(event) for _, event, _ in seen} >= {e for t, e in topics().items() if t.startswith("Certificate.")}
    assert {type(event) for before, event, after in seen if after > before} <= set(GROWS)
    assert all(after <= event.face for _, event, after in seen if isinstance(event, Certificate.Issued))


@pytest.mark.parametrize("name", CHANGES_HANDS)
def test_what_changes_hands_has_no_price(name: str) -> None:
    event: type[CanMutateAggregate[Any]] = getattr(Certificate, name)

    assert {one.name for one in fields(event)} & MOVES_MONEY == set()  # type: ignore[arg-type]


def test_the_guest_pays_nothing_for_a_certificate() -> None:
    issued = [event for _, event, _ in certificate_events() if isinstance(event, Certificate.Issued)]

    assert {event.tax.consideration for event in issued if event.tax} == {0}


def test_cash_leaves_only_with_a_refund_and_never_more_than_came_in() -> None:
    pays_out = {t for t, event in topics().items() if "cash" in {f.name for f in fields(event)}}  # type: ignore[arg-type]
    bill = payment(1_000, customer_id=ANNA)

    cash, returned = bill.refund(refund_id=ANNA, amount=1_000, at=bill.created_on)

    assert pays_out == {Payment.Refunded.TOPIC}
    assert (cash, returned) == (1_000, ()), "what no certificate paid comes back in full, and no more"
