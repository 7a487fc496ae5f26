"""DOMAIN 9.1 and 9.8: 200 commands from two processes on one coalition, at once."""

from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from network.application.issuing import Choice
from network.domain.terms import FaceValue, Funding, Terms
from tests.application.rivals import Asked, Told, trade_at_once
from tests.support import Neighbourhood

HALF = 100
WHOLE = Terms(face=FaceValue(fixed=500), funding=Funding(issuer=10_000))
IN_PARTS = Terms(face=FaceValue(fixed=500), funding=Funding(issuer=10_000), partial_redemption=True)


@pytest.fixture
def shops(street: Neighbourhood) -> tuple[UUID, UUID]:
    return street.merchant("Salon"), street.merchant("Restaurant")


def halves(asked: list[Asked]) -> tuple[list[Asked], list[Asked]]:
    return asked[::2], asked[1::2]


def codes(told: list[Told]) -> Counter[str]:
    return Counter(code for code, _ in told)


def folded(street: Neighbourhood, field: str, *names: str) -> int:
    """The sum of a field over the log's events of those names."""
    return sum(getattr(event, field) for event in street.log() if type(event).__name__ in names)


def test_200_redemptions_of_one_certificate_are_one(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    salon, restaurant = shops
    certificate_id = street.issued(salon, street.agreement(salon, restaurant, WHOLE))
    asked = [("redeem_certificate", street.redemption(certificate_id, restaurant)) for _ in range(2 * HALF)]

    told = trade_at_once(street, module_database_url, *halves(asked))

    assert codes(told) == {"done": 1, "certificate_redeemed": 199}
    assert folded(street, "amount", "Redeemed") == 500


def test_200_parts_of_one_certificate_never_exceed_its_face(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    salon, restaurant = shops
    certificate_id = street.issued(salon, street.agreement(salon, restaurant, IN_PARTS))
    asked = [("redeem_certificate", street.redemption(certificate_id, restaurant, amount=7)) for _ in range(2 * HALF)]

    told = trade_at_once(street, module_database_url, *halves(asked))

    assert codes(told) == {"done": 71, "insufficient_balance": 129}, "71 times 7 is 497"
    assert folded(street, "amount", "Redeemed") == 497
    assert min(facts["outstanding"] for code, facts in told if code == "done") == 3


def test_one_stock_of_50_for_200_payments_hands_out_50(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    salon, restaurant = shops
    agreement, stock = street.agreement(salon, restaurant, WHOLE), uuid4()
    street.do(
        "set_allotment_aside",
        allotment_id=stock,
        acceptor_id=restaurant,
        agreement_id=agreement,
        number=50,
        face=500,
        last_on="2027-01-01",
    )
    asked = [("issue_certificates", issue(street, salon, agreement, stock)) for _ in range(2 * HALF)]

    told = trade_at_once(street, module_database_url, *halves(asked))

    assert codes(told) == {"done": 50, "allotment_exhausted": 150}
    names = Counter(type(event).__name__ for event in street.log())
    assert (names["HandedOut"], names["Issued"], names["IssueDecided"]) == (50, 50, 50)


def test_concurrent_issues_fill_a_cap_of_every_level_and_never_pass_it(
    street: Neighbourhood, module_database_url: str
) -> None:
    campaign, guest = uuid4(), street.wallet()
    street.do("open_campaign", campaign_id=campaign, name="Spring", by="organizer")
    asked: list[Asked] = []
    agreements: dict[str, UUID] = {}
    for level in ("pair", "debtor", "agreement", "campaign", "intake", "customer"):
        salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
        terms = replace(WHOLE, campaign_id=campaign if level == "campaign" else None)
        agreement = agreements[level] = street.agreement(salon, restaurant, terms)
        scope = {
            "pair": f"pair:{salon}:{restaurant}",
            "debtor": f"debtor:{salon}",
            "agreement": f"agreement:{agreement}",
            "campaign": f"campaign:{campaign}",
            "intake": f"intake:{restaurant}",
            "customer": "customer",
        }[level]
        limit = 12 if level in ("intake", "customer") else 12 * 500 + 499
        street.do("set_cap", scope=scope, limit=limit, by="organizer", reason="careful")
        holder = {"holder_id": guest if level == "customer" else None}
        asked += [("issue_certificates", issue(street, salon, agreement) | holder) for _ in range(HALF // 2)]

    told = trade_at_once(street, module_database_url, *halves(asked))

    assert codes(told) == {"done": 6 * 12, "cap_reached": 6 * (HALF // 2 - 12)}
    issued = [event.origin.agreement_id for event in street.log() if type(event).__name__ == "Issued"]
    assert Counter(issued) == dict.fromkeys(agreements.values(), 12)


def test_one_key_from_two_processes_is_one_command(
    street: Neighbourhood, shops: tuple[UUID, UUID], module_database_url: str
) -> None:
    salon, restaurant = shops
    agreement = street.agreement(salon, restaurant, WHOLE)
    asked = [
        ("issue_certificates", issue(street, salon, agreement) | {"key": f"{street.opened.schema}-{n}"})
        for n in range(HALF // 2)
    ]

    told = trade_at_once(street, module_database_url, asked, asked[::-1])

    assert codes(told) == {"done": HALF}
    assert told[: HALF // 2] == told[: HALF // 2 - 1 : -1], "each pair got the same answer, token and all"
    assert Counter(type(event).__name__ for event in street.log())["Issued"] == HALF // 2


def issue(street: Neighbourhood, salon: UUID, agreement: UUID, stock: UUID | None = None) -> dict[str, Any]:
    return {
        "merchant_id": salon,
        "payment_id": street.paid(salon),
        "choices": (Choice(uuid4(), agreement, stock),),
        "holder_id": None,
    }
