"""Founding, numbering of partners, and limits."""

import pytest

from network.domain.coalition import Coalition
from network.domain.errors import Invalid, InvalidAmount, InvalidCurrency, InvalidTimeZone, MerchantConflict
from network.domain.exposure import check_scope
from network.domain.units import MINOR_MAX
from network.domain.wallet import Wallet
from tests.domain.given import ANNA, COALITION, NOON, RESTAURANT, SALON, again, facts, only_event, stored, topics

DEBTOR = f"debtor:{SALON}"


def found(*, currency: str = "EUR", time_zone: str = "Europe/Riga") -> Coalition:
    return Coalition.found(
        coalition_id=COALITION, name="Elm Street", currency=currency, time_zone=time_zone, number=4, at=NOON
    )


def founded() -> Coalition:
    return stored(found())


def test_is_founded_with_one_currency_and_one_time_zone() -> None:
    assert facts(only_event(found()), "name", "currency", "time_zone", "number") == {
        "name": "Elm Street",
        "currency": "EUR",
        "time_zone": "Europe/Riga",
        "number": 4,
    }


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "XXX", "BTC"])
def test_refuses_a_currency_that_no_shop_settles_in(currency: str) -> None:
    with pytest.raises(InvalidCurrency):
        found(currency=currency)


@pytest.mark.parametrize("time_zone", ["", "Riga", "UTC+3", "../etc/passwd"])
def test_refuses_a_time_zone_that_nobody_keeps(time_zone: str) -> None:
    with pytest.raises(InvalidTimeZone):
        found(time_zone=time_zone)


def test_partners_are_numbered_in_order_and_once() -> None:
    coalition = founded()

    numbers = [coalition.number_merchant(merchant_id=one, at=NOON) for one in (SALON, RESTAURANT)]

    assert numbers == [1, 2]
    with pytest.raises(MerchantConflict):
        coalition.number_merchant(merchant_id=SALON, at=NOON)


class TestCaps:
    def test_a_limit_is_set_with_who_and_why(self) -> None:
        coalition = founded()

        coalition.set_cap(scope=DEBTOR, limit=1_000, by="organizer", reason="careful", at=NOON)

        assert facts(only_event(coalition), "scope", "limit", "by", "reason") == {
            "scope": DEBTOR,
            "limit": 1_000,
            "by": "organizer",
            "reason": "careful",
        }
        assert again(coalition).caps == {DEBTOR: 1_000}

    def test_it_is_lifted(self) -> None:
        coalition = founded()
        coalition.set_cap(scope=DEBTOR, limit=1_000, by="organizer", reason="careful", at=NOON)
        again(coalition)

        coalition.set_cap(scope=DEBTOR, limit=None, by="organizer", reason="trust", at=NOON)

        assert (topics(coalition), coalition.caps) == (["Coalition.CapSet"], {})

    @pytest.mark.parametrize("limit", [None, 0])
    def test_the_same_limit_again_changes_nothing(self, limit: int | None) -> None:
        coalition = founded()
        coalition.set_cap(scope=DEBTOR, limit=limit, by="organizer", reason="careful", at=NOON)
        again(coalition)

        coalition.set_cap(scope=DEBTOR, limit=limit, by="organizer", reason="again", at=NOON)

        assert topics(coalition) == []

    @pytest.mark.parametrize("limit", [-1, MINOR_MAX + 1])
    def test_refuses_a_limit_that_is_no_amount(self, limit: int) -> None:
        with pytest.raises(InvalidAmount):
            founded().set_cap(scope=DEBTOR, limit=limit, by="organizer", reason="", at=NOON)

    def test_refuses_a_scope_that_names_no_limit(self) -> None:
        with pytest.raises(Invalid):
            founded().set_cap(scope="everything", limit=1, by="organizer", reason="", at=NOON)


@pytest.mark.parametrize(
    ("scope", "known"),
    [
        (f"pair:{SALON}:{RESTAURANT}",     True),
        (f"debtor:{SALON}",                True),
        (f"agreement:{SALON}",             True),
        (f"intake:{SALON}",                True),
        ("customer",                       True),
        (f"pair:{SALON}",                  False),
        (f"debtor:{SALON}:{RESTAURANT}",   False),
        (f"customer:{SALON}",              False),
        (f"debtor:{str(SALON).upper()}",   False),
        (f"debtor:{SALON}\n",              False),
        ("debtor:",                        False),
        ("",                               False),
    ],
)  # fmt: skip
def test_a_scope_names_its_parties(scope: str, known: bool) -> None:
    assert check_scope(scope) is known


def test_a_wallet_is_a_number_and_nothing_else() -> None:
    new = Wallet.open(wallet_id=ANNA, at=NOON)

    assert (topics(new), new.id) == (["Wallet.Opened"], ANNA)
    assert stored(new).id == ANNA
