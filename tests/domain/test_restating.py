"""A new version keeps every net: of what was stated, and of what has come to it since."""

from collections import Counter
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from network.domain.clearing import Debts, net_positions
from network.domain.restating import Cause, Change, restate, with_changes
from network.domain.statement import Due, Method, SettlementTerms
from tests.domain.given import BAKERY, RESTAURANT, SALON

PARTIES = [UUID(int=n) for n in range(1, 6)]
pairs = st.tuples(st.sampled_from(PARTIES), st.sampled_from(PARTIES)).filter(lambda pair: pair[0] != pair[1])
debts_of = st.dictionaries(pairs, st.integers(1, 1_000), max_size=12)
terms_of = st.builds(SettlementTerms, st.sampled_from(Method), st.sampled_from([0, 1, 300]))


def nets(*dues: Due) -> dict[UUID, int]:
    owed: Counter[tuple[UUID, UUID]] = Counter()
    for due in dues:
        owed[due.debtor, due.creditor] += due.amount
    return {party: net for party, net in net_positions(owed).items() if net}


def test_a_withheld_line_leaves_the_rest_to_pay() -> None:
    debts: Debts = {(SALON, RESTAURANT): 500, (SALON, BAKERY): 200}
    withheld = Change(RESTAURANT, SALON, 120, Cause.WITHHELD)

    version = restate(with_changes(debts, [withheld]), SettlementTerms())

    assert {(due.creditor, due.amount) for due in version.payments} == {(RESTAURANT, 380), (BAKERY, 200)}


def test_what_the_next_window_opened_with_stays_and_small_payments_are_made() -> None:
    terms, debts = SettlementTerms(threshold=300), {(SALON, RESTAURANT): 500, (SALON, BAKERY): 200}
    first = restate(debts, terms)

    second = restate(
        with_changes(debts, [Change(RESTAURANT, SALON, 400, Cause.WITHHELD)]), terms, carried=first.carried
    )

    assert first.carried == second.carried == (Due(SALON, BAKERY, 200),)
    assert second.payments == (Due(SALON, RESTAURANT, 100),)


@settings(max_examples=60, deadline=None)
@given(debts=debts_of, disputed=st.lists(st.integers(0, 11)), terms=terms_of, opened=st.booleans())
def test_any_disputes_leave_every_net_what_it_is_without_them(
    debts: Debts, disputed: list[int], terms: SettlementTerms, opened: bool
) -> None:
    first = restate(debts, terms)
    lines = [(pair, amount) for place, (pair, amount) in enumerate(sorted(debts.items())) if place in disputed]
    changes = [Change(creditor, debtor, amount, Cause.WITHHELD) for (debtor, creditor), amount in lines]

    version = restate(with_changes(debts, changes), terms, carried=first.carried if opened else None)

    left = {pair: amount for pair, amount in debts.items() if (pair, amount) not in lines}
    assert nets(*version.payments, *version.carried) == {p: net for p, net in net_positions(left).items() if net}
    assert sum(party.net for party in version.parties) == 0
    assert not opened or version.carried == first.carried
