"""Netting: the worked example of the rules, and the laws that hold for any debts."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from network.domain.clearing import (
    clear_loops,
    gross,
    net_bilaterally,
    net_multilaterally,
    net_positions,
)

S, R, C, F = (UUID(int=n) for n in (1, 2, 3, 4))
EXAMPLE = {(S, R): 420, (R, C): 300, (C, S): 260, (F, R): 90, (R, S): 120, (C, F): 40}

parties = st.integers(1, 9).map(lambda n: UUID(int=n))
debts = st.dictionaries(
    st.tuples(parties, parties).filter(lambda pair: pair[0] != pair[1]), st.integers(1, 10**9), max_size=40
)


def nonzero(nets: dict[UUID, int]) -> dict[UUID, int]:
    return {party: net for party, net in nets.items() if net}


def test_the_worked_example() -> None:
    bilateral = net_bilaterally(EXAMPLE)
    cleared, _ = clear_loops(bilateral)

    assert gross(EXAMPLE) == 1_230
    assert gross(bilateral) == 990
    assert net_positions(EXAMPLE) == {S: -40, R: 90, C: 0, F: -50}
    assert cleared == {(S, R): 40, (F, R): 50}


def test_a_debt_that_went_with_a_loop_closes_no_other() -> None:
    all_at_once = {(S, R): 10, (R, C): 10, (C, S): 10}

    cleared, loops = clear_loops(all_at_once | {(C, R): 5})

    assert (cleared, [loop.amount for loop in loops]) == ({(C, R): 5}, [10])


@given(debts)
def test_every_way_of_netting_keeps_each_net(owed: dict[tuple[UUID, UUID], int]) -> None:
    nets = nonzero(net_positions(owed))
    bilateral = net_bilaterally(owed)

    assert nonzero(net_positions(bilateral)) == nets
    assert nonzero(net_positions(clear_loops(bilateral)[0])) == nets
    assert nonzero(net_positions(net_multilaterally(net_positions(owed)))) == nets
    assert sum(nets.values()) == 0


@given(debts)
def test_loops_make_no_new_pair_and_never_raise_the_gross(owed: dict[tuple[UUID, UUID], int]) -> None:
    cleared, loops = clear_loops(owed)

    assert cleared.keys() <= owed.keys()
    assert all(0 < cleared[pair] <= owed[pair] for pair in cleared)
    assert gross(cleared) == gross(owed) - sum(len(loop.parties) * loop.amount for loop in loops)


@given(debts)
def test_no_loop_is_left(owed: dict[tuple[UUID, UUID], int]) -> None:
    cleared, _ = clear_loops(owed)

    waiting = dict(cleared)
    while leaves := {pair for pair in waiting if not any(pair[1] == debtor for debtor, _ in waiting)}:
        waiting = {pair: amount for pair, amount in waiting.items() if pair not in leaves}
    assert waiting == {}


@given(debts)
def test_multilateral_takes_fewer_payments_than_parties(owed: dict[tuple[UUID, UUID], int]) -> None:
    nets = net_positions(owed)

    payments = net_multilaterally(nets)

    assert len(payments) <= max(0, len(nonzero(nets)) - 1)
    assert not {debtor for debtor, _ in payments} & {creditor for _, creditor in payments}


@given(debts)
def test_the_same_debts_in_another_order_give_the_same_payments(owed: dict[tuple[UUID, UUID], int]) -> None:
    other = dict(reversed(owed.items()))

    assert clear_loops(other) == clear_loops(owed)
    assert net_multilaterally(net_positions(other)) == net_multilaterally(net_positions(owed))
