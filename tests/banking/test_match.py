from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.banking.lines import BankLine, LineKey
from network.banking.match import Match, Outcome, Why, match_lines
from network.banking.standing import InstructionStanding, Standing
from tests.banking.world import CAR_WASH, RESTAURANT, SALON, debt, line

OWES = debt(SALON, RESTAURANT, 4_000)
OTHER = debt(CAR_WASH, RESTAURANT, 5_000)
DEBTS = [OWES, OTHER]
ID = OWES.end_to_end_id


def sent(amount: int, reference: str = "S-1", **facts: Any) -> BankLine:
    return replace(line(SALON, -amount, RESTAURANT, reference=reference, end_to_end_id=ID), **facts)


def received(amount: int, reference: str = "R-1", **facts: Any) -> BankLine:
    return replace(line(RESTAURANT, amount, SALON, reference=reference, end_to_end_id=ID), **facts)


def of(outcome: Outcome) -> InstructionStanding:
    return next(one for one in outcome.standings if one.instruction == OWES)


@pytest.mark.parametrize(
    ("lines", "standing", "paid", "missing", "surplus"),
    [
        ([], "open", 0, 4_000, 0),
        ([received(4_000)], "paid", 4_000, 0, 0),
        ([sent(4_000)], "paid", 4_000, 0, 0),
        ([sent(4_000), received(4_000)], "paid", 4_000, 0, 0),
        ([received(1_500)], "part_paid", 1_500, 2_500, 0),
        ([received(1_500), received(2_500, "R-2")], "paid", 4_000, 0, 0),
        ([received(4_001)], "overpaid", 4_001, 0, 1),
        ([received(4_000), received(4_000, "R-2")], "overpaid", 8_000, 0, 4_000),
        ([sent(4_000), sent(-4_000, "S-2", return_reason="AC04")], "returned", 0, 4_000, 0),
        ([sent(4_000), sent(-4_000, "S-2"), sent(4_000, "S-3")], "paid", 4_000, 0, 0),
        ([sent(4_000), sent(-1_000, "S-2")], "part_paid", 3_000, 1_000, 0),
        ([sent(-4_000, "S-2", return_reason="AC04")], "returned", 0, 4_000, 0),
        ([received(4_000), received(-4_000, "R-2")], "returned", 0, 4_000, 0),
        ([sent(4_000), received(1_000)], "part_paid", 1_000, 3_000, 0),
    ],
)
def test_an_instruction_stands_where_its_lines_put_it(
    lines: list[BankLine], standing: str, paid: int, missing: int, surplus: int
) -> None:
    found = of(match_lines(DEBTS, [], lines))

    assert (found.standing, found.paid, found.missing, found.surplus) == (Standing(standing), paid, missing, surplus)


def test_a_return_says_why() -> None:
    found = of(match_lines(DEBTS, [], [sent(4_000), sent(-4_000, "S-2", return_reason="AC04"), sent(-1, "S-3")]))

    assert found.return_reasons == ("AC04", "unstated")
    assert found.returned == 4_001


def test_two_statements_that_differ_ask_for_a_look() -> None:
    assert not of(match_lines(DEBTS, [], [sent(4_000), received(4_000)])).sides_differ
    assert of(match_lines(DEBTS, [], [sent(4_000), received(1_000)])).sides_differ
    assert not of(match_lines(DEBTS, [], [sent(4_000)])).sides_differ


@pytest.mark.parametrize("text", [ID, f"window 12 {ID.lower()}", f"{ID[:9]} {ID[9:]}", ID.replace("-", ""), f"x{ID}x"])
def test_who_pays_by_hand_is_found_by_the_text(text: str) -> None:
    paid = received(4_000, end_to_end_id="INVOICE 7", remittance=text)

    assert of(match_lines(DEBTS, [], [paid])).standing == Standing.PAID


@pytest.mark.parametrize(
    ("stray", "why"),
    [
        (received(4_000, end_to_end_id=None), Why.NO_REFERENCE),
        (received(4_000, end_to_end_id="RENT"), Why.NO_REFERENCE),
        (received(4_000, end_to_end_id=debt(SALON, RESTAURANT, 1, version=2).end_to_end_id), Why.UNKNOWN_REFERENCE),
        (received(4_000, remittance=OTHER.end_to_end_id), Why.SEVERAL_REFERENCES),
        (received(4_000, currency="USD"), Why.OTHER_CURRENCY),
        (received(4_000, own_iban=CAR_WASH.iban), Why.OTHER_IBAN),
        (sent(4_000, counterparty_iban=CAR_WASH.iban), Why.OTHER_COUNTERPARTY),
    ],
)
def test_a_line_that_pays_nothing_of_ours_is_listed_with_the_reason(stray: BankLine, why: Why) -> None:
    outcome = match_lines(DEBTS, [], [stray])

    assert [(one.line, one.why) for one in outcome.unmatched] == [(stray, why)]
    assert of(outcome).standing == Standing.OPEN
    assert outcome.matches == (Match(stray, None),)


