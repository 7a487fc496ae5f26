"""Founding, numbering of partners, and limits."""

from datetime import timedelta
from typing import Any

import pytest

from network.domain.coalition import Coalition
from network.domain.errors import (
    CannotConfirmOwnRaise,
    CapChangedSince,
    Invalid,
    InvalidAmount,
    InvalidCurrency,
    InvalidTimeZone,
    MerchantConflict,
    RaiseConflict,
    RaiseExpired,
    RaiseNeedsTwo,
    RaiseNotFound,
    SecondPersonNeeded,
)
from network.domain.exposure import check_scope
from network.domain.units import MINOR_MAX
from network.domain.wallet import Wallet
from tests.domain.given import (
    ANNA,
    BORIS,
    COALITION,
    DAY,
    HOUR,
    NOON,
    RESTAURANT,
    SALON,
    again,
    facts,
    only_event,
    some,
    stored,
    topics,
)

DEBTOR, RAISE = f"debtor:{SALON}", some("raise")


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

    def test_one_person_may_lower_it(self) -> None:
        coalition = capped()

        coalition.set_cap(scope=DEBTOR, limit=999, by="organizer", reason="doubt", person_id=ANNA, at=NOON)

        assert facts(only_event(coalition), "limit", "person_id", "confirmed_by") == {
            "limit": 999,
            "person_id": ANNA,
            "confirmed_by": None,
        }

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


def capped() -> Coalition:
    coalition = founded()
    coalition.set_cap(scope=DEBTOR, limit=1_000, by="organizer", reason="careful", at=NOON)
    return again(coalition)


class TestWarnings:
    def test_are_told_once_at_80_percent_and_again_only_after_it_was_under_70(self) -> None:
        coalition = capped()
        told = [
            coalition.watch_cap(scope=DEBTOR, key="", used=used, at=NOON)
            for used in (799, 800, 900, 799, 700, 850, 699, 500, 800)
        ]

        assert told == [False, True, False, False, False, False, True, False, True]
        assert topics(coalition) == ["Coalition.CapNeared", "Coalition.CapEased", "Coalition.CapNeared"]
        assert again(coalition).near == {DEBTOR: ""}

    def test_end_when_the_limit_is_lifted(self) -> None:
        coalition = capped()
        coalition.watch_cap(scope=DEBTOR, key="", used=900, at=NOON)
        propose(coalition, None)
        confirm(coalition)

        assert coalition.watch_cap(scope=DEBTOR, key="", used=900, at=NOON)
        assert coalition.near == {}

    def test_of_a_day_give_way_to_the_next_days(self) -> None:
        coalition, intake = founded(), f"intake:{RESTAURANT}"
        coalition.set_cap(scope=intake, limit=10, by="organizer", reason="careful", at=NOON)
        days = ("2026-03-02", "2026-03-02", "2026-03-03")

        assert [coalition.watch_cap(scope=intake, key=day, used=8, at=NOON) for day in days] == [True, False, True]


def propose(coalition: Coalition, limit: int | None = 2_000, **other: Any) -> None:
    details = {"raise_id": RAISE, "scope": DEBTOR, "person_id": ANNA, "reason": "trust", "others": True, "at": NOON}
    coalition.propose_raise(limit=limit, **(details | other))


def confirm(coalition: Coalition, **other: Any) -> None:
    details = {"raise_id": RAISE, "person_id": BORIS, "since": NOON - DAY, "at": NOON + HOUR}
    coalition.confirm_raise(**(details | other))


class TestRaises:
    @pytest.mark.parametrize("limit", [None, 1_001, 2_000])
    def test_one_person_alone_raises_nothing(self, limit: int | None) -> None:
        with pytest.raises(RaiseNeedsTwo):
            capped().set_cap(scope=DEBTOR, limit=limit, by="organizer", reason="trust", at=NOON)

    @pytest.mark.parametrize("limit", [None, 2_000])
    def test_another_person_confirms_what_the_first_proposed(self, limit: int | None) -> None:
        coalition = capped()
        propose(coalition, limit)
        coalition = again(coalition)

        confirm(coalition)

        assert facts(only_event(coalition), "limit", "reason", "person_id", "confirmed_by", "raise_id") == {
            "limit": limit,
            "reason": "trust",
            "person_id": ANNA,
            "confirmed_by": BORIS,
            "raise_id": RAISE,
        }
        assert (again(coalition).caps.get(DEBTOR), coalition.raises) == (limit, {})

    def test_nobody_confirms_the_own_proposal(self) -> None:
        coalition = capped()
        propose(coalition)

        with pytest.raises(CannotConfirmOwnRaise):
            confirm(coalition, person_id=ANNA)

    def test_who_became_an_organizer_afterwards_does_not_count(self) -> None:
        coalition = capped()
        propose(coalition)

        with pytest.raises(SecondPersonNeeded):
            confirm(coalition, since=NOON + timedelta(seconds=1))

    def test_it_needs_somebody_who_could_confirm(self) -> None:
        with pytest.raises(SecondPersonNeeded):
            propose(capped(), others=False)

    def test_it_is_confirmed_within_seven_days(self) -> None:
        coalition = capped()
        propose(coalition)

        with pytest.raises(RaiseExpired):
            confirm(coalition, at=NOON + 7 * DAY)

        confirm(coalition, at=NOON + 7 * DAY - timedelta(seconds=1))

    def test_it_dies_when_the_limit_is_another_one_by_then(self) -> None:
        coalition = capped()
        propose(coalition)
        coalition.set_cap(scope=DEBTOR, limit=10, by="organizer", reason="doubt", at=NOON)

        with pytest.raises(CapChangedSince):
            confirm(coalition)

    def test_it_is_withdrawn_and_its_id_is_used_up(self) -> None:
        coalition = capped()
        propose(coalition)
        coalition.withdraw_raise(raise_id=RAISE, person_id=BORIS, reason="too much", at=NOON)
        coalition = again(coalition)

        with pytest.raises(RaiseNotFound):
            confirm(coalition)
        with pytest.raises(RaiseConflict):
            propose(coalition)

    @pytest.mark.parametrize("limit", [0, 999, 1_000])
    def test_what_raises_nothing_is_not_proposed(self, limit: int) -> None:
        with pytest.raises(Invalid):
            propose(capped(), limit)


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
