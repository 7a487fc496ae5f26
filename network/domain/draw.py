"""The draw: which neighbour's certificate a guest is offered for a bill, by weight and by lot (docs/effect.md).

    weight = reciprocity x position x room x effect                   each a factor in basis points, 10 000 is one
    chance = (1 - neutral) x (exploration / n + (1 - exploration) x weight / sum of weights)

Everything that goes in stands in the event, so whoever has the event can draw again and get the same.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import lcm, prod
from typing import Final, TypeAlias
from uuid import UUID

from network.domain.errors import InvalidDrawRules
from network.domain.units import WHOLE, BasisPoints, Minor

RULE: Final = 1
"""The version of these formulas, written into every draw."""

Millionths: TypeAlias = int
MILLION: Final[Millionths] = 1_000_000
SEED_BITS: Final = 128

NEUTRAL_MAX: Final[BasisPoints] = 5_000
EXPLORATION_MIN: Final[BasisPoints] = 500


class Hand(StrEnum):
    """What the merchant decided about one partner; `free` leaves it to the weights."""

    FREE = "free"
    SHARE = "share"
    PINNED = "pinned"
    EXCLUDED = "excluded"


class Reason(StrEnum):
    """Why this and not another, for the cashier; `sentence` says it in English."""

    PINNED = "pinned"
    FIXED_SHARE = "fixed_share"
    ONLY_PARTNER = "only_partner"
    GIVES_BACK = "gives_back"
    EVENS_OUT = "evens_out"
    WORKS_WELL = "works_well"
    BY_LOT = "by_lot"
    NONE_THIS_TIME = "none_this_time"
    NOTHING_FITS = "nothing_fits"

    def sentence(self, *, name: str = "", partners: int = 0) -> str:
        """`name` is the partner's, `partners` how many could have been chosen."""
        return _SENTENCES[self].format(name=name, partners=partners)


_SENTENCES: Final = {
    Reason.PINNED: "Your shop always offers {name} when it fits.",
    Reason.FIXED_SHARE: "Your shop keeps a share of its guests for {name}, and this is one of them.",
    Reason.ONLY_PARTNER: "{name} is the one neighbour that fits this bill.",
    Reason.GIVES_BACK: "{name} sends the street more guests than it gets, so it comes up more often.",
    Reason.EVENS_OUT: "A guest for {name} brings what the two of you owe each other closer to zero.",
    Reason.WORKS_WELL: "Guests who get this certificate are seen to go to {name} because of it.",
    Reason.BY_LOT: "{name} was drawn by lot among {partners} neighbours.",
    Reason.NONE_THIS_TIME: "No neighbour's certificate this time. Thank the guest in your own way.",
    Reason.NOTHING_FITS: "No neighbour's certificate fits this bill.",
}


