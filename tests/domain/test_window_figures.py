"""The figures of a window: every net is kept, what is under the threshold rolls over, and the savings are told."""

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.domain.statement import Debt, Due, Figures, Method, SettlementTerms, Step, figures_of

S, R, C, F = (UUID(int=n) for n in (1, 2, 3, 4))
EXAMPLE = [
    Debt(S, R, value=420),
    Debt(R, C, value=300),
    Debt(C, S, value=260),
    Debt(F, R, value=90),
    Debt(R, S, commission=120),
    Debt(C, F, fee=40),
]

parties = st.integers(1, 7).map(lambda n: UUID(int=n))
amounts = st.integers(0, 10**6)
debts = st.dictionaries(
    st.tuples(parties, parties).filter(lambda pair: pair[0] != pair[1]),
    st.tuples(amounts, amounts, amounts, amounts, amounts),
    max_size=30,
).map(lambda found: [Debt(*pair, *sections) for pair, sections in found.items()])
terms = st.builds(SettlementTerms, st.sampled_from(Method), st.integers(0, 10**6), st.just(7))


def dues(found: tuple[Due, ...]) -> set[tuple[UUID, UUID, int]]:
    return {(due.debtor, due.creditor, due.amount) for due in found}


def nets(figures: Figures) -> dict[UUID, int]:
    found: Counter[UUID] = Counter()
    for due in figures.payments + figures.carried:
        found[due.debtor] -= due.amount
        found[due.creditor] += due.amount
    return {party: net for party, net in found.items() if net}


@pytest.mark.parametrize(
    ("method", "payments"),
    [
        (Method.BILATERAL,    {(S, R, 300), (R, C, 300), (C, S, 260), (F, R, 90), (C, F, 40)}),
        (Method.LOOPS,        {(S, R, 40), (F, R, 50)}),
        (Method.MULTILATERAL, {(S, R, 40), (F, R, 50)}),
    ],
)  # fmt: skip
def test_the_worked_example(method: Method, payments: set[tuple[UUID, UUID, int]]) -> None:
    figures = figures_of(EXAMPLE, SettlementTerms(method))

    assert dues(figures.payments) == payments
    assert {one.party: one.net for one in figures.parties} == {S: -40, R: 90, C: 0, F: -50}
    assert (figures.savings.gross, figures.savings.bilateral) == (Step(1_230, 6), Step(990, 5))
    assert (figures.savings.loops, figures.savings.multilateral) == (Step(90, 2), Step(90, 2))


def test_a_payment_at_the_threshold_is_made_and_one_under_it_rolls_over() -> None:
    figures = figures_of(EXAMPLE, SettlementTerms(Method.LOOPS, threshold=50))

    assert dues(figures.payments) == {(F, R, 50)}
    assert dues(figures.carried) == {(S, R, 40)}


def test_no_debts_make_no_figures() -> None:
    figures = figures_of([Debt(S, R)], SettlementTerms())

    assert (figures.debts, figures.parties, figures.payments, figures.carried) == ((), (), (), ())
    assert figures.savings.gross == Step(0, 0)


@given(debts, terms)
def test_what_is_paid_and_what_rolls_over_keep_every_net(owed: list[Debt], chosen: SettlementTerms) -> None:
    figures = figures_of(owed, chosen)

    assert nets(figures) == {one.party: one.net for one in figures.parties if one.net}
    assert sum(one.net for one in figures.parties) == 0
    assert all(due.amount >= chosen.threshold for due in figures.payments)
    assert all(0 < due.amount < chosen.threshold for due in figures.carried)


@given(debts, terms)
def test_loops_pay_only_between_pairs_that_owe(owed: list[Debt], chosen: SettlementTerms) -> None:
    figures = figures_of(owed, chosen)

    pairs = {(debt.debtor, debt.creditor) for debt in figures.debts}
    paid = {(due.debtor, due.creditor) for due in figures.payments + figures.carried}
    assert chosen.method is Method.MULTILATERAL or paid <= pairs
    saved = figures.savings
    assert saved.gross.amount >= saved.bilateral.amount >= saved.loops.amount >= saved.multilateral.amount


@given(debts, terms)
def test_the_same_debts_in_another_order_give_the_same_figures(owed: list[Debt], chosen: SettlementTerms) -> None:
    assert figures_of(reversed(owed), chosen) == figures_of(owed, chosen)