def test_money_from_a_cousins_bank_pays_the_debt_all_the_same() -> None:
    assert of(match_lines(DEBTS, [], [received(4_000, counterparty_iban=CAR_WASH.iban)])).standing == Standing.PAID


def test_likely_instructions_are_suggested_and_a_person_decides() -> None:
    again = debt(SALON, RESTAURANT, 700, version=2)
    stray = received(700, end_to_end_id=None)

    first = match_lines([*DEBTS, again], [], [stray])
    second = match_lines([*DEBTS, again], first.matches, [], assigned={stray.key: again.end_to_end_id})

    assert first.unmatched[0].suggestions == (again.end_to_end_id, ID)
    assert second.unmatched == ()
    assert {one.instruction: one.standing for one in second.standings}[again] == Standing.PAID


def test_a_decision_does_not_turn_money_into_another_shops() -> None:
    stray = line(CAR_WASH, 4_000, reference="C-1")

    outcome = match_lines(DEBTS, [], [stray], assigned={stray.key: ID})

    assert [one.why for one in outcome.unmatched] == [Why.OTHER_IBAN]


def test_a_line_seen_again_changes_nothing() -> None:
    first = match_lines(DEBTS, [], [received(4_000), received(4_000)])

    second = match_lines(DEBTS, first.matches, [received(4_000)])

    assert first.duplicates == (received(4_000),)
    assert second.duplicates == (received(4_000),)
    assert (second.standings, second.matches) == (first.standings, first.matches)


def test_a_statement_that_says_more_than_the_notice_before_it_is_believed() -> None:
    notice = received(4_000, end_to_end_id=None)
    first = match_lines(DEBTS, [], [notice])

    second = match_lines(DEBTS, first.matches, [received(4_000)])

    assert of(second).standing == Standing.PAID
    assert second.matches == (Match(received(4_000), ID),)
    assert second.duplicates == (received(4_000),)


def test_an_earlier_match_stands_although_its_window_is_not_asked_for() -> None:
    kept = Match(received(4_000), ID)

    outcome = match_lines([OTHER], [kept], [received(4_000)])

    assert outcome.matches == (kept,)
    assert outcome.duplicates == (received(4_000),)
    assert outcome.unmatched == ()


owners = st.sampled_from([SALON, RESTAURANT, CAR_WASH])
drawn_lines = st.lists(
    st.builds(
        line,
        owners,
        st.sampled_from([-5_000, -4_000, -1, 1, 4_000, 5_000]),
        st.none() | owners,
        reference=st.sampled_from(["A", "B", "C", "D"]),
        end_to_end_id=st.sampled_from([None, ID, OTHER.end_to_end_id, "RENT"]),
        booked_on=st.sampled_from([date(2026, 2, 3), date(2026, 2, 4)]),
    ),
    max_size=12,
)


@given(drawn_lines.flatmap(lambda lines: st.tuples(st.just(lines), st.permutations(lines))))
def test_the_order_of_lines_changes_nothing(drawn: tuple[list[BankLine], list[BankLine]]) -> None:
    lines, shuffled = drawn

    assert match_lines(DEBTS, [], lines) == match_lines(reversed(DEBTS), [], shuffled)


@given(drawn_lines, st.integers(0, 12), st.booleans())
def test_how_lines_are_spread_over_files_changes_nothing(lines: list[BankLine], cut: int, swapped: bool) -> None:
    told: dict[LineKey, BankLine] = {}
    for one in lines:
        told.setdefault(one.key, one)  # one bank tells one line one way
    lines = list(told.values())
    files = [lines[:cut], lines[cut:]]

    at_once = match_lines(DEBTS, [], lines)
    earlier: tuple[Match, ...] = ()
    for file in reversed(files) if swapped else files:
        outcome = match_lines(DEBTS, earlier, file)
        earlier = outcome.matches

    assert (outcome.standings, outcome.matches, outcome.unmatched) == (
        at_once.standings,
        at_once.matches,
        at_once.unmatched,
    )


@given(drawn_lines)
def test_every_line_is_matched_or_listed_once(lines: list[BankLine]) -> None:
    outcome = match_lines(DEBTS, [], lines)

    kept = [match.line for match in outcome.matches]
    matched = [used for standing in outcome.standings for used in standing.lines]
    assert Counter([*kept, *outcome.duplicates]) == Counter(lines)
    assert Counter([*matched, *(one.line for one in outcome.unmatched)]) == Counter(kept)
    assert len({one.key for one in kept}) == len(kept)
