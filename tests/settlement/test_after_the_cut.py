"""What is undone or refunded after its window was stated, paid or not, adjusts the open one (4.4.6, 4.4.7)."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from network.domain.payment import payment_id_of
from network.domain.statement import SettlementTerms
from network.domain.terms import Commission, FaceValue, Fee, Funding, Reward, Side, Terms
from network.settlement.closing import agree_due
from network.settlement.statement import Turnover
from tests.projections.worlds import catch_up
from tests.settlement.streets import close, must_be_sound, raw_log, statements
from tests.support import Neighbourhood
from tests.written import as_csv, as_json

TERMS = Terms(
    face=FaceValue(fixed=500),
    funding=Funding(issuer=6_000, pool=1_000),
    commission=Commission(new=Reward(share=1_000), returning=Reward(share=1_000)),
    fee=Fee(Side.ISSUER, 200, 5),
    reversal_hours=720,
)


@pytest.fixture
def shops(street: Neighbourhood) -> tuple[UUID, UUID]:
    return street.merchant("Salon"), street.merchant("Restaurant")


@pytest.fixture
def used(street: Neighbourhood, shops: tuple[UUID, UUID]) -> dict[str, Any]:
    """A certificate used at a bill of 1 800, which was then paid."""
    details = street.redemption(street.issued(shops[0], street.agreement(*shops, TERMS)), shops[1])
    street.do("redeem_certificate", **details)
    bill = {"bill_reference": details["bill_reference"], "amount": 1_800, "currency": "EUR", "customer_id": None}
    street.do("record_payment", merchant_id=shops[1], **bill)
    return details


@pytest.fixture(autouse=True)
def sound(street: Neighbourhood, module_database_url: str) -> Any:
    """After every test all postings balance, and the auditor agrees."""
    yield
    catch_up(module_database_url, street.opened.schema)
    nets: dict[str, int] = {}
    for _, _, facts in raw_log(module_database_url, street.opened.schema):
        for posting in facts.get("postings", ()):
            if posting["kind"] not in ("reserved", "released"):
                assert posting["amount"] > 0
                nets[posting["debtor"]] = nets.get(posting["debtor"], 0) - posting["amount"]
                nets[posting["creditor"]] = nets.get(posting["creditor"], 0) + posting["amount"]
    assert sum(nets.values()) == 0
    must_be_sound(module_database_url, street.opened)


def documents(street: Neighbourhood, number: int) -> list[bytes]:
    return [write(one) for one in statements(street.opened, number).values() for write in (as_json, as_csv)]


def undo(street: Neighbourhood, shops: tuple[UUID, UUID], used: dict[str, Any]) -> None:
    street.do(
        "reverse_redemption",
        certificate_id=used["certificate_id"],
        redemption_id=used["redemption_id"],
        acceptor_id=shops[1],
        reason="a slip",
    )


def refund(street: Neighbourhood, shops: tuple[UUID, UUID], used: dict[str, Any], amount: int) -> None:
    payment_id = payment_id_of(shops[1], used["bill_reference"])
    street.do("refund_payment", merchant_id=shops[1], payment_id=payment_id, refund_id=uuid4(), amount=amount)


@pytest.mark.parametrize("settled", [False, True])
def test_an_undone_redemption_of_a_closed_window_adjusts_the_open_one(
    street: Neighbourhood, shops: tuple[UUID, UUID], used: dict[str, Any], module_database_url: str, settled: bool
) -> None:
    close(module_database_url, street.opened, 1, SettlementTerms(threshold=10_000 if settled else 0))
    street.clock.move(days=9)
    catch_up(module_database_url, street.opened.schema)
    agree_due(street.opened, street.clock())
    before = documents(street, 1)

    undo(street, shops, used)
    close(module_database_url, street.opened, 2)

    first, second = statements(street.opened, 1)[shops[1]], statements(street.opened, 2)[shops[1]]
    assert documents(street, 1) == before
    assert second.closing - second.opening == -first.closing, "every entry of it, commission and fee too"
    assert set(second.sections) == {"adjustment"}
    assert {line.adjusts for pair in second.pairs for line in pair.lines} == {1}


def test_refunds_after_the_cut_take_back_the_value_part_by_part(
    street: Neighbourhood, shops: tuple[UUID, UUID], used: dict[str, Any], module_database_url: str
) -> None:
    salon, restaurant = shops
    close(module_database_url, street.opened, 1)
    before = documents(street, 1)

    for number, amount in ((2, 599), (3, 601), (4, 600)):
        refund(street, shops, used, amount)
        close(module_database_url, street.opened, number)

    adjusted = [statements(street.opened, number)[restaurant].sections for number in (2, 3, 4)]
    assert [set(sections) for sections in adjusted] == [{"adjustment"}] * 3
    assert sum(sections["adjustment"].owes for sections in adjusted) == 300 + 50, "the whole value, and no more"
    assert documents(street, 1) == before
    assert statements(street.opened, 1)[salon].sections["commission"] == Turnover(130, 0), "the guest came"


def test_refunding_a_bill_that_caused_an_issue_moves_no_money_of_a_used_one(
    street: Neighbourhood, shops: tuple[UUID, UUID], used: dict[str, Any], module_database_url: str
) -> None:
    close(module_database_url, street.opened, 1)
    before = documents(street, 1)
    cause = next(
        facts["origin"]["payment_id"]
        for _, topic, facts in raw_log(module_database_url, street.opened.schema)
        if topic == "Certificate.Issued"
    )

    done = street.do("refund_payment", merchant_id=shops[0], payment_id=UUID(cause), refund_id=uuid4(), amount=2_400)

    assert done["standing"] == [str(used["certificate_id"])]
    assert close(module_database_url, street.opened, 2)["state"] == "settled"
    assert documents(street, 1) == before
