import pytest

from network.domain.certificate import State
from network.domain.postings import Kind, Posting
from network.domain.terms import Commission, FaceValue, Fee, Funding, Reward, Side, Terms
from tests.domain.given import (
    CAUSE,
    FIRST,
    HOUR,
    NOON,
    POOL,
    RESTAURANT,
    SALON,
    again,
    certificate,
    facts,
    only_event,
    redeemed,
    some,
    topics,
)

LATER = NOON + 2 * HOUR
SHARED = Terms(
    face=FaceValue(fixed=1_000),
    funding=Funding(issuer=3_333, pool=3_333),
    commission=Commission(new=Reward(fixed=50)),
    fee=Fee(payer=Side.ISSUER, fixed=10),
)


def test_takes_back_the_value_in_proportion_and_leaves_commission_and_fee() -> None:
    past = redeemed(SHARED)

    past.refund(redemption_id=FIRST, part=500, already=0, replacement_id=some("new"), at=LATER)

    event = only_event(past)
    assert event.postings == (
        Posting(RESTAURANT, SALON, 167, Kind.VALUE),  # 166.5 rounds up
        Posting(RESTAURANT, POOL, 167, Kind.VALUE),
    )
    assert facts(event, "amount", "replacement_id") == {"amount": 500, "replacement_id": some("new")}
    assert past.redemptions[FIRST].refunded == 500


def test_two_halves_take_back_exactly_what_was_posted() -> None:
    past = redeemed(SHARED)
    past.refund(redemption_id=FIRST, part=500, already=0, replacement_id=None, at=LATER)
    again(past)

    past.refund(redemption_id=FIRST, part=500, already=500, replacement_id=None, at=LATER)

    assert [posting.amount for posting in only_event(past).postings] == [166, 166]
    assert past.redemptions[FIRST].refunded == 1_000


class TestTheBillItWasGivenFor:
    def test_an_unused_one_is_revoked(self) -> None:
        past = certificate()

        assert past.refund_cause(payment_id=CAUSE, at=LATER) is True

        assert facts(only_event(past), "amount", "by") == {"amount": 500, "by": "refund"}
        assert (past.state, past.outstanding) == (State.REVOKED, 0)

    def test_a_used_one_stands_and_is_flagged_once(self) -> None:
        past = redeemed()

        assert past.refund_cause(payment_id=CAUSE, at=LATER) is False

        assert (topics(again(past)), past.cause_refunded) == ([], True)
        assert past.refund_cause(payment_id=CAUSE, at=LATER) is False
        assert topics(past) == []

    def test_one_whose_only_redemption_was_undone_is_revoked(self) -> None:
        past = redeemed()
        past.reverse(redemption_id=FIRST, by="acceptor", reason="a slip", at=LATER)
        again(past)

        assert past.refund_cause(payment_id=CAUSE, at=LATER) is True

        assert topics(past) == ["Certificate.Revoked"]

    @pytest.mark.parametrize("end", ["expired", "revoked"])
    def test_one_that_ended_unused_stays_as_it_is(self, end: str) -> None:
        past = certificate()
        if end == "expired":
            past.expire(at=past.expires_at)
        else:
            past.revoke(by="issuer", reason="a slip", at=LATER)
        again(past)

        assert past.refund_cause(payment_id=CAUSE, at=past.expires_at) is False

        assert topics(past) == []
