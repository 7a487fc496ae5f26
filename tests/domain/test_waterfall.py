"""Deposit, set-off, pool, creditors in proportion: nothing is distributed twice, nobody is preferred, nets are kept."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.domain.clearing import Debts, net_positions
from network.domain.restating import Cause, Change, restate, to_settle, with_changes
from network.domain.statement import SettlementTerms
from network.domain.waterfall import Share, Waterfall, changes_of, in_proportion, waterfall
from tests.domain.given import BAKERY, ORGANIZER, POOL, RESTAURANT, SALON, some
from tests.domain.test_restating import PARTIES, debts_of, nets, terms_of

DEPOSITS, CAFE = some("deposits"), some("cafe")
X = PARTIES[0]


def steps(found: Waterfall) -> tuple[int, ...]:
    return found.deposit, found.set_off, found.pool, found.lost


def test_each_step_covers_what_the_one_before_left() -> None:
    owed: Debts = {(SALON, RESTAURANT): 900, (SALON, BAKERY): 300, (CAFE, SALON): 200}

    found = waterfall(owed, SALON, deposit=400, pool=120)

    assert steps(found) == (400, 200, 120, 480)
    assert set(found.shares) == {
        Share(RESTAURANT, 900, 300, 150, 90, 360),
        Share(BAKERY, 300, 100, 50, 30, 120),
    }


def test_what_two_owe_each_other_is_set_off_between_them_first() -> None:
    found = waterfall({(SALON, RESTAURANT): 500, (RESTAURANT, SALON): 420}, SALON, deposit=0, pool=0)

    assert [(share.claim, share.lost) for share in found.shares] == [(80, 80)]


def test_a_deposit_that_is_enough_leaves_the_defaulter_what_it_is_owed() -> None:
    found = waterfall({(SALON, RESTAURANT): 500, (CAFE, SALON): 420}, SALON, deposit=600, pool=100)

    assert (*steps(found), found.left_to) == (500, 0, 0, 0, 420)


def test_the_organizer_loses_only_as_the_creditor_of_its_own_fee() -> None:
    owed: Debts = {(SALON, RESTAURANT): 900, (SALON, ORGANIZER): 100}

    found = waterfall(owed, SALON, deposit=0, pool=0)

    assert {share.party: share.lost for share in found.shares} == {RESTAURANT: 900, ORGANIZER: 100}
    without = waterfall({(SALON, RESTAURANT): 900}, SALON, deposit=0, pool=0)
    assert [share.party for share in without.shares] == [RESTAURANT]


def test_who_owes_the_defaulter_pays_its_creditors() -> None:
    owed: Debts = {(SALON, RESTAURANT): 300, (CAFE, SALON): 260}
    found = waterfall(owed, SALON, deposit=0, pool=0)
    changes = changes_of(found, SALON, deposits=DEPOSITS, pool=POOL)

    version = restate(with_changes(owed, changes), SettlementTerms(), defaulters=(SALON,))

    assert [(due.debtor, due.creditor, due.amount) for due in version.payments] == [(CAFE, RESTAURANT, 260)]


ANY_DEFAULT = given(
    debts=debts_of,
    terms=terms_of,
    deposits=st.tuples(st.integers(0, 1_500), st.integers(0, 1_500)),
    pool=st.integers(0, 800),
    paid=st.lists(st.tuples(st.integers(0, 11), st.integers(1, 1_000)), max_size=4),
    opened=st.booleans(),
)


@settings(max_examples=80, deadline=None)
@ANY_DEFAULT
def test_a_default_keeps_every_net_but_what_the_document_says(**of: Any) -> None:
    check_default(**of)


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None)
@ANY_DEFAULT
def test_thousands_of_defaults_keep_every_net(**of: Any) -> None:
    check_default(**of)


def check_default(
    debts: Debts,
    terms: SettlementTerms,
    deposits: tuple[int, int],
    pool: int,
    paid: list[tuple[int, int]],
    opened: bool,
) -> None:
    """One partner after the other fails, after some payments of the first version were made."""
    first = restate(debts, terms)
    prepaid = [
        Change(due.creditor, due.debtor, min(amount, due.amount), Cause.PREPAID)
        for place, amount in dict(paid).items()
        for due in first.payments[place : place + 1]
    ]
    carried = first.carried if opened else None
    owed, gone = with_changes(debts, prepaid), ()
    for defaulter, deposit in zip(PARTIES, deposits, strict=False):
        before = net_positions(owed)
        found = waterfall(to_settle(owed, gone, carried or ()), defaulter, deposit=deposit, pool=pool)
        changes = changes_of(found, defaulter, deposits=DEPOSITS, pool=POOL)
        owed, gone = with_changes(owed, changes), (*gone, defaulter)

        version = restate(owed, terms, defaulters=gone, carried=carried)

        check_document(found, deposit, pool)
        lost = {share.party: share.lost for share in found.shares} | {DEPOSITS: found.deposit, POOL: found.pool}
        after = net_positions(owed)
        for party in {*before, *after} - {defaulter}:
            assert after.get(party, 0) == before.get(party, 0) - lost.get(party, 0)
        assert sum(after.values()) == 0
        assert nets(*version.payments, *version.carried) == {party: net for party, net in after.items() if net}
        assert not {due.debtor for due in version.payments} & set(gone)


def check_document(found: Waterfall, deposit: int, pool: int) -> None:
    assert found.deposit <= deposit
    assert found.pool <= pool
    assert found.set_off + found.left_to == found.owed_to
    assert sum(steps(found)) == found.claimed == sum(share.claim for share in found.shares)
    for share in found.shares:
        assert share.claim == share.from_deposit + share.from_set_off + share.from_pool + share.lost
        assert min(share.from_deposit, share.from_set_off, share.from_pool, share.lost) >= 0
    assert not found.lost or (found.deposit, found.set_off, found.pool) == (deposit, found.owed_to, pool)


@settings(deadline=None)
@given(debts=debts_of, deposit=st.integers(0, 900), pool=st.integers(0, 900), random=st.randoms())
def test_the_order_of_creditors_changes_nothing(debts: Debts, deposit: int, pool: int, random: object) -> None:
    shuffled = list(debts.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    one, other = (waterfall(owed, X, deposit=deposit, pool=pool) for owed in (debts, dict(shuffled)))

    assert one == other


@settings(deadline=None)
@given(
    weights=st.dictionaries(st.integers(1, 50).map(lambda n: UUID(int=n)), st.integers(0, 99)), part=st.integers(0, 100)
)
def test_a_split_adds_up_and_gives_nobody_more_than_its_weight(weights: dict[UUID, int], part: int) -> None:
    amount = sum(weights.values()) * part // 100

    parts = in_proportion(amount, weights)

    assert sum(parts.values()) == amount
    for party, weight in weights.items():
        assert 0 <= parts[party] <= weight
        assert abs(parts[party] * max(1, sum(weights.values())) - amount * weight) < max(1, sum(weights.values()))
