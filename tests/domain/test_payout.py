"""From agreement to settlement: asked for once, followed whatever the order of answers, opened again by a return."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.domain.errors import (
    BookingConflict,
    Invalid,
    NothingToRemind,
    NotInTheWindow,
    PayoutNotFound,
    RemindedAlready,
    WindowStateForbids,
)
from network.domain.following import book, instruct, remind, withdraw
from network.domain.payout import BANK, Booking, Payout, Side, Standing
from network.domain.statement import Debt
from network.domain.window import State, Window
from tests.domain.given import BAKERY, DAY, NOON, RESTAURANT, SALON, again, facts, topics
from tests.domain.test_window import OWED, stated

TODAY = NOON.date()
AFTER = NOON + 6 * DAY


def payouts_of(window: Window) -> list[Payout]:
    return [Payout(f"{due.debtor}-{due.creditor}"[:35], due.debtor, due.creditor, due.amount, None, None)
            for due in window.payments]  # fmt: skip


def instructed(*debts: Debt) -> Window:
    window = stated(*(debts or (Debt(SALON, RESTAURANT, value=500),)))
    window.agree_by_silence(at=AFTER)
    instruct(window, payouts=payouts_of(window), due_on=TODAY, today=TODAY, by="organizer", at=AFTER)
    return again(window)


def only(window: Window) -> str:
    (reference,) = window.payouts
    return reference


def said(window: Window, amount: int, side: Side = Side.CREDITOR, line: str = "l1") -> Booking:
    return Booking(line, only(window), side, amount, "R-1", "2026-03-09", "" if amount > 0 else "AC04")


def test_an_agreed_window_is_instructed_once() -> None:
    window = instructed()

    assert (window.state, window.due_on, len(window.payouts)) == (State.INSTRUCTED, TODAY.isoformat(), 1)
    with pytest.raises(WindowStateForbids, match="is instructed"):
        instruct(window, payouts=payouts_of(window), due_on=TODAY, today=TODAY, by="organizer", at=AFTER)


def test_only_an_agreed_window_is_instructed() -> None:
    window = stated(*OWED)

    with pytest.raises(WindowStateForbids, match="is stated"):
        instruct(window, payouts=payouts_of(window), due_on=TODAY, today=TODAY, by="organizer", at=AFTER)


def test_nothing_is_due_in_the_past() -> None:
    window = stated(*OWED)
    window.agree_by_silence(at=AFTER)

    with pytest.raises(Invalid, match="not over yet"):
        instruct(window, payouts=payouts_of(window), due_on=date(2026, 1, 1), today=TODAY, by="organizer", at=AFTER)


def test_a_window_is_agreed_when_the_last_partner_consents() -> None:
    window = stated(*OWED)

    window.consent(merchant_id=SALON, others=(BAKERY,), at=NOON)
    window.consent(merchant_id=SALON, others=(BAKERY,), at=NOON)
    assert window.state is State.STATED
    window.consent(merchant_id=RESTAURANT, others=(BAKERY,), at=NOON)

    assert (window.state, topics(window)[-1]) == (State.AGREED, "Window.Agreed")
    assert window.pending_events[-1].rule == "all parties consented"
    window.consent(merchant_id=SALON, others=(BAKERY,), at=NOON)


def test_who_is_not_of_the_window_does_not_consent() -> None:
    with pytest.raises(NotInTheWindow):
        stated(Debt(SALON, RESTAURANT, value=500)).consent(merchant_id=BAKERY, others=(), at=NOON)


@pytest.mark.parametrize(
    ("booked", "standing", "missing", "state"),
    [
        ([], Standing.OPEN, 500, State.INSTRUCTED),
        ([(200, Side.CREDITOR)], Standing.PART_PAID, 300, State.PART_PAID),
        ([(500, Side.CREDITOR)], Standing.PAID, 0, State.SETTLED),
        ([(500, Side.DEBTOR)], Standing.PAID, 0, State.SETTLED),
        ([(500, Side.DEBTOR), (500, Side.CREDITOR)], Standing.PAID, 0, State.SETTLED),
        ([(500, Side.DEBTOR), (460, Side.CREDITOR)], Standing.PART_PAID, 40, State.PART_PAID),
        ([(300, Side.CREDITOR), (300, Side.CREDITOR)], Standing.OVERPAID, 0, State.SETTLED),
        ([(500, Side.CREDITOR), (-500, Side.CREDITOR)], Standing.RETURNED, 500, State.INSTRUCTED),
        ([(500, Side.DEBTOR), (-500, Side.DEBTOR)], Standing.RETURNED, 500, State.INSTRUCTED),
        ([(500, Side.DEBTOR), (500, Side.CREDITOR), (-500, Side.CREDITOR)], Standing.RETURNED, 500, State.INSTRUCTED),
        ([(200, Side.CREDITOR), (300, Side.HAND)], Standing.PAID, 0, State.SETTLED),
        ([(500, Side.HAND), (-100, Side.HAND)], Standing.PART_PAID, 100, State.PART_PAID),
    ],
)
def test_how_far_a_payment_is_whatever_the_order(
    booked: list[tuple[int, Side]], standing: Standing, missing: int, state: State
) -> None:
    for order in permutations(enumerate(booked)):
        window = instructed()
        for place, (amount, side) in order:
            book(window, [said(window, amount, side, f"l{place}")], by=BANK, at=AFTER)
            book(window, [said(window, amount, side, f"l{place}")], by=BANK, at=AFTER)

        (one,) = window.payouts.values()
        assert (one.standing, one.missing, window.state) == (standing, missing, state)


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Side)), st.integers(-600, 600).filter(bool), st.sampled_from("abcdef")),
        unique_by=lambda one: one[2],
        max_size=6,
    ),
    st.randoms(),
)
def test_any_order_and_repetition_gives_the_same(lines: list[tuple[Side, int, str]], random: object) -> None:
    def outcome(order: list[tuple[Side, int, str]]) -> tuple[object, ...]:
        window = instructed()
        for side, amount, line in order:
            book(window, [said(window, amount, side, line)], by=BANK, at=AFTER)
        (one,) = window.payouts.values()
        assert (window.state is State.SETTLED) == (one.missing == 0)
        return window.state, one.paid, one.missing, one.standing, one.booked

    shuffled = [*lines, *lines]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert outcome(shuffled) == outcome(lines)


def test_returned_money_opens_a_settled_window_again() -> None:
    window = instructed()
    book(window, [said(window, 500)], by=BANK, at=AFTER)
    assert window.state is State.SETTLED

    book(window, [said(window, -500, line="l2")], by=BANK, at=AFTER)
    assert window.state is State.INSTRUCTED
    book(window, [said(window, 500, line="l3")], by=BANK, at=AFTER)

    assert topics(window) == [
        "Window.PaymentConfirmed", "Window.Settled", "Window.PaymentReturned", "Window.PaymentConfirmed",
        "Window.Settled",
    ]  # fmt: skip


def test_a_file_of_many_lines_settles_once() -> None:
    window = instructed()

    book(window, [said(window, 100, line=str(n)) for n in range(7)], by=BANK, at=AFTER)

    assert topics(window).count("Window.Settled") == 1


def test_a_confirmation_says_the_parties_and_the_cause() -> None:
    window = instructed()

    book(window, [said(window, -30)], by=BANK, at=AFTER)

    assert facts(window.pending_events[0], "debtor_id", "creditor_id", "amount", "cause", "version") == {
        "debtor_id": SALON, "creditor_id": RESTAURANT, "amount": 30, "cause": "AC04", "version": 1,
    }  # fmt: skip


def test_the_same_line_with_another_amount_is_refused() -> None:
    window = instructed()
    book(window, [said(window, 100)], by=BANK, at=AFTER)

    with pytest.raises(BookingConflict):
        book(window, [said(window, 101)], by=BANK, at=AFTER)
    with pytest.raises(PayoutNotFound):
        book(window, [replace(said(window, 1), end_to_end_id="W9V1-X")], by=BANK, at=AFTER)
    with pytest.raises(Invalid):
        book(window, [said(window, 0, line="l9")], by=BANK, at=AFTER)


def test_what_a_person_said_can_be_taken_back_and_a_banks_word_not() -> None:
    window = instructed()
    book(window, [said(window, 500, Side.HAND, "by hand")], by=str(RESTAURANT), at=AFTER)
    book(window, [said(window, 10)], by=BANK, at=AFTER)

    withdraw(window, end_to_end_id=only(window), line="by hand", reason="a slip", by="organizer", at=AFTER)

    assert (window.state, window.payouts[only(window)].paid) == (State.PART_PAID, 10)
    with pytest.raises(Invalid, match="bank's own line"):
        withdraw(window, end_to_end_id=only(window), line="l1", reason="x", by="organizer", at=AFTER)
    with pytest.raises(PayoutNotFound):
        withdraw(window, end_to_end_id=only(window), line="by hand", reason="x", by="organizer", at=AFTER)


def test_a_debtor_is_reminded_once_a_step_and_once_a_day_by_hand() -> None:
    window = instructed()

    for step in (0, 7):
        remind(window, end_to_end_id=only(window), on=TODAY, step=step, by="network", at=AFTER)
    with pytest.raises(RemindedAlready):
        remind(window, end_to_end_id=only(window), on=TODAY, step=7, by="network", at=AFTER)
    with pytest.raises(RemindedAlready):
        remind(window, end_to_end_id=only(window), on=TODAY, step=None, by="organizer", at=AFTER)
    tomorrow = (NOON + DAY).date()
    remind(window, end_to_end_id=only(window), on=tomorrow, step=None, by="organizer", at=AFTER)

    assert facts(window.pending_events[-1], "missing", "debtor_id", "step") == {
        "missing": 500, "debtor_id": SALON, "step": None,
    }  # fmt: skip


def test_nobody_is_reminded_of_what_is_paid() -> None:
    window = instructed()
    book(window, [said(window, 500)], by=BANK, at=AFTER)

    with pytest.raises(NothingToRemind):
        remind(window, end_to_end_id=only(window), on=TODAY, step=0, by="network", at=AFTER)
