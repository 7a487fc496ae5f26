"""A line is disputed by who owes it, answered by who receives it, decided by the organizer, and never twice."""

from typing import Any

import pytest

from network.domain.dispute import Dispute, DisputedLine, Reason
from network.domain.errors import (
    AnswerTimeNotOver,
    DisputeStateForbids,
    Invalid,
    InvalidAmount,
    LineNotDisputable,
    NotTheDebtor,
    NotTheOtherSide,
)
from network.domain.exposure import moves_of
from network.domain.postings import Kind, Posting
from tests.domain.given import CERTIFICATE, COALITION, DAY, FIRST, NOON, RESTAURANT, SALON, again, only_event, stored

OWED = Posting(SALON, RESTAURANT, 500, Kind.VALUE)
LINE = DisputedLine(1, 5, 0, OWED, CERTIFICATE, FIRST)
ANSWER_BY = NOON + 5 * DAY
DEBTOR, CREDITOR = (SALON,), (RESTAURANT,)


def raised(*, withheld: bool = True, amount: int = 200) -> Dispute:
    return stored(
        Dispute.raise_about(
            LINE,
            coalition_id=COALITION,
            amount=amount,
            reason=Reason.WRONG_AMOUNT,
            note="",
            withheld=withheld,
            answer_by=ANSWER_BY,
            at=NOON,
        )
    )


def contested(**of: Any) -> Dispute:
    dispute = raised(**of)
    dispute.contest(speaks_for=CREDITOR, note="the slip says so", at=NOON)
    return again(dispute)


@pytest.mark.parametrize(
    ("line", "amount", "reason", "note", "by", "refusal"),
    [
        (LINE, 500, Reason.NOT_OURS,  "",               CREDITOR, NotTheDebtor),
        (LINE, 501, Reason.NOT_OURS,  "",               DEBTOR,   InvalidAmount),
        (LINE, 0,   Reason.NOT_OURS,  "",               DEBTOR,   InvalidAmount),
        (LINE, 500, Reason.OTHER,     "",               DEBTOR,   Invalid),
        (LINE, 500, Reason.OTHER,     "ask a@b.example", DEBTOR,  Invalid),
        (LINE, 500, Reason.DUPLICATE, "+371 2612 3456", DEBTOR,   Invalid),
        (LINE, 500, Reason.DUPLICATE, "x" * 301,        DEBTOR,   Invalid),
        (DisputedLine(2, 9, 0, Posting(SALON, RESTAURANT, 500, Kind.RELEASED), CERTIFICATE, FIRST),
         500, Reason.NOT_OURS, "", DEBTOR, LineNotDisputable),
    ],
)  # fmt: skip
def test_refuses_a_dispute_that_nobody_could_settle(
    line: DisputedLine, amount: int, reason: Reason, note: str, by: Any, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        Dispute.check(line=line, amount=amount, reason=reason, note=note, speaks_for=by)


def test_a_note_may_name_bills_and_amounts() -> None:
    Dispute.check(
        line=LINE, amount=1, reason=Reason.OTHER, note="bill 2024/17, 12.50 EUR at table 7", speaks_for=DEBTOR
    )


@pytest.mark.parametrize(
    ("withheld", "upheld", "expected"),
    [
        (True,  True,  ()),
        (True,  False, (Posting(SALON, RESTAURANT, 200, Kind.ADJUSTMENT),)),
        (False, True,  (Posting(RESTAURANT, SALON, 200, Kind.ADJUSTMENT),)),
        (False, False, ()),
    ],
)  # fmt: skip
def test_its_end_moves_what_was_not_moved_yet(withheld: bool, upheld: bool, expected: tuple[Posting, ...]) -> None:
    dispute = contested(withheld=withheld)

    dispute.decide(uphold=upheld, note="", at=NOON)

    assert only_event(dispute).postings == expected  # type: ignore[attr-defined]


def test_silence_upholds_when_the_time_is_over() -> None:
    dispute = raised()
    with pytest.raises(AnswerTimeNotOver):
        dispute.uphold_by_silence(at=ANSWER_BY - DAY)

    dispute.uphold_by_silence(at=ANSWER_BY)

    assert only_event(dispute).rule == "silence"  # type: ignore[attr-defined]


def test_who_receives_cannot_contest_after_its_time() -> None:
    with pytest.raises(DisputeStateForbids):
        raised().contest(speaks_for=CREDITOR, note="", at=ANSWER_BY)


def test_each_side_does_only_its_own() -> None:
    dispute = raised()

    for answer in (dispute.contest, dispute.concede):
        with pytest.raises(NotTheOtherSide):
            answer(speaks_for=DEBTOR, note="", at=NOON)
    with pytest.raises(NotTheDebtor):
        dispute.withdraw(speaks_for=CREDITOR, note="", at=NOON)
    with pytest.raises(DisputeStateForbids):
        dispute.decide(uphold=True, note="", at=NOON)


def test_the_two_may_still_agree_after_it_was_contested() -> None:
    conceded, withdrawn = contested(), contested()

    conceded.concede(speaks_for=CREDITOR, note="", at=NOON + 9 * DAY)
    withdrawn.withdraw(speaks_for=DEBTOR, note="", at=NOON + 9 * DAY)

    assert (only_event(conceded).rule, only_event(withdrawn).rule) == ("answered", "withdrawn")  # type: ignore[attr-defined]


@pytest.mark.parametrize("upheld", [True, False])
def test_an_end_is_the_last_word(upheld: bool) -> None:
    dispute = contested()
    dispute.decide(uphold=upheld, note="", at=NOON)
    ended = again(dispute)

    for step in (
        lambda: ended.decide(uphold=not upheld, note="", at=NOON),
        lambda: ended.concede(speaks_for=CREDITOR, note="", at=NOON),
        lambda: ended.withdraw(speaks_for=DEBTOR, note="", at=NOON),
        lambda: ended.uphold_by_silence(at=ANSWER_BY),
        lambda: ended.contest(speaks_for=CREDITOR, note="", at=NOON),
    ):
        with pytest.raises(DisputeStateForbids):
            step()


@pytest.mark.parametrize("withheld", [True, False])
@pytest.mark.parametrize("upheld", [True, False])
def test_while_it_is_open_it_counts_against_both_and_at_its_end_against_who_was_wrong(
    withheld: bool, upheld: bool
) -> None:
    """`available = limit - (net debit posted + reserved + disputed against)`; the line itself is posted before."""
    used = {f"pair:{SALON}:{RESTAURANT}": 500, f"pair:{RESTAURANT}:{SALON}": -500}
    opened = Dispute.raise_about(
        LINE,
        coalition_id=COALITION,
        amount=500,
        reason=Reason.NOT_OURS,
        note="",
        withheld=withheld,
        answer_by=ANSWER_BY,
        at=NOON,
    )
    count(used, only_event(opened))
    assert used == {f"pair:{SALON}:{RESTAURANT}": 500, f"pair:{RESTAURANT}:{SALON}": 0}

    ended = again(opened)
    ended.contest(speaks_for=CREDITOR, note="", at=NOON)
    ended = again(ended)
    ended.decide(uphold=upheld, note="", at=NOON)
    count(used, only_event(ended))

    owed = 0 if upheld else 500
    assert used == {f"pair:{SALON}:{RESTAURANT}": owed, f"pair:{RESTAURANT}:{SALON}": -owed}


def count(used: dict[str, int], event: Any) -> None:
    moves = list(moves_of(event, "Europe/Riga"))
    assert not any(move.guarded for move in moves)
    for move in moves:
        if move.scope in used:
            used[move.scope] += move.amount
