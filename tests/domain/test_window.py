"""A window is cut after its predecessor, stated once, agreed by silence, or settled when nothing is to be paid."""

from typing import Any

import pytest

from network.domain.errors import (
    FiguresChanged,
    Invalid,
    InvalidTerms,
    ReviewNotOver,
    WindowOutOfOrder,
    WindowStateForbids,
)
from network.domain.statement import Debt, Method, SettlementTerms, figures_of
from network.domain.window import State, Window, window_id_of
from tests.domain.given import BAKERY, COALITION, DAY, NOON, RESTAURANT, SALON, again, facts, only_event, stored, topics

TERMS = SettlementTerms(Method.MULTILATERAL, threshold=300, review_days=5)
OWED = (Debt(SALON, RESTAURANT, value=500), Debt(RESTAURANT, BAKERY, commission=200))


def cut(number: int = 1, predecessor: Window | None = None, terms: SettlementTerms | None = TERMS) -> Window:
    return Window.cut(coalition_id=COALITION, number=number, predecessor=predecessor, terms=terms, at=NOON)


def state(window: Window, *debts: Debt, predecessor: Window | None = None) -> None:
    window.state_figures(
        position=7,
        chain_hash="c0" * 32,
        figures=figures_of(debts, window.terms),
        predecessor=predecessor,
        review_ends_at=NOON + 5 * DAY,
        at=NOON,
    )


def stated(*debts: Debt) -> Window:
    window = stored(cut())
    state(window, *debts)
    return again(window)


def test_the_first_window_has_no_predecessor() -> None:
    window = cut()

    assert facts(only_event(window), "number", "predecessor_id", "terms", "originator_id") == {
        "number": 1,
        "predecessor_id": None,
        "terms": TERMS,
        "originator_id": window_id_of(COALITION, 1),
    }


def test_a_later_window_names_its_predecessor_and_keeps_its_terms() -> None:
    first = stored(cut())

    second = cut(2, first, terms=None)

    assert facts(only_event(second), "predecessor_id", "terms") == {"predecessor_id": first.id, "terms": TERMS}


@pytest.mark.parametrize(
    ("number", "terms", "refusal"),
    [
        (2, TERMS, WindowOutOfOrder),
        (0, TERMS, Invalid),
        (-1, TERMS, Invalid),
        (1, SettlementTerms(threshold=-1), InvalidTerms),
        (1, SettlementTerms(threshold=10**12 + 1), InvalidTerms),
        (1, SettlementTerms(review_days=-1), InvalidTerms),
        (1, SettlementTerms(review_days=91), InvalidTerms),
    ],
)
def test_refuses_a_gap_and_terms_that_cannot_be(number: int, terms: SettlementTerms, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        cut(number, None, terms)


def test_stating_freezes_the_figures() -> None:
    window = stored(cut())

    state(window, *OWED)

    event: Any = only_event(window)
    assert [(one.party, one.net) for one in event.parties] == sorted([(SALON, -500), (RESTAURANT, 300), (BAKERY, 200)])
    assert [(due.debtor, due.creditor, due.amount) for due in event.payments] == [(SALON, RESTAURANT, 300)]
    assert [(due.debtor, due.creditor, due.amount) for due in event.carried] == [(SALON, BAKERY, 200)]
    assert (event.position, event.chain_hash, again(window).state) == (7, "c0" * 32, State.STATED)


@pytest.mark.parametrize(
    "debts",
    [
        (),
        (Debt(SALON, RESTAURANT, value=500), Debt(RESTAURANT, SALON, commission=500)),
        (Debt(SALON, RESTAURANT, value=299),),
    ],
    ids=["empty", "zero", "all under the threshold"],
)
def test_a_window_that_leaves_nothing_to_pay_settles_at_once(debts: tuple[Debt, ...]) -> None:
    window = stored(cut())

    state(window, *debts)

    assert topics(window) == ["Window.Stated", "Window.Settled"]
    assert again(window).state is State.SETTLED


def test_a_window_is_stated_once() -> None:
    window = stated(*OWED)

    with pytest.raises(WindowStateForbids, match="Window 1 is stated"):
        state(window, *OWED)


def test_a_window_is_stated_after_its_predecessor() -> None:
    first = stored(cut())
    second = stored(cut(2, first))

    with pytest.raises(WindowOutOfOrder, match="Window 2 cannot be stated before window 1 is"):
        state(second, *OWED, predecessor=first)


def test_what_was_carried_over_opens_the_next_window() -> None:
    first = stated(*OWED)
    second = stored(cut(2, first))

    state(second, Debt(SALON, BAKERY, opening=200, value=100), predecessor=first)

    assert again(second).state is State.STATED


def test_a_window_never_opens_with_anything_else() -> None:
    first = stated(*OWED)
    second = stored(cut(2, first))

    with pytest.raises(FiguresChanged):
        state(second, Debt(SALON, BAKERY, value=300), predecessor=first)


def test_silence_through_the_review_is_agreement() -> None:
    window = stated(*OWED)

    window.agree_by_silence(at=NOON + 5 * DAY)

    assert facts(only_event(window), "number", "rule") == {"number": 1, "rule": "silence"}
    assert again(window).state is State.AGREED


def test_silence_agrees_no_sooner() -> None:
    with pytest.raises(ReviewNotOver, match="until 2026-03-07 12:00"):
        stated(*OWED).agree_by_silence(at=NOON + 5 * DAY - DAY / 1_000)


def test_only_a_stated_window_can_be_agreed() -> None:
    with pytest.raises(WindowStateForbids, match="Window 1 is cut"):
        stored(cut()).agree_by_silence(at=NOON + 9 * DAY)
    with pytest.raises(WindowStateForbids, match="Window 1 is settled"):
        stated().agree_by_silence(at=NOON + 9 * DAY)
