"""What a till without a network took: whether it stands, who bears it, and that the order of delivery is no matter."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.domain.certificate import Certificate, State
from network.domain.offline import Breach, Liability, Lost, Offline, Taken
from network.domain.postings import Kind, Posting
from network.domain.taking_offline import Circumstances, Outcome, outcome_of, take_offline
from network.domain.terms import Commission, FaceValue, Fee, Funding, Guest, Reward, Side, Terms
from tests.domain.given import (
    ANNA,
    DAY,
    EXPIRES,
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
    redeem,
    some,
    topics,
)

ONCE = Terms(face=FaceValue(fixed=500), funding=Funding(issuer=10_000), offline_ceiling=500)
BY_ISSUER = Terms(face=FaceValue(fixed=500), offline_ceiling=500, offline_liability=Liability.ISSUER)
IN_PARTS = Terms(
    face=FaceValue(fixed=1_000),
    funding=Funding(issuer=3_000, pool=2_000),
    partial_redemption=True,
    commission=Commission(new=Reward(share=1_000, fixed=50)),
    fee=Fee(payer=Side.ACCEPTOR, share=100, fixed=3),
    offline_ceiling=1_000,
    offline_liability=Liability.POOL,
)
LATE = EXPIRES + HOUR
AROUND = Circumstances(on_bill=lambda: True, guest=lambda: Guest.NEW, seller=lambda: None)


def taken(till: str = "till a", *, at: datetime = NOON + HOUR, sequence: int = 1, **other: Any) -> Taken:
    """An acceptance of the whole certificate at a bill of 1 800, within the rules."""
    offline = Offline(
        till_id=some(till),
        journal=1,
        sequence=sequence,
        epoch=other.pop("epoch", 0),
        taken_at=at,
        shown_at=None,
        list_version=1,
        list_at=other.pop("list_at", at - HOUR),
    )
    facts = {"bill_reference": f"{till} {sequence}", "bill": 1_800, "amount": 500, "fault": None} | other
    return Taken(some(f"{till} {sequence}"), offline, **facts)


def take(of: Certificate, one: Taken, at: datetime = NOON + DAY) -> Outcome:
    return take_offline(of, one, AROUND, at=at)


def test_what_nothing_stands_against_is_booked_as_if_the_till_had_had_a_network() -> None:
    online, offline = certificate(ONCE), certificate(ONCE)
    redeem(online)

    outcome = take(offline, taken())

    assert outcome == Outcome("booked", None, some("till a 1"))
    told = facts(only_event(online), "amount", "released", "postings", "guest")
    assert facts(only_event(offline), "amount", "released", "postings", "guest") == told
    assert again(offline).state is State.REDEEMED


def test_what_the_network_allowed_stands_and_the_party_that_the_terms_name_bears_the_other() -> None:
    past = certificate(BY_ISSUER)
    redeem(past, at=NOON + 2 * HOUR)
    past = again(past)

    outcome = take(past, taken(at=NOON + HOUR))

    assert outcome == Outcome("conflicted", Lost.ALREADY_REDEEMED, some("till a 1"), Liability.ISSUER)
    assert facts(only_event(past), "amount", "postings", "borne_by") == {
        "amount": 500,
        "postings": (Posting(SALON, RESTAURANT, 500, Kind.ADJUSTMENT),),
        "borne_by": Liability.ISSUER,
    }


def test_a_loss_is_the_acceptors_without_entries_where_the_terms_name_nobody_else() -> None:
    past = certificate(ONCE)
    redeem(past)

    outcome = take(again(past), taken())

    assert (outcome.borne_by, past.pending_events[-1].postings) == (Liability.ACCEPTOR, ())  # type: ignore[attr-defined]


def test_the_same_deduction_that_was_asked_for_online_is_that_deduction() -> None:
    past = certificate(ONCE)
    redeem(past, bill_reference="till a 1", at=NOON + HOUR)
    past = again(past)

    outcome = take(past, taken(at=NOON + HOUR + timedelta(seconds=20)))

    assert (outcome.status, outcome.code, outcome.redemption_id) == ("booked", "same_as_online", FIRST)
    assert topics(past) == []


def test_an_earlier_acceptance_that_comes_in_later_takes_the_place_of_the_one_that_stood() -> None:
    past = certificate(BY_ISSUER)
    take(past, taken("till a", at=NOON + 2 * HOUR))
    past = again(past)

    outcome = take(past, taken("till b", at=NOON + HOUR))

    assert outcome.status == "booked"
    assert topics(past) == [
        "Certificate.RedemptionReversed", "Certificate.OfflineConflicted", "Certificate.Redeemed"
    ]  # fmt: skip
    past = again(past)
    assert outcome_of(past, some("till a 1"), None).code == Lost.EARLIER_OFFLINE
    assert outcome_of(past, some("till b 1"), None) == outcome


@pytest.mark.parametrize(
    ("breach", "changed"),
    [
        (Breach.LIST_OLD,     {"list_at": NOON - 24 * HOUR}),
        (Breach.CLOCK_WRONG,  {"list_at": NOON + 2 * HOUR}),
        (Breach.OVER_CEILING, {"amount": 500}),
    ],
)  # fmt: skip
def test_outside_the_rules_it_stands_alone_and_loses_to_every_other_at_the_acceptors_cost(
    breach: Breach, changed: dict[str, Any]
) -> None:
    low = Terms(face=FaceValue(fixed=500), offline_ceiling=400, offline_liability=Liability.ISSUER)
    past = certificate(low if breach is Breach.OVER_CEILING else BY_ISSUER)

    alone = take(past, taken("till a", **changed))
    other = take(past, taken("till b", at=NOON + 5 * HOUR, amount=400))

    assert (alone.status, other.status) == ("booked", "booked")
    lost = outcome_of(past, some("till a 1"), None)
    assert (lost.status, lost.borne_by) == ("conflicted", Liability.ACCEPTOR)
    assert past.conflicts[some("till a 1")].offline.breaches == (breach,)


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        (Lost.UNKNOWN_EPOCH,        {"epoch": 3}),
        (Lost.TAKEN_AFTER_EXPIRY,   {"at": EXPIRES}),
        (Lost.TAKEN_BEFORE_ISSUE,   {"at": NOON - HOUR}),
        (Lost.MORE_THAN_THE_BILL,   {"bill": 499}),
        (Lost.INSUFFICIENT_BALANCE, {"amount": 501}),
        (Lost.PROOF_MISSING,        {"fault": Lost.PROOF_MISSING}),
    ],
)  # fmt: skip
def test_what_the_till_could_have_seen_is_its_own_shops_loss_and_leaves_the_certificate_alone(
    code: Lost, changed: dict[str, Any]
) -> None:
    past = certificate(BY_ISSUER)

    outcome = take(past, taken(**changed), at=LATE)

    assert (outcome.status, outcome.code, outcome.borne_by) == ("conflicted", code, Liability.ACCEPTOR)
    assert (past.state, past.outstanding) == (State.ACTIVE, 500)


def test_a_copy_that_was_passed_on_meanwhile_is_an_honest_loss_and_the_friend_keeps_the_certificate() -> None:
    past = certificate(BY_ISSUER)
    past.pass_on(holder_id=ANNA, status_index=8, at=NOON + 2 * HOUR)

    honest = take(past, taken("till a", at=NOON + HOUR))
    careless = take(past, taken("till b", at=NOON + 4 * HOUR, list_at=NOON + 3 * HOUR))

    assert (honest.code, honest.borne_by) == (Lost.PASSED_ON, Liability.ISSUER)
    assert (careless.code, careless.borne_by) == (Lost.PASSED_ON, Liability.ACCEPTOR)
    assert past.outstanding == 500


def test_a_till_that_takes_it_twice_bears_the_second_time() -> None:
    past = certificate(BY_ISSUER)
    take(past, taken(sequence=1))

    outcome = take(past, taken(sequence=2, at=NOON + 2 * HOUR))

    assert (outcome.code, outcome.borne_by) == (Lost.TAKEN_TWICE, Liability.ACCEPTOR)


def test_a_till_that_undid_it_may_take_it_again() -> None:
    past = certificate(BY_ISSUER)
    take(past, taken(sequence=1))
    past.reverse(redemption_id=some("till a 1"), by="acceptor", reason="wrong table", at=NOON + DAY)

    outcome = take(past, taken(sequence=2, at=NOON + 2 * HOUR))

    assert (outcome.status, past.outstanding) == ("booked", 0)


def test_what_was_taken_in_time_counts_although_it_is_told_after_the_end() -> None:
    past = certificate(ONCE)
    past.expire(at=EXPIRES)
    past = again(past)

    outcome = take(past, taken(at=EXPIRES - HOUR, list_at=EXPIRES - 2 * HOUR, amount=300), at=LATE)

    assert outcome.status == "booked"
    assert topics(past) == ["Certificate.ExpiryUndone", "Certificate.Redeemed"]
    assert (past.state, past.outstanding, past.lapsed) == (State.REDEEMED, 0, 200)


def test_only_what_is_missing_of_it_is_taken_back_from_what_lapsed() -> None:
    past = certificate(IN_PARTS)
    redeem(past, requested=700, at=NOON + 2 * HOUR)
    past.reverse(redemption_id=FIRST, by="organizer", reason="wrong table", at=LATE)  # too late to be used again
    past = again(past)
    assert (past.state, past.outstanding, past.lapsed) == (State.ACTIVE, 300, 700)

    take(past, taken(at=EXPIRES - HOUR, list_at=EXPIRES - 2 * HOUR, amount=900), at=LATE)

    assert facts(past.pending_events[0], "amount") == {"amount": 600}
    assert (past.state, past.outstanding, past.lapsed) == (State.REDEEMED, 0, 100)


def test_once_its_bill_was_refunded_an_acceptance_gives_way_no_more() -> None:
    past = certificate(ONCE)
    take(past, taken("till a", at=NOON + 2 * HOUR))
    past.refund(redemption_id=some("till a 1"), part=100, already=0, replacement_id=some("new"), at=NOON + DAY)

    outcome = take(past, taken("till b", at=NOON + HOUR))

    assert (outcome.status, outcome.code) == ("conflicted", Lost.ALREADY_REDEEMED)


def test_the_pool_bears_it_where_the_terms_say_so() -> None:
    past = certificate(IN_PARTS)
    redeem(past, requested=900, at=NOON + 2 * HOUR)
    past = again(past)

    take(past, taken(amount=200, at=NOON + HOUR))

    assert only_event(past).postings == (Posting(POOL, RESTAURANT, 200, Kind.ADJUSTMENT),)  # type: ignore[attr-defined]


Acceptance = tuple[int, int, int, bool]
"""Which till, how many minutes after noon, how much, and whether its list was old."""
ACCEPTANCES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(30, 33), st.sampled_from([200, 500, 700, 1_000]), st.booleans()),
    min_size=2,
    max_size=4,
)


@given(
    acceptances=ACCEPTANCES,
    terms=st.sampled_from([IN_PARTS, Terms(face=FaceValue(fixed=1_000), funding=Funding(pool=4_000),
                                           offline_ceiling=700, offline_liability=Liability.ISSUER)]),
    online=st.sampled_from([None, 300, 1_000]),
    ended=st.booleans(),
)  # fmt: skip
def test_any_order_of_delivery_gives_the_same_balances_and_the_same_losers(
    acceptances: list[Acceptance], terms: Terms, online: int | None, ended: bool
) -> None:
    """Each till delivers in its own order, as its journal makes it; between tills every order there is."""
    counted: dict[int, int] = {}
    deliveries = []
    for till, minute, amount, old in acceptances:
        counted[till] = counted.get(till, 0) + 1
        at = NOON + timedelta(minutes=minute)
        stale = {"list_at": at - 30 * HOUR} if old else {}
        deliveries.append((till, taken(f"till {till}", at=at, sequence=counted[till], amount=amount, **stale)))

    results = set()
    for order in permutations(range(len(deliveries))):
        by_till: dict[int, list[int]] = {}
        for place in order:
            by_till.setdefault(deliveries[place][0], []).append(place)
        if all(places == sorted(places) for places in by_till.values()):
            results.add(_after([deliveries[place][1] for place in order], terms, online, ended))

    assert len(results) == 1


def _after(deliveries: list[Taken], terms: Terms, online: int | None, ended: bool) -> tuple[Any, ...]:
    """Who is owed what by whom, what is reserved, and which acceptances do not stand."""
    past = certificate(terms)
    events: list[Any] = []
    if online is not None:
        bill = {"requested": online} if terms.partial_redemption else {"bill": online, "bill_left": online}
        redeem(past, at=NOON + 2 * HOUR, **bill)
    if ended and past.state is State.ACTIVE:
        past.expire(at=EXPIRES)
    events += past.collect_events()
    for one in deliveries:
        take(past, one, at=LATE)
        events += past.collect_events()
        take_again = outcome_of(past, one.redemption_id, None)
        assert take_again.redemption_id == one.redemption_id
    balances: dict[Any, int] = {}
    for event in events:
        for posting in event.postings:
            sign = 1 if posting.owed else (1 if posting.kind is Kind.RESERVED else -1)
            for party, change in ((posting.debtor, -sign), (posting.creditor, sign)):
                key = (party, posting.owed)
                balances[key] = balances.get(key, 0) + change * posting.amount
    assert 0 <= past.outstanding <= past.face
    lost = frozenset((key, one.code, one.borne_by) for key, one in past.conflicts.items())
    return frozenset((key, amount) for key, amount in balances.items() if amount), lost, past.outstanding, past.state
