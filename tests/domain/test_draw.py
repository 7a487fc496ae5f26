"""The draw: chances that add up, floors that hold, hands that are obeyed, and a seed that gives the same each time."""

from collections import Counter
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from network.domain.draw import (
    MILLION,
    Candidate,
    Drawn,
    Hand,
    PartnerRule,
    Reason,
    Rules,
    draw,
    factors_of,
    point_of,
    weight_of,
)
from network.domain.draw_policy import DrawPolicy
from network.domain.errors import InvalidDrawRules
from network.domain.units import WHOLE
from tests.domain.given import BAKERY, NOON, RESTAURANT, SALON, some, stored


def candidate(place: int, **other: Any) -> Candidate:
    details: dict[str, Any] = {
        "agreement_id": UUID(int=place),
        "acceptor_id": UUID(int=1_000 + place),
        "agreement_version": 1,
        "face": 500,
        "gave": 0,
        "received": 0,
        "owed": 0,
        "adds": 500,
        "room": WHOLE,
        "lift": None,
        "hand": Hand.FREE,
        "share": 0,
    }
    return Candidate(**(details | other))


def seed(number: int) -> str:
    return sha256(str(number).encode()).hexdigest()[:32]


figures = st.fixed_dictionaries(
    {
        "gave": st.integers(0, 10**6),
        "received": st.integers(0, 10**6),
        "owed": st.integers(-(10**12), 10**12),
        "adds": st.integers(-1_000, 1_000),
        "face": st.integers(1, 10**12),
        "room": st.integers(0, WHOLE),
        "lift": st.none() | st.integers(-WHOLE, WHOLE),
    }
)
streets = st.lists(figures, min_size=1, max_size=7).map(
    lambda each: [candidate(place, **one) for place, one in enumerate(each)]
)
rules = st.builds(Rules, neutral=st.integers(0, 5_000), exploration=st.integers(500, WHOLE))
seeds = st.integers(0, 2**128 - 1).map("{:032x}".format)


def shared(street: list[Candidate], shares: list[int]) -> list[Candidate]:
    """The first partners get fixed shares."""
    fixed = [candidate(place, hand=Hand.SHARE, share=share) for place, share in enumerate(shares)]
    return [*fixed, *street[len(shares) :]]


@given(streets, rules, seeds)
def test_chances_are_a_million_and_nobody_eligible_is_under_the_floor(
    street: list[Candidate], ruled: Rules, given_seed: str
) -> None:
    drawn = draw(street, ruled, given_seed)

    probabilities = [one.probability for one in drawn.chances]
    floor = (MILLION - drawn.neutral_probability) * ruled.exploration // (WHOLE * len(street))
    assert sum(probabilities) + drawn.neutral_probability == MILLION
    assert drawn.neutral_probability == ruled.neutral * 100
    assert min(probabilities) >= floor > 0


@given(streets, st.lists(st.integers(1, 2_000), max_size=4), rules, seeds)
def test_a_fixed_share_is_that_part_of_what_is_handed_out(
    street: list[Candidate], shares: list[int], ruled: Rules, given_seed: str
) -> None:
    mixed = shared(street, shares)

    drawn = draw(mixed, ruled, given_seed)

    handed_out = MILLION - drawn.neutral_probability
    assert sum(one.probability for one in drawn.chances) == handed_out
    for one in drawn.chances:
        if one.candidate.hand is Hand.SHARE and len(mixed) > len(shares):
            assert abs(one.probability * WHOLE - handed_out * one.candidate.share) < WHOLE


@given(streets, rules, seeds)
def test_the_same_seed_draws_the_same_whatever_the_order(
    street: list[Candidate], ruled: Rules, given_seed: str
) -> None:
    assert draw(street, ruled, given_seed) == draw(street[::-1], ruled, given_seed)


@given(streets, rules, seeds)
def test_what_is_drawn_is_where_the_seed_falls(street: list[Candidate], ruled: Rules, given_seed: str) -> None:
    drawn = draw(street, ruled, given_seed)

    reached, point = drawn.neutral_probability, point_of(given_seed)
    fell_on = None
    for one in drawn.chances:
        if reached <= point < reached + one.probability:
            fell_on = one.candidate.agreement_id
        reached += one.probability
    assert drawn.agreement_id == fell_on


@given(streets, rules, seeds, st.integers(0, 6))
def test_a_pinned_partner_that_fits_is_certain_and_not_random(
    street: list[Candidate], ruled: Rules, given_seed: str, place: int
) -> None:
    pinned = candidate(99, hand=Hand.PINNED)
    street.insert(min(place, len(street)), pinned)

    drawn = draw(street, ruled, given_seed)

    assert (drawn.agreement_id, drawn.reason, drawn.randomised) == (pinned.agreement_id, Reason.PINNED, False)
    assert [one.probability for one in drawn.chances if one.candidate is not pinned] == [0] * (len(street) - 1)


