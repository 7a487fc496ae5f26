"""What each event moves under the limits."""

from dataclasses import replace

import pytest

from network.domain.certificate import Certificate, Origin
from network.domain.exposure import Move, local_day, moves_of, netted
from network.domain.following import book
from network.domain.payout import BANK
from network.domain.statement import Debt, Due
from network.domain.terms import Commission, FaceValue, Fee, Funding, Reward, Side, Terms
from tests.domain.given import (
    AGREEMENT,
    ANNA,
    BAKERY,
    CAUSE,
    CERTIFICATE,
    FIRST,
    HOUR,
    NOON,
    ORGANIZER,
    RESTAURANT,
    SALON,
    again,
    certificate,
    only_event,
    redeem,
    redeemed,
)
from tests.domain.test_issue_certificate import issue
from tests.domain.test_payout import instructed, said

RIGA = "Europe/Riga"
TERMS = Terms(
    face=FaceValue(fixed=500),
    funding=Funding(issuer=10_000),
    commission=Commission(new=Reward(fixed=50)),
    fee=Fee(payer=Side.ISSUER, fixed=10),
)


def moves(event: object) -> list[Move]:
    return list(moves_of(event, RIGA))  # type: ignore[arg-type]


def test_an_issue_counts_what_may_be_owed_the_budget_the_day_and_the_guest() -> None:
    assert moves(only_event(issue())) == [
        Move(f"pair:{SALON}:{RESTAURANT}", "", 500, guarded=True),
        Move(f"debtor:{SALON}", "", 500, guarded=True),
        Move(f"agreement:{AGREEMENT}", "", 500, guarded=True),
        Move(f"intake:{RESTAURANT}", "2026-03-02", 1, guarded=True),
        Move("customer", f"2026-03-02:{ANNA}", 1, guarded=True),
    ]


def test_an_issue_under_a_campaign_counts_against_its_budget_too() -> None:
    event = only_event(issue())
    spring = Certificate.Issued(**(vars(event) | {"terms": replace(TERMS, campaign_id=CAUSE)}))

    assert Move(f"campaign:{CAUSE}", "", 500, guarded=True) in moves(spring)


def test_the_replacement_of_a_refunded_certificate_is_never_refused() -> None:
    event = only_event(issue())
    replacement = Certificate.Issued(**(vars(event) | {"origin": Origin(CAUSE, AGREEMENT, 1, replaces_id=CERTIFICATE)}))

    assert {move.guarded for move in moves(replacement)} == {False}


def test_a_redemption_turns_the_reserve_into_a_debt_and_counts_what_comes_back() -> None:
    past = certificate(TERMS)
    redeem(past)

    found: dict[str, int] = {}
    for move in moves(only_event(past)):
        assert not move.guarded
        found[move.scope] = found.get(move.scope, 0) + move.amount

    assert {scope: amount for scope, amount in found.items() if amount} == {
        f"pair:{SALON}:{RESTAURANT}": -50,
        f"debtor:{SALON}": -50 + 10,
        f"pair:{RESTAURANT}:{SALON}": -500 + 50,
        f"debtor:{RESTAURANT}": -500 + 50,
        f"pair:{SALON}:{ORGANIZER}": 10,
        f"pair:{ORGANIZER}:{SALON}": -10,
        f"debtor:{ORGANIZER}": -10,
    }


def test_a_reversal_moves_back_what_the_redemption_moved() -> None:
    past = certificate(TERMS)
    redeem(past)
    there = moves(only_event(past))
    past = redeemed(TERMS)
    past.reverse(redemption_id=FIRST, by="acceptor", reason="a slip", at=NOON + HOUR)
    back = moves(only_event(past))

    sums: dict[str, int] = {}
    for move in there + back:
        sums[move.scope] = sums.get(move.scope, 0) + move.amount

    assert set(sums.values()) == {0}


def test_netting_moves_pairs_in_both_directions_and_no_partys_sum() -> None:
    before = Debt(SALON, RESTAURANT, value=500), Debt(RESTAURANT, BAKERY, value=500)

    moved = {move.scope: move.amount for move in netted(before, [Due(SALON, BAKERY, 500)])}

    assert moved == {
        f"pair:{SALON}:{RESTAURANT}": -500,
        f"pair:{RESTAURANT}:{SALON}": 500,
        f"pair:{RESTAURANT}:{BAKERY}": -500,
        f"pair:{BAKERY}:{RESTAURANT}": 500,
        f"pair:{SALON}:{BAKERY}": 500,
        f"pair:{BAKERY}:{SALON}": -500,
    }


def test_debts_that_netting_leaves_as_they_net_move_nothing() -> None:
    both_ways = Debt(SALON, RESTAURANT, value=500), Debt(RESTAURANT, SALON, value=120)

    assert list(netted(both_ways, [Due(SALON, RESTAURANT, 380)])) == []


@pytest.mark.parametrize("amount", [500, 200, -200])
def test_a_payment_makes_room_and_a_returned_one_takes_it(amount: int) -> None:
    window = instructed()
    if amount < 0:
        book(window, [said(window, 500)], by=BANK, at=NOON)
        window = again(window)
    book(window, [said(window, amount, line="now")], by=BANK, at=NOON)

    assert [move[:3] for move in moves(window.pending_events[0])] == [
        (f"pair:{SALON}:{RESTAURANT}", "", -amount),
        (f"debtor:{SALON}", "", -amount),
        (f"pair:{RESTAURANT}:{SALON}", "", amount),
        (f"debtor:{RESTAURANT}", "", amount),
    ]


def test_a_day_is_the_coalitions() -> None:
    late = NOON.replace(hour=22, minute=30)

    assert (local_day(late, RIGA), local_day(late, "UTC")) == ("2026-03-03", "2026-03-02")
