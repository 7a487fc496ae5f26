"""A default after some have paid: what was confirmed counts, and what comes late is never lost or paid twice."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from network.domain.errors import FiguresChanged
from network.settlement.default import drill
from network.settlement.paying import instruct_window
from network.settlement.restating import recompute_due, recompute_window
from tests.projections.worlds import catch_up
from tests.settlement.banks import instructed
from tests.settlement.streets import must_be_sound, owes
from tests.settlement.test_default import Shops, default, payments, shops
from tests.support import Neighbourhood

__all__ = ["shops"]


@pytest.fixture
def asked(street: Neighbourhood, shops: Shops, module_database_url: str) -> dict[tuple[UUID, UUID], str]:
    """Window 1, instructed: the wash owes 900 and 300, the cafe owes the wash 200 and the bakery 100; references."""
    wash, restaurant, bakery, cafe = shops
    for debtor, creditor, amount in (
        (wash, restaurant, 900),
        (wash, bakery, 300),
        (cafe, wash, 200),
        (cafe, bakery, 100),
    ):
        owes(street, debtor, creditor, amount)
    found = instructed(street, module_database_url)
    return {(UUID(one["debtor"]), UUID(one["creditor"])): one["end_to_end_id"] for one in found}


@pytest.fixture(autouse=True)
def sound(street: Neighbourhood, module_database_url: str) -> Any:
    """After every test the auditor agrees with all that happened."""
    yield
    must_be_sound(module_database_url, street.opened)


def confirm(street: Neighbourhood, reference: str, amount: int) -> None:
    said = {"confirmation_id": uuid4(), "amount": amount, "cause": "in cash", "by": "organizer"}
    street.do("confirm_payout", number=1, reference=reference, **said)


def test_confirmed_payments_are_kept_as_prepayments(
    street: Neighbourhood, shops: Shops, asked: dict[tuple[UUID, UUID], str], module_database_url: str
) -> None:
    wash, restaurant, bakery, cafe = shops
    confirm(street, asked[wash, restaurant], 500)
    confirm(street, asked[cafe, bakery], 100)
    (shown,) = drill(street.opened, wash).cases

    declared = default(street, 1, wash)

    assert declared["waterfall"]["claimed"] == 400 + 300
    assert {share["party"]: share["lost"] for share in declared["waterfall"]["shares"]} == {
        str(party): lost for party, lost in shown.losses.items()
    }
    paid = payments(module_database_url, street)
    assert sum(paid.values()) == 200, "what the cafe owes the wash goes to its creditors; the 100 are paid already"
    assert {debtor for debtor, _ in paid} == {cafe}
    lost = declared["waterfall"]["lost"]
    assert lost == 700 - 200 == shown.lost


def test_a_new_version_is_instructed_once_more_and_settles(
    street: Neighbourhood, shops: Shops, asked: dict[tuple[UUID, UUID], str], module_database_url: str
) -> None:
    wash, _, bakery, cafe = shops
    confirm(street, asked[cafe, bakery], 100)
    default(street, 1, wash)
    catch_up(module_database_url, street.opened.schema)

    instruct_window(street.opened, 1, by="organizer").facts()
    newest = [facts for facts in street.log() if type(facts).__name__ == "Instructed"][-1]
    for payout in newest.payouts:
        confirm(street, payout.end_to_end_id, payout.amount)

    assert newest.version == 2
    assert street.topics()[-1] == "Window.Settled"


def test_a_late_payment_by_an_earlier_version_makes_the_next_one(
    street: Neighbourhood, shops: Shops, asked: dict[tuple[UUID, UUID], str], module_database_url: str
) -> None:
    wash, _, bakery, cafe = shops
    default(street, 1, wash)
    before = payments(module_database_url, street)
    confirm(street, asked[cafe, bakery], 100)
    catch_up(module_database_url, street.opened.schema)

    done = recompute_due(street.opened)

    assert (done, recompute_due(street.opened)) == ([1], [])
    after = payments(module_database_url, street)
    assert sum(before.values()) - sum(after.values()) == 100


def test_what_the_defaulter_pays_late_is_a_recovery(
    street: Neighbourhood, shops: Shops, asked: dict[tuple[UUID, UUID], str], module_database_url: str
) -> None:
    wash, restaurant, _, cafe = shops
    declared = default(street, 1, wash)
    confirm(street, asked[wash, restaurant], 300)
    confirm(street, asked[cafe, wash], 200)
    catch_up(module_database_url, street.opened.schema)

    assert recompute_due(street.opened) == []
    with pytest.raises(FiguresChanged):
        recompute_window(street.opened, 1).facts()
    recovered = street.do(
        "recover_from_default",
        default_id=UUID(str(declared["default_id"])),
        amount=300,
        paid_to=restaurant,
        reason="paid late",
    )
    assert recovered["still_lost"] == declared["waterfall"]["lost"] - 300


def test_a_window_that_is_partly_paid_is_not_recomputed_for_nothing(
    street: Neighbourhood, shops: Shops, asked: dict[tuple[UUID, UUID], str], module_database_url: str
) -> None:
    confirm(street, asked[shops[3], shops[2]], 50)

    with pytest.raises(FiguresChanged):
        recompute_window(street.opened, 1).facts()
