from typing import Any

import pytest

from network.domain.certificate import Certificate, State
from network.domain.errors import (
    CertificateExpired,
    RedemptionNotFound,
    RedemptionRefunded,
    RedemptionReversed,
    Refusal,
    ReversalTooLate,
)
from network.domain.postings import Kind, Posting
from network.domain.terms import Commission, FaceValue, Fee, Funding, Reward, Side, Terms
from tests.domain.given import (
    EXPIRES,
    FIRST,
    HOUR,
    IN_PARTS,
    NOON,
    ORGANIZER,
    POOL,
    RESTAURANT,
    SALON,
    SECOND,
    SIMPLE,
    again,
    certificate,
    facts,
    only_event,
    redeem,
    redeemed,
    topics,
)

REDEEMED = NOON + HOUR
EVERYTHING = Terms(
    face=FaceValue(fixed=1_000),
    funding=Funding(issuer=3_000, pool=2_000),
    commission=Commission(new=Reward(share=1_000, fixed=50)),
    fee=Fee(payer=Side.ACCEPTOR, share=100),
)


def reverse(past: Certificate, **other: Any) -> None:
    details: dict[str, Any] = {"redemption_id": FIRST, "by": "acceptor", "reason": "a slip", "at": REDEEMED + HOUR}
    past.reverse(**(details | other))


def test_every_posting_is_taken_back_and_the_reserve_renewed() -> None:
    past = redeemed(EVERYTHING)

    reverse(past)

    event = only_event(past)
    assert facts(event, "redemption_id", "amount", "released", "renewed", "by", "reason") == {
        "redemption_id": FIRST,
        "amount": 1_000,
        "released": 0,
        "renewed": True,
        "by": "acceptor",
        "reason": "a slip",
    }
    assert event.postings == (
        Posting(RESTAURANT, SALON, 300, Kind.VALUE),
        Posting(RESTAURANT, POOL, 200, Kind.VALUE),
        Posting(SALON, RESTAURANT, 130, Kind.COMMISSION),
        Posting(ORGANIZER, RESTAURANT, 10, Kind.FEE),
        Posting(SALON, RESTAURANT, 300, Kind.RESERVED),
        Posting(POOL, RESTAURANT, 200, Kind.RESERVED),
    )


def test_it_can_be_used_again_for_its_whole_value() -> None:
    past = redeemed(bill=300)

    reverse(past)

    assert (past.state, past.outstanding, past.used) == (State.ACTIVE, 500, False)
    redeem(again(past), redemption_id=SECOND, at=REDEEMED + 2 * HOUR)
    assert topics(past) == ["Certificate.Redeemed"]


def test_one_of_two_parts_is_undone() -> None:
    past = redeemed(IN_PARTS, requested=400)
    redeem(past, redemption_id=SECOND, requested=600)
    again(past)

    reverse(past, redemption_id=SECOND)

    assert (past.state, past.outstanding, past.used) == (State.ACTIVE, 600, True)


@pytest.mark.parametrize(
    ("hours", "by", "late"),
    [
        (24, "acceptor",  False),
        (25, "acceptor",  True),
        (25, "organizer", False),
    ],
)  # fmt: skip
def test_the_acceptor_has_the_agreed_hours_and_the_organizer_any_time(hours: int, by: str, late: bool) -> None:
    past = redeemed()
    at = REDEEMED + hours * HOUR

    if late:
        with pytest.raises(ReversalTooLate):
            reverse(past, by=by, at=at)
        assert topics(past) == []
    else:
        reverse(past, by=by, at=at)
        assert topics(past) == ["Certificate.RedemptionReversed"]


@pytest.mark.parametrize(("terms", "state", "outstanding"), [(SIMPLE, State.EXPIRED, 0), (IN_PARTS, State.ACTIVE, 600)])
def test_after_the_last_day_the_value_lapses_and_no_reserve_comes_back(
    terms: Terms, state: State, outstanding: int
) -> None:
    past = redeemed(terms, requested=400 if terms is IN_PARTS else None)

    reverse(past, by="organizer", at=EXPIRES)

    event = only_event(past)
    assert (event.renewed, past.state, past.outstanding) == (False, state, outstanding)
    assert {posting.kind for posting in event.postings} == {Kind.VALUE}
    with pytest.raises(CertificateExpired):
        redeem(past, redemption_id=SECOND, at=EXPIRES)


def test_what_the_organizer_revoked_does_not_come_back_by_a_reversal() -> None:
    past = redeemed(IN_PARTS, requested=400)
    past.revoke(by="organizer", reason="fraud", at=REDEEMED)
    again(past)

    reverse(past)

    assert (only_event(past).renewed, past.state, past.outstanding) == (False, State.REVOKED, 0)


def reversed_once() -> Certificate:
    past = redeemed()
    reverse(past)
    return again(past)


def refunded() -> Certificate:
    past = redeemed()
    past.refund(redemption_id=FIRST, part=1, already=0, replacement_id=None, at=REDEEMED)
    return again(past)


@pytest.mark.parametrize(
    ("past", "refusal"),
    [
        (certificate(),   RedemptionNotFound),
        (reversed_once(), RedemptionReversed),
        (refunded(),      RedemptionRefunded),
    ],
)  # fmt: skip
def test_refuses(past: Certificate, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        reverse(past)

    assert topics(past) == []