def test_frequencies_are_the_probabilities() -> None:
    street = [
        candidate(1, gave=40),
        candidate(2, received=60, room=3_000),
        candidate(3, hand=Hand.SHARE, share=2_500),
        candidate(4, lift=400, owed=-4_000),
    ]
    times = 40_000

    drawn = [draw(street, Rules(neutral=800), seed(number)) for number in range(times)]

    counts = Counter(one.agreement_id for one in drawn)
    chances = [(None, drawn[0].neutral_probability)]
    chances += [(one.candidate.agreement_id, one.probability) for one in drawn[0].chances]
    expected = [probability * times / MILLION for _, probability in chances]
    assert stats.chisquare([counts[arm] for arm, _ in chances], expected).pvalue > 0.001


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"gave": 30, "received": 5}, {"gave": 5, "received": 30}),
        ({"owed": -2_000}, {"owed": 2_000}),
        ({"owed": 2_000, "adds": -50}, {"owed": -2_000, "adds": -50}),
        ({"room": 9_000}, {"room": 2_000}),
        ({"lift": 300}, {"lift": None}),
        ({"lift": None}, {"lift": -100}),
    ],
)
def test_position_room_and_effect_weigh(better: dict[str, Any], worse: dict[str, Any]) -> None:
    assert weight_of(candidate(1, **better)) > weight_of(candidate(1, **worse))


def test_where_a_redemption_moves_no_money_the_debt_does_not_weigh() -> None:
    assert weight_of(candidate(1, adds=0, owed=10**9)) == weight_of(candidate(1, adds=0))


@given(figures)
def test_no_factor_decides_alone(figure: dict[str, Any]) -> None:
    factors = factors_of(candidate(1, **figure))

    assert all(2_500 <= factor <= 40_000 for factor in factors.values())
    assert 1 <= weight_of(candidate(1, **figure)) <= 160_000


def _chosen(street: list[Candidate], arm: int) -> Drawn:
    """The first draw that falls on that arm."""
    found = (draw(street, Rules(neutral=0, exploration=500), seed(number)) for number in range(10_000))
    return next(one for one in found if one.agreement_id == UUID(int=arm))


@pytest.mark.parametrize(
    ("street", "reason"),
    [
        ([candidate(1)], Reason.ONLY_PARTNER),
        ([candidate(1, gave=50), candidate(2)], Reason.GIVES_BACK),
        ([candidate(1, owed=-9_000), candidate(2)], Reason.EVENS_OUT),
        ([candidate(1, lift=400), candidate(2)], Reason.WORKS_WELL),
        ([candidate(1), candidate(2, gave=50)], Reason.BY_LOT),
        ([candidate(1, hand=Hand.SHARE, share=5_000), candidate(2)], Reason.FIXED_SHARE),
    ],
)
def test_the_reason_is_what_raised_its_chance_most(street: list[Candidate], reason: Reason) -> None:
    assert _chosen(street, 1).reason is reason


def test_every_reason_has_a_sentence() -> None:
    sentences = {reason: reason.sentence(name="Car Wash", partners=3) for reason in Reason}

    assert all("{" not in sentence and sentence.endswith(".") for sentence in sentences.values())
    assert "control" not in " ".join(sentences.values()).lower()


def test_two_agreements_with_one_partner_divide_its_share() -> None:
    same = {"acceptor_id": RESTAURANT, "hand": Hand.SHARE, "share": 5_000}

    drawn = draw([candidate(1, **same), candidate(2, **same), candidate(3)], Rules(neutral=0), seed(1))

    assert [one.probability for one in drawn.chances] == [250_000, 250_000, 500_000]


@pytest.mark.parametrize(
    "wrong",
    [
        Rules(neutral=-1),
        Rules(neutral=5_001),
        Rules(exploration=499),
        Rules(exploration=10_001),
        Rules(partners=(PartnerRule(BAKERY, Hand.PINNED), PartnerRule(RESTAURANT, Hand.PINNED))),
        Rules(partners=(PartnerRule(BAKERY, Hand.FREE), PartnerRule(BAKERY, Hand.EXCLUDED))),
        Rules(partners=(PartnerRule(BAKERY, Hand.SHARE),)),
        Rules(partners=(PartnerRule(BAKERY, Hand.EXCLUDED, 10),)),
        Rules(partners=(PartnerRule(BAKERY, Hand.SHARE, 6_000), PartnerRule(RESTAURANT, Hand.SHARE, 4_001))),
    ],
)
def test_refuses_rules_by_which_no_chances_can_be_given(wrong: Rules) -> None:
    with pytest.raises(InvalidDrawRules):
        wrong.check()


def test_a_policy_counts_its_versions_and_the_same_again_is_none() -> None:
    policy = stored(DrawPolicy.set(merchant_id=SALON, rules=Rules(), by="owner", at=NOON))
    pinned = Rules(partners=(PartnerRule(some("wash"), Hand.PINNED),))

    policy.change(rules=pinned, by="owner", at=NOON)
    policy.change(rules=pinned, by="owner", at=NOON)

    assert (policy.policy_version, policy.rules) == (2, pinned)
    assert len(policy.pending_events) == 1
