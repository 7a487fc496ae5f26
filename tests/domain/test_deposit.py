"""A deposit gives back and pays what was put up, and never more."""

import pytest

from network.domain.deposit import Deposit, deposit_id_of
from network.domain.errors import InvalidAmount
from network.domain.units import MINOR_MAX
from tests.domain.given import NOON, SALON, again, stored


def put_up(amount: int = 400) -> Deposit:
    return stored(Deposit.put_up(merchant_id=SALON, amount=amount, held_by="a notary", at=NOON))


def test_what_was_put_up_is_used_and_the_whole_rest_comes_back() -> None:
    past = put_up()
    past.increase(amount=100, held_by="a bank", at=NOON)
    past.use(amount=200, window_number=1, at=NOON)
    past = again(past)
    assert (past.id, past.balance, past.held_by) == (deposit_id_of(SALON), 300, "a bank")

    past.give_back(amount=300, reason="it leaves", at=NOON)

    assert again(past).balance == 0


@pytest.mark.parametrize("amount", [401, 0, -1])
def test_no_more_comes_back_than_is_left(amount: int) -> None:
    past = put_up()

    with pytest.raises(InvalidAmount):
        past.give_back(amount=amount, reason="too much", at=NOON)

    assert (past.balance, past.pending_events) == (400, [])


@pytest.mark.parametrize("amount", [0, -1, MINOR_MAX + 1])
def test_what_is_put_up_is_something_and_within_bounds(amount: int) -> None:
    with pytest.raises(InvalidAmount):
        put_up(amount)
    with pytest.raises(InvalidAmount):
        put_up().increase(amount=amount, held_by="a notary", at=NOON)


def test_a_deposit_grows_to_its_bound_and_no_further() -> None:
    past = put_up()
    past.increase(amount=MINOR_MAX - 400, held_by="a notary", at=NOON)

    with pytest.raises(InvalidAmount):
        past.increase(amount=1, held_by="a notary", at=NOON)
