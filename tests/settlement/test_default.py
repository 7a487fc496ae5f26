"""A partner does not pay: who bears it stands in a document, the rest settles, and a drill changes nothing."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from network.application import Request
from network.domain.errors import (
    DefaultConflict,
    InvalidAmount,
    MerchantNotAdmitted,
    MerchantNotFound,
    OwesNothing,
    WindowStateForbids,
)
from network.domain.postings import deposits_of, pool_of
from network.domain.statement import Method, SettlementTerms
from network.settlement.closing import agree_due, cut_window, state_window
from network.settlement.default import declare_default, drill
from tests.projections.worlds import catch_up
from tests.settlement.streets import close, must_be_sound, owes, raw_log, statements
from tests.support import Neighbourhood
from tests.written import as_csv, as_json

Shops = tuple[UUID, UUID, UUID, UUID]


@pytest.fixture
def shops(street: Neighbourhood) -> Shops:
    return (
        street.merchant("Car wash"),
        street.merchant("Restaurant"),
        street.merchant("Bakery"),
        street.merchant("Cafe"),
    )


@pytest.fixture(autouse=True)
def sound(street: Neighbourhood, module_database_url: str) -> Any:
    """After every test the auditor agrees with all that happened."""
    yield
    must_be_sound(module_database_url, street.opened)


def default(street: Neighbourhood, number: int, defaulter: UUID, pool: int = 0) -> dict[str, Any]:
    request = Request("organizer", str(uuid4()), b"")
    return declare_default(
        street.opened, number, defaulter, request=request, pool=pool, by="organizer", reason="closed for good"
    ).facts()


def newest(url: str, schema: str, topic: str) -> dict[str, Any]:
    return [facts for _, name, facts in raw_log(url, schema) if name == topic][-1]


def payments(url: str, street: Neighbourhood) -> dict[tuple[UUID, UUID], int]:
    version = newest(url, street.opened.schema, "Window.Recomputed")
    return {(UUID(one["debtor"]), UUID(one["creditor"])): one["amount"] for one in version["payments"]}


def test_the_rest_settles_without_the_defaulter(street: Neighbourhood, shops: Shops, module_database_url: str) -> None:
    wash, restaurant, bakery, cafe = shops
    for debtor, creditor, amount in (
        (wash, restaurant, 900), (wash, bakery, 300), (cafe, wash, 200), (restaurant, bakery, 50),
    ):  # fmt: skip
        owes(street, debtor, creditor, amount)
    street.do("put_up_deposit", merchant_id=wash, amount=400, held_by="a notary")
    close(module_database_url, street.opened, 1)
    before = [write(one) for one in statements(street.opened, 1).values() for write in (as_json, as_csv)]

    declared = default(street, 1, wash, pool=120)

    of, coalition = declared["waterfall"], street.opened.coalition_id
    assert (of["deposit"], of["set_off"], of["pool"], of["lost"]) == (400, 200, 120, 480)
    assert {share["party"]: share["lost"] for share in of["shares"]} == {str(restaurant): 360, str(bakery): 120}
    paid = payments(module_database_url, street)
    assert not [pair for pair in paid if pair[0] == wash]
    received = {shop: sum(a for (_, c), a in paid.items() if c == shop) for shop in (restaurant, bakery)}
    given = {shop: sum(a for (d, _), a in paid.items() if d == shop) for shop in (restaurant, bakery)}
    assert received[restaurant] - given[restaurant] == 900 - 360 - 50
    assert received[bakery] - given[bakery] == 300 - 120 + 50
    payers = {d for d, _ in paid}
    assert {deposits_of(coalition), pool_of(coalition), cafe} <= payers
    assert [write(one) for one in statements(street.opened, 1).values() for write in (as_json, as_csv)] == before


def test_the_defaulter_is_suspended_and_certificates_in_hands_stay_good_next_door(
    street: Neighbourhood, shops: Shops, module_database_url: str
) -> None:
    wash, restaurant, _, _ = shops
    there, here = street.agreement(wash, restaurant), street.agreement(restaurant, wash)
    in_hand, stranded = street.issued(wash, there), street.issued(restaurant, here)
    owes(street, wash, restaurant, 900)
    close(module_database_url, street.opened, 1)

    default(street, 1, wash)

    with pytest.raises(MerchantNotAdmitted):
        street.issued(wash, there)
    with pytest.raises(MerchantNotAdmitted):
        street.redeem(stranded, wash)
    assert street.redeem(in_hand, restaurant)["deducted"] == 500


def test_what_comes_back_later_is_shared_in_the_open_window(
    street: Neighbourhood, shops: Shops, module_database_url: str
) -> None:
    wash, restaurant, bakery, _ = shops
    owes(street, wash, restaurant, 900)
    owes(street, wash, bakery, 300)
    close(module_database_url, street.opened, 1)
    declared = default(street, 1, wash, pool=240)
    default_id = UUID(str(declared["default_id"]))

    street.do("recover_from_default", default_id=default_id, amount=500, paid_to=None, reason="the bailiff")
    with pytest.raises(InvalidAmount):
        street.do("recover_from_default", default_id=default_id, amount=701, paid_to=None, reason="")
    street.do("recover_from_default", default_id=default_id, amount=700, paid_to=restaurant, reason="it paid us")
    close(module_database_url, street.opened, 2)

    came = {party: one.closing for party, one in statements(street.opened, 2).items()}
    assert came == {
        restaurant: 300 + 420 - 700,
        bakery: 100 + 140,
        pool_of(street.opened.coalition_id): 100 + 140,
        deposits_of(street.opened.coalition_id): -500,
    }
    line = statements(street.opened, 2)[bakery].pairs[0].lines[0]
    assert (line.cause, line.adjusts, line.certificate_id) == ("recovered", 1, None)


def test_two_may_fail_one_after_the_other(street: Neighbourhood, shops: Shops, module_database_url: str) -> None:
    wash, restaurant, bakery, cafe = shops
    for debtor, creditor, amount in ((wash, restaurant, 900), (cafe, wash, 500), (cafe, bakery, 100)):
        owes(street, debtor, creditor, amount)
    close(module_database_url, street.opened, 1, SettlementTerms(Method.MULTILATERAL))
    default(street, 1, wash)

    second = default(street, 1, cafe)

    assert {share["party"]: share["lost"] for share in second["waterfall"]["shares"]} == {
        str(restaurant): 500, str(bakery): 100,
    }  # fmt: skip
    assert street.topics()[-1] == "Default.Declared"
    assert "Window.Settled" in street.topics()[-5:], "nobody is left who could pay"


def test_refuses_a_default_that_cannot_be(street: Neighbourhood, shops: Shops, module_database_url: str) -> None:
    wash, restaurant, bakery, cafe = shops
    owes(street, wash, restaurant, 900)
    owes(street, cafe, bakery, 100)
    cut_window(street.opened, 1).facts()
    catch_up(module_database_url, street.opened.schema)
    with pytest.raises(WindowStateForbids):
        default(street, 1, wash)
    state_window(street.opened, 1).facts()
    with pytest.raises(OwesNothing):
        default(street, 1, restaurant)
    default(street, 1, wash)
    with pytest.raises(DefaultConflict):
        default(street, 1, wash)


def test_a_drill_shows_each_its_worst_case_and_changes_nothing(
    street: Neighbourhood, shops: Shops, module_database_url: str
) -> None:
    wash, restaurant, bakery, cafe = shops
    owes(street, wash, restaurant, 900)
    owes(street, cafe, bakery, 100)
    close(module_database_url, street.opened, 1, SettlementTerms(threshold=200))
    street.do("put_up_deposit", merchant_id=wash, amount=250, held_by="a notary")
    owes(street, wash, bakery, 300)
    owes(street, cafe, wash, 100)
    in_hand = street.issued(wash, street.agreement(wash, restaurant))
    catch_up(module_database_url, street.opened.schema)
    head = street.head()

    shown = drill(street.opened)

    assert street.head() == shown.position == head
    cases = {case.defaulter_id: case for case in shown.cases}
    of = cases[wash]
    assert (of.claimed, of.deposit, of.set_off, of.lost) == (1_200, 250, 100, 850)
    assert of.losses == {restaurant: 650, bakery: 200}
    assert of.reserved == 500, in_hand
    assert cases[cafe].losses == {wash: 100, bakery: 100}, "what rolled over is counted once"
    assert shown.worst() == {restaurant: (wash, 650), bakery: (wash, 200), wash: (cafe, 100)}
    assert [case.defaulter_id for case in drill(street.opened, cafe).cases] == [cafe]
    with pytest.raises(MerchantNotFound):
        drill(street.opened, uuid4())


def test_what_a_drill_says_is_what_a_default_does(
    street: Neighbourhood, shops: Shops, module_database_url: str
) -> None:
    wash, restaurant, bakery, cafe = shops
    for debtor, creditor, amount in ((wash, restaurant, 901), (wash, bakery, 333), (cafe, wash, 222)):
        owes(street, debtor, creditor, amount)
    close(module_database_url, street.opened, 1)
    street.clock.move(days=9)
    catch_up(module_database_url, street.opened.schema)
    agree_due(street.opened, street.clock())
    (shown,) = drill(street.opened, wash).cases

    declared = default(street, 1, wash)

    lost = {UUID(share["party"]): share["lost"] for share in declared["waterfall"]["shares"]}
    assert shown.losses == lost
    catch_up(module_database_url, street.opened.schema)
    assert drill(street.opened, wash).cases[0].losses == {}, "it is shared out already"
