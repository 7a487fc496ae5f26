from typing import Any

import pytest

from network.domain.certificate import Certificate, State
from network.domain.errors import (
    BillTooSmallToRedeem,
    CertificateClaimed,
    CertificateExpired,
    CertificatePassedOn,
    CertificateRedeemed,
    CertificateRevoked,
    DayOver,
    InsufficientBalance,
    InvalidAmount,
    MoreThanTheBill,
    PartialRedemptionNotAllowed,
    RedemptionConflict,
    RedemptionReversed,
    Refusal,
    UnknownEpoch,
    WrongAcceptor,
)
from network.domain.postings import Kind, Posting
from network.domain.terms import Commission, FaceValue, Fee, Funding, Guest, Reward, Side, Terms
from network.domain.units import MINOR_MAX
from tests.domain.given import (
    ANNA,
    BAKERY,
    DAY,
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


def test_records_the_deduction_who_owes_it_and_the_released_reserve() -> None:
    past = certificate()

    redeem(past)

    event = only_event(past)
    assert topics(past) == ["Certificate.Redeemed"]
    assert facts(event, "redemption_id", "issuer_id", "acceptor_id", "holder_id", "bill", "amount", "released") == {
        "redemption_id": FIRST,
        "issuer_id": SALON,
        "acceptor_id": RESTAURANT,
        "holder_id": ANNA,
        "bill": 1_800,
        "amount": 500,
        "released": 0,
    }
    assert event.postings == (
        Posting(SALON, RESTAURANT, 500, Kind.VALUE),
        Posting(SALON, RESTAURANT, 500, Kind.RELEASED),
    )
    assert (past.outstanding, past.state) == (0, State.REDEEMED)


@pytest.mark.parametrize(
    ("terms", "face", "bill", "requested", "amount", "released", "outstanding", "state"),
    [
        (SIMPLE,    500, 1_800, None, 500,   0,   0, State.REDEEMED),
        (SIMPLE,    500,   501, None, 500,   0,   0, State.REDEEMED),
        (SIMPLE,    500,   500, None, 500,   0,   0, State.REDEEMED),
        (SIMPLE,    500,   499, None, 499,   1,   0, State.REDEEMED),
        (SIMPLE,    500,     1, None,   1, 499,   0, State.REDEEMED),
        (SIMPLE,    500,   300,  300, 300, 200,   0, State.REDEEMED),
        (SIMPLE,    500,  None, None, 500,   0,   0, State.REDEEMED),
        (IN_PARTS, 1000, 1_800, None, 1000,  0,   0, State.REDEEMED),
        (IN_PARTS, 1000,   999, None, 999,   0,   1, State.ACTIVE),
        (IN_PARTS, 1000, 1_800,    1,   1,   0, 999, State.ACTIVE),
        (IN_PARTS, 1000, 1_800, 1000, 1000,  0,   0, State.REDEEMED),
    ],
)  # fmt: skip
def test_takes_what_fits_and_a_single_use_one_gives_up_the_rest(
    terms: Terms,
    face: int,
    bill: int | None,
    requested: int | None,
    amount: int,
    released: int,
    outstanding: int,
    state: State,
) -> None:
    past = certificate(terms, face=face)

    redeem(past, bill=bill, requested=requested)

    assert facts(only_event(past), "amount", "released") == {"amount": amount, "released": released}
    assert (past.outstanding, past.state) == (outstanding, state)


def passed_on(of: Certificate) -> Certificate:
    of.pass_on(holder_id=ANNA, status_index=8, at=NOON + HOUR)
    return again(of)


def claimed() -> Certificate:
    paper = certificate(holder_id=None)
    paper.claim(epoch=0, holder_id=ANNA, status_index=8, at=NOON + HOUR)
    return again(paper)


def revoked() -> Certificate:
    of = certificate()
    of.revoke(by="issuer", reason="a slip", at=NOON + HOUR)
    return again(of)


def expired() -> Certificate:
    of = certificate()
    of.expire(at=EXPIRES)
    return again(of)


LATER = NOON + 2 * HOUR
NEEDS_1000 = Terms(face=FaceValue(fixed=500), smallest_bill_to_redeem=1_000)


@pytest.mark.parametrize(
    ("past", "asked", "refusal"),
    [
        (certificate(),           {"acceptor_id": BAKERY},                        WrongAcceptor),
        (certificate(),           {"epoch": 1},                                   UnknownEpoch),
        (certificate(),           {"epoch": -1},                                  UnknownEpoch),
        (passed_on(certificate()), {"epoch": 0, "at": LATER},                     CertificatePassedOn),
        (claimed(),               {"epoch": 0, "at": LATER},                      CertificateClaimed),
        (redeemed(),              {"redemption_id": SECOND, "at": LATER},         CertificateRedeemed),
        (revoked(),               {"at": LATER},                                  CertificateRevoked),
        (expired(),               {"at": EXPIRES},                                CertificateExpired),
        (certificate(),           {"at": EXPIRES},                                CertificateExpired),
        (certificate(),           {"at": NOON - HOUR},                            DayOver),
        (certificate(),           {"bill": 0},                                    InvalidAmount),
        (certificate(),           {"bill": -1},                                   InvalidAmount),
        (certificate(),           {"bill": MINOR_MAX + 1},                        InvalidAmount),
        (certificate(),           {"requested": 0},                               InvalidAmount),
        (certificate(),           {"requested": -1},                              InvalidAmount),
        (certificate(),           {"requested": 501},                             InsufficientBalance),
        (certificate(),           {"requested": 499},                             PartialRedemptionNotAllowed),
        (certificate(),           {"bill": 300, "requested": 299},                PartialRedemptionNotAllowed),
        (certificate(),           {"bill": 300, "requested": 301},                MoreThanTheBill),
        (certificate(),           {"bill": 900, "bill_left": 300, "requested": 301}, MoreThanTheBill),
        (certificate(IN_PARTS),   {"requested": 1_001},                           InsufficientBalance),
        (certificate(NEEDS_1000), {"bill": 999},                                  BillTooSmallToRedeem),
    ],
)  # fmt: skip
def test_refuses(past: Certificate, asked: dict[str, Any], refusal: type[Refusal]) -> None:
    before = (past.outstanding, past.state, past.epoch)

    with pytest.raises(refusal):
        redeem(past, **asked)

    assert (past.pending_events, (past.outstanding, past.state, past.epoch)) == ([], before)


def test_counts_until_the_instant_before_its_time_is_over() -> None:
    past = certificate()

    redeem(past, at=EXPIRES - DAY / 86_400_000_000)

    assert topics(past) == ["Certificate.Redeemed"]


def test_a_bill_of_the_smallest_size_is_enough() -> None:
    past = certificate(NEEDS_1000)

    redeem(past, bill=1_000)

    assert topics(past) == ["Certificate.Redeemed"]


def test_a_refusal_says_both_sides_in_money() -> None:
    past = certificate()

    with pytest.raises(InsufficientBalance) as refused:
        redeem(past, requested=501)

    assert refused.value.body() == {
        "code": "insufficient_balance",
        "detail": "This certificate has 5.00 EUR left; 5.01 EUR was asked.",
        "outstanding": 500,
        "requested": 501,
        "currency": "EUR",
    }


class TestRetries:
    def test_the_same_id_and_details_change_nothing(self) -> None:
        past = redeemed()

        redemption = redeem(past, at=LATER)

        assert (past.pending_events, redemption.amount) == ([], 500)

    def test_the_same_id_and_details_change_nothing_from_a_copy_that_died_since(self) -> None:
        past = certificate(IN_PARTS)
        redeem(past, requested=400)
        again(past).pass_on(holder_id=ANNA, status_index=8, at=LATER)
        again(past)

        redemption = redeem(past, requested=400, epoch=0, at=LATER)

        assert (past.pending_events, redemption.amount) == ([], 400)

    @pytest.mark.parametrize("other", [{"bill": 1_801}, {"bill_reference": "r2"}, {"requested": 500}])
    def test_the_same_id_with_other_details_is_a_conflict(self, other: dict[str, Any]) -> None:
        past = redeemed()

        with pytest.raises(RedemptionConflict):
            redeem(past, **other)

        assert past.pending_events == []

    def test_a_redemption_that_was_undone_is_not_answered_as_if_it_stood(self) -> None:
        past = redeemed()
        past.reverse(redemption_id=FIRST, by="acceptor", reason="a slip", at=LATER)
        again(past)

        with pytest.raises(RedemptionReversed):
            redeem(past, at=LATER)

        assert past.pending_events == []


THANKS = Commission(new=Reward(share=1_000, fixed=50), lapsed=Reward(share=500), returning=Reward(fixed=7))


class TestPostings:
    @pytest.mark.parametrize(
        ("funding", "value"),
        [
            (Funding(),                         []),
            (Funding(issuer=10_000),            [(SALON, 1_000)]),
            (Funding(issuer=5_000),             [(SALON, 500)]),
            (Funding(pool=10_000),              [(POOL, 1_000)]),
            (Funding(issuer=3_333, pool=3_333), [(SALON, 333), (POOL, 333)]),
        ],
    )  # fmt: skip
    def test_each_funder_owes_the_acceptor_its_share(self, funding: Funding, value: list[Any]) -> None:
        past = certificate(Terms(face=FaceValue(fixed=1_000), funding=funding))

        redeem(past)

        posted = only_event(past).postings
        assert [(p.debtor, p.amount) for p in posted if p.kind is Kind.VALUE] == value
        assert [(p.debtor, p.amount) for p in posted if p.kind is Kind.RELEASED] == value
        assert {p.creditor for p in posted} <= {RESTAURANT}

    @pytest.mark.parametrize(
        ("guest", "bill", "commission"),
        [
            (Guest.NEW,       1_800, 180),  # 10 % of 1 300 and 50
            (Guest.NEW,         500,  50),  # nothing spent over the certificate: the fixed sum alone
            (Guest.NEW,         505,  51),  # 0.5 rounds up
            (Guest.NEW,        None,  50),
            (Guest.LAPSED,    1_800,  65),
            (Guest.LAPSED,     None,   0),
            (Guest.RETURNING, 1_800,   7),
            (Guest.UNKNOWN,   1_800,   7),
        ],
    )  # fmt: skip
    def test_the_acceptor_thanks_the_issuer_for_the_guest(
        self, guest: Guest, bill: int | None, commission: int
    ) -> None:
        past = certificate(Terms(face=FaceValue(fixed=500), commission=THANKS))

        redeem(past, guest=guest, bill=bill)

        expected = [Posting(RESTAURANT, SALON, commission, Kind.COMMISSION)] if commission else []
        assert list(only_event(past).postings) == expected

    def test_the_fixed_commission_is_due_once_for_a_certificate(self) -> None:
        past = certificate(Terms(face=FaceValue(fixed=500), commission=THANKS, partial_redemption=True))
        redeem(past, requested=100, guest=Guest.RETURNING)
        again(past)

        redeem(past, requested=100, redemption_id=SECOND, guest=Guest.RETURNING)

        assert only_event(past).postings == ()

    @pytest.mark.parametrize(("payer", "debtor"), [(Side.ISSUER, SALON), (Side.ACCEPTOR, RESTAURANT)])
    def test_the_named_side_pays_the_fee_to_the_organizer(self, payer: Side, debtor: Any) -> None:
        past = certificate(Terms(face=FaceValue(fixed=500), fee=Fee(payer=payer, share=150, fixed=10)))

        redeem(past)

        assert only_event(past).postings == (Posting(debtor, ORGANIZER, 18, Kind.FEE),)  # 7.5 rounds up, and 10