@dataclass(frozen=True, slots=True)
class PartnerRule:
    """The merchant's hand on one partner. `share`: of the certificates handed out, in basis points."""

    acceptor_id: UUID
    hand: Hand
    share: BasisPoints = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """How one merchant lets the network choose. `neutral`: guests who get none, so that an effect can be measured.

    `exploration`: the part of the rest that is spread evenly, whatever the weights say.
    """

    neutral: BasisPoints = 500
    exploration: BasisPoints = 2_000
    partners: tuple[PartnerRule, ...] = ()

    def check(self) -> None:
        """Raises: InvalidDrawRules, saying what is wrong."""
        for problem, wrong in self._problems():
            if wrong:
                raise InvalidDrawRules(reason=problem)

    def _problems(self) -> list[tuple[str, bool]]:
        shares = [one.share for one in self.partners if one.hand is Hand.SHARE]
        others = [one.share for one in self.partners if one.hand is not Hand.SHARE]
        return [
            ("At most half of the guests go without a certificate.", not 0 <= self.neutral <= NEUTRAL_MAX),
            ("At least one part in twenty is spread evenly.", not EXPLORATION_MIN <= self.exploration <= WHOLE),
            ("Each partner is named once.", len({one.acceptor_id for one in self.partners}) < len(self.partners)),
            ("One partner at most is pinned.", sum(one.hand is Hand.PINNED for one in self.partners) > 1),
            ("A fixed share is above zero.", any(share <= 0 for share in shares)),
            ("Fixed shares come to 10 000 basis points at most.", sum(shares) > WHOLE),
            ("Only a fixed share has a size.", any(others)),
        ]

    def of(self, acceptor_id: UUID) -> PartnerRule:
        """What was decided about this partner."""
        return next(
            (one for one in self.partners if one.acceptor_id == acceptor_id), PartnerRule(acceptor_id, Hand.FREE)
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """What the views say at log position `seen_at`: the merchant's agreements, and how its partners stand.

    `gave`, `received`: certificates of a partner that guests used elsewhere, and of others that they used there.
    `owed`: what the merchant owes each partner, net, in minor units; below zero the partner owes. `lifts`: visits that
    a certificate was measured to bring, in basis points of a visit for each guest; only where that is known.
    """

    seen_at: int
    agreements: tuple[UUID, ...] = ()
    gave: Mapping[UUID, int] = field(default_factory=dict)
    received: Mapping[UUID, int] = field(default_factory=dict)
    owed: Mapping[UUID, Minor] = field(default_factory=dict)
    lifts: Mapping[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One agreement that fits the bill, with all that its chance follows from.

    `adds`: what one redemption is expected to add to `owed`. `room`: the smallest part of a limit that is left.
    """

    agreement_id: UUID
    acceptor_id: UUID
    agreement_version: int
    face: Minor
    gave: int
    received: int
    owed: Minor
    adds: Minor
    room: BasisPoints
    lift: int | None
    hand: Hand
    share: BasisPoints


@dataclass(frozen=True, slots=True)
class Chance:
    """A candidate, what it weighs, and with what probability it is drawn."""

    candidate: Candidate
    weight: int
    probability: Millionths


@dataclass(frozen=True, slots=True)
class PassedOver:
    """An agreement of this merchant that was no candidate, by the code of the reason."""

    agreement_id: UUID
    acceptor_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came of it. `agreement_id` None: the neutral arm. `randomised`: more than one outcome was possible."""

    chances: tuple[Chance, ...]
    neutral_probability: Millionths
    agreement_id: UUID | None
    reason: Reason
    randomised: bool


def draw(candidates: Sequence[Candidate], rules: Rules, seed: str) -> Drawn:
    """Give every candidate its chance and let the seed (32 hexadecimal digits) choose. Candidates are not empty."""
    ordered = sorted(candidates, key=lambda one: one.agreement_id)
    weights = [weight_of(one) for one in ordered]
    neutral, probabilities = probabilities_of(ordered, weights, rules)
    chances = tuple(map(Chance, ordered, weights, probabilities))
    chosen = _at(point_of(seed), neutral, chances)
    return Drawn(
        chances=chances,
        neutral_probability=neutral,
        agreement_id=chosen.candidate.agreement_id if chosen else None,
        reason=_reason(chosen, chances),
        randomised=MILLION not in (neutral, *probabilities),
    )


def factors_of(one: Candidate) -> dict[Reason, BasisPoints]:
    """What raises or lowers a candidate's weight, each kept between bounds so that none decides alone."""
    direction = (one.adds > 0) - (one.adds < 0)
    evens_out_of = 20 * one.face
    return {
        Reason.GIVES_BACK: _between(2_500, _half_up(WHOLE * (one.gave + 10), one.received + 10), 40_000),
        Reason.EVENS_OUT: _between(
            5_000, _half_up(WHOLE * (evens_out_of - one.owed * direction), evens_out_of), 20_000
        ),
        Reason.WORKS_WELL: _between(2_500, WHOLE + 20 * one.lift if one.lift is not None else WHOLE, 20_000),
    }


def weight_of(one: Candidate) -> int:
    """The product of the factors and of the room under the limits, in basis points, at least one."""
    factors = factors_of(one).values()
    return max(1, _half_up(_between(1_000, one.room, WHOLE) * prod(factors), WHOLE ** len(factors)))


def probabilities_of(
    candidates: Sequence[Candidate], weights: Sequence[int], rules: Rules
) -> tuple[Millionths, list[Millionths]]:
    """The neutral arm's and each candidate's probability; together exactly a million.

    A pinned partner that fits is always taken. A fixed share is that part of what is handed out; the weights divide
    the rest. Where only partners with fixed shares fit, they divide everything in proportion.
    """
    pinned = [one.hand is Hand.PINNED for one in candidates]
    neutral = 0 if any(pinned) else rules.neutral * MILLION // WHOLE
    if any(pinned):
        parts = _by_weight([weight if pin else None for weight, pin in zip(weights, pinned, strict=True)], rules)
    else:
        parts = _by_share_and_weight(candidates, weights, rules)
    return neutral, _whole_parts(MILLION - neutral, parts)


def point_of(seed: str) -> Millionths:
    """Where on the line from 0 to a million the seed falls."""
    return int(seed, 16) * MILLION >> SEED_BITS


def _by_share_and_weight(candidates: Sequence[Candidate], weights: Sequence[int], rules: Rules) -> list[int]:
    """Fixed shares first; what is left by weight. Whole numbers in proportion, so that nothing is rounded."""
    with_same = Counter(one.acceptor_id for one in candidates)
    unit = lcm(*with_same.values())
    # Agreements with the same partner divide its share.
    shares = [one.share * unit // with_same[one.acceptor_id] if one.hand is Hand.SHARE else None for one in candidates]
    fixed = sum(share for share in shares if share is not None)
    if None not in shares:
        return [share for share in shares if share is not None]
    by_weight = _by_weight([w if s is None else None for w, s in zip(weights, shares, strict=True)], rules)
    free, whole = WHOLE * unit - fixed, sum(by_weight)
    return [free * part if share is None else share * whole for part, share in zip(by_weight, shares, strict=True)]


def _by_weight(weights: Sequence[int | None], rules: Rules) -> list[int]:
    """In proportion: the exploration evenly, the rest by weight; nothing for those without."""
    present = [weight for weight in weights if weight is not None]
    evenly, weighed = rules.exploration * sum(present), (WHOLE - rules.exploration) * len(present)
    return [0 if weight is None else evenly + weighed * weight for weight in weights]


def _whole_parts(amount: Millionths, parts: Sequence[int]) -> list[Millionths]:
    """Largest remainder; of equal remainders the first gets the unit."""
    total = sum(parts)
    whole = [amount * part // total for part in parts]
    order = sorted(range(len(parts)), key=lambda i: (-(amount * parts[i] % total), i))
    for i in order[: amount - sum(whole)]:
        whole[i] += 1
    return whole


def _at(point: Millionths, neutral: Millionths, chances: Sequence[Chance]) -> Chance | None:
    reached = neutral
    if point < reached:
        return None
    for one in chances:
        reached += one.probability
        if point < reached:
            return one
    raise AssertionError("probabilities add up to a million")


def _reason(chosen: Chance | None, chances: Sequence[Chance]) -> Reason:
    if chosen is None:
        return Reason.NONE_THIS_TIME
    if chosen.candidate.hand is Hand.PINNED:
        return Reason.PINNED
    if len(chances) == 1:
        return Reason.ONLY_PARTNER
    if chosen.candidate.hand is Hand.SHARE:
        return Reason.FIXED_SHARE
    factors = factors_of(chosen.candidate)
    strongest = max(factors, key=lambda reason: factors[reason])
    return strongest if 4 * factors[strongest] > 5 * WHOLE else Reason.BY_LOT


def _between(least: int, value: int, most: int) -> int:
    return min(most, max(least, value))


def _half_up(part: int, whole: int) -> int:
    return (2 * part + whole) // (2 * whole)
