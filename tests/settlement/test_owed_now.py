"""A cap is about what is owed now: netting moves the debts of pairs, and what counts follows (DOMAIN 4.3)."""

from importlib import resources
from uuid import UUID, uuid4

import psycopg
import pytest

from network.audit import audit
from network.domain.errors import CapReached
from network.domain.statement import Method, SettlementTerms
from network.store.recorder import CoalitionRecorder
from tests.settlement.banks import instructed
from tests.settlement.streets import close, must_be_sound, owes
from tests.support import Neighbourhood, rows


def used(street: Neighbourhood, *scopes: str) -> list[int]:
    """What counts against each of these limits."""
    with street.opened.reading() as recorder:
        found = recorder.used([(scope, "") for scope in scopes])
    return [found.get((scope, ""), 0) for scope in scopes]


def findings(url: str, schema: str) -> list[object]:
    with psycopg.connect(url, autocommit=True) as connection:
        return list(audit(connection, schema).findings)


@pytest.fixture
def example(street: Neighbourhood) -> dict[str, UUID]:
    """The worked example of DOMAIN 4.4.3 before its window is cut."""
    shops = {name: street.merchant(name) for name in "SRCF"}
    debts = (("S", "R", 420), ("R", "C", 300), ("C", "S", 260), ("F", "R", 90), ("R", "S", 120), ("C", "F", 40))
    for debtor, creditor, amount in debts:
        owes(street, shops[debtor], shops[creditor], amount)
    return shops


def test_loops_free_the_pairs_that_they_clear_and_no_partys_sum(
    street: Neighbourhood, example: dict[str, UUID], module_database_url: str
) -> None:
    s, r, c, f = example.values()
    in_all = [f"debtor:{shop}" for shop in (s, r, c, f)]
    assert used(street, f"pair:{s}:{r}", f"pair:{c}:{s}", f"pair:{f}:{r}") == [300, 260, 90]
    assert used(street, *in_all) == [40, -90, 0, 50]

    close(module_database_url, street.opened, 1)

    assert used(street, f"pair:{s}:{r}", f"pair:{r}:{s}", f"pair:{c}:{s}", f"pair:{f}:{r}") == [40, -40, 0, 50]
    assert used(street, *in_all) == [40, -90, 0, 50], "nobody has paid yet"
    assert findings(module_database_url, street.opened.schema) == []


def test_what_rolls_over_counts_until_a_later_window_takes_it_up(
    street: Neighbourhood, module_database_url: str
) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    owes(street, salon, restaurant, 400)
    close(module_database_url, street.opened, 1, SettlementTerms(Method.BILATERAL, threshold=500))
    owes(street, salon, restaurant, 101)

    close(module_database_url, street.opened, 2)

    assert used(street, f"pair:{salon}:{restaurant}", f"debtor:{salon}") == [501, 501]


def test_a_pair_whose_debts_went_into_a_loop_may_issue_again(
    street: Neighbourhood, example: dict[str, UUID], module_database_url: str
) -> None:
    c, s = example["C"], example["S"]
    street.do("set_cap", scope=f"pair:{c}:{s}", limit=300, by="organizer", reason="careful")
    with pytest.raises(CapReached):
        owes(street, c, s, 41)

    close(module_database_url, street.opened, 1)

    owes(street, c, s, 300)


@pytest.mark.parametrize("scope", ["pair:{salon}:{restaurant}", "debtor:{salon}"])
@pytest.mark.parametrize("taken_back", ["returned", "withdrawn"])
def test_a_payment_frees_a_limit_until_it_comes_back(
    street: Neighbourhood, module_database_url: str, scope: str, taken_back: str
) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    owes(street, salon, restaurant, 1_600)
    limited = scope.format(salon=salon, restaurant=restaurant)
    street.do("set_cap", scope=limited, limit=1_600, by="organizer", reason="careful")
    (one,) = instructed(street, module_database_url)
    with pytest.raises(CapReached):
        owes(street, salon, restaurant, 1)
    paid = {"number": 1, "reference": one["end_to_end_id"], "by": str(restaurant)}
    in_cash = uuid4()

    street.do("confirm_payout", **paid, confirmation_id=in_cash, amount=1_000, cause="in cash")

    assert used(street, limited) == [600]
    with pytest.raises(CapReached):
        owes(street, salon, restaurant, 1_001)
    owes(street, salon, restaurant, 1_000)

    if taken_back == "returned":
        street.do("confirm_payout", **paid, confirmation_id=uuid4(), amount=-1_000, cause="given back")
    else:
        street.do("withdraw_booking", **paid, line=str(in_cash), file_id=None, reason="a mistake")
    assert used(street, limited) == [2_600]
    with pytest.raises(CapReached):
        owes(street, salon, restaurant, 1)
    must_be_sound(module_database_url, street.opened)


def test_a_log_with_older_statements_is_made_up_for_once(
    street: Neighbourhood, example: dict[str, UUID], module_database_url: str
) -> None:
    schema = street.opened.schema
    gross = snapshot(street)
    close(module_database_url, street.opened, 1, SettlementTerms(Method.MULTILATERAL))
    owes(street, example["S"], example["C"], 77)
    close(module_database_url, street.opened, 2)
    netted = snapshot(street)
    rows(module_database_url, f"DELETE FROM {schema}.exposures WHERE scope LIKE 'pair:%'")
    for scope, amount in (gross | dict(sevens(example))).items():
        more = "INSERT INTO {}.exposures AS x VALUES (%s, '', %s) ON CONFLICT (scope, key) DO NOTHING"
        rows(module_database_url, more.format(schema), scope, amount)

    text = resources.files("network.store.ddl").joinpath("0003_netted_exposures.sql").read_text(encoding="utf-8")
    rows(module_database_url, text.format(schema=schema))

    assert snapshot(street) == netted
    assert findings(module_database_url, schema) == []


def sevens(shops: dict[str, UUID]) -> list[tuple[str, int]]:
    s, c = shops["S"], shops["C"]
    return [(f"pair:{s}:{c}", 77 - 260), (f"pair:{c}:{s}", 260 - 77)]


def snapshot(street: Neighbourhood) -> dict[str, int]:
    """What counts against each pair, without those for which nothing does."""
    recorder: CoalitionRecorder
    with street.opened.reading() as recorder:
        found = recorder.connection.execute(
            f"SELECT scope, used FROM {street.opened.schema}.exposures WHERE scope LIKE 'pair:%' AND used <> 0"
        )
        return dict(found.fetchall())
