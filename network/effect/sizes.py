"""Whether the arms have the sizes that their probabilities promise (sample-ratio mismatch).

An improbable size means that guests were lost or drawn otherwise than recorded, and then no estimate below it can be
trusted. Source: A. Fabijan et al., "Diagnosing sample ratio mismatch in online controlled experiments", KDD 2019.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from network.effect.distributions import Numbers, chi_square_above, normal_below
from network.effect.question import QuestionRefused

ALARM_BELOW = 0.001
"""So strict because the check runs at every look, and a false alarm throws away a good experiment."""
ROUNDING = 0.01
"""By so much probabilities that were written with few digits may miss a sum of 1."""


@dataclass(frozen=True, slots=True)
class SizeCheck:
    """The probability of sizes at least as odd as these, if guests were drawn as recorded."""

    method: str
    p_value: float
    expected: dict[str, float]
    """Guests per arm; for changing probabilities of three arms and more, what their weights should sum up to."""
    observed: dict[str, float]

    @property
    def passed(self) -> bool:
        """Whether the sizes give no reason to distrust the draws."""
        return self.p_value >= ALARM_BELOW


@dataclass(frozen=True, slots=True)
class Chances:
    """How likely the guests of an arm were to get it."""

    guests: int
    total: float
    """The sum of their probabilities."""
    squares: float
    least: float
    most: float

    @classmethod
    def of(cls, probability: Numbers) -> "Chances":
        """Of at least one guest."""
        squares = float((probability * probability).sum())
        return cls(
            len(probability), float(probability.sum()), squares, float(probability.min()), float(probability.max())
        )

    @property
    def is_fixed(self) -> bool:
        """Whether it was one probability for all."""
        return self.least == self.most


def check_sizes(probabilities: Mapping[str, Numbers]) -> SizeCheck:
    """`{arm: the probability of each of its guests}`, at least two arms. Raises: QuestionRefused."""
    chances = {arm: Chances.of(each) for arm, each in probabilities.items()}
    if all(each.is_fixed for each in chances.values()):
        return _check_fixed(chances)
    return _check_pair(chances) if len(chances) == 2 else _check_changing(probabilities)


def check_pair(chances: Mapping[str, Chances]) -> SizeCheck:
    """Of two arms of one draw: what was not the probability of the one was that of the other."""
    fixed = all(each.is_fixed for each in chances.values())
    is_one = abs(sum(each.least for each in chances.values()) - 1) <= ROUNDING
    return _check_fixed(chances) if fixed and is_one else _check_pair(chances)


def _check_pair(chances: Mapping[str, Chances]) -> SizeCheck:
    """Of two arms each guest's other probability is known, too: the standardised sum of arrivals less expectations."""
    (first, own), (second, other) = chances.items()
    expected = own.total + other.guests - other.total
    variance = own.total - own.squares + other.total - other.squares
    distance = abs(own.guests - expected)
    reach = distance / math.sqrt(variance) if variance > 0 else (math.inf if distance > 1e-9 else 0.0)
    return SizeCheck(
        "standardised sum of arrivals",
        2 * float(normal_below(-reach)),
        {first: expected, second: own.guests + other.guests - expected},
        {first: float(own.guests), second: float(other.guests)},
    )


def _check_fixed(chances: Mapping[str, Chances]) -> SizeCheck:
    """Pearson's chi-square; arms that are missing from the file are left out of the whole."""
    guests, whole = sum(each.guests for each in chances.values()), sum(each.least for each in chances.values())
    if whole > 1 + ROUNDING:
        raise QuestionRefused(f"the arms' probabilities add up to {whole:.3g}: they can't belong to one draw")
    expected = {arm: guests * each.least / whole for arm, each in chances.items()}
    statistic = sum((each.guests - expected[arm]) ** 2 / expected[arm] for arm, each in chances.items())
    p_value = chi_square_above(statistic, len(chances) - 1)
    return SizeCheck("chi-square", p_value, expected, {arm: float(each.guests) for arm, each in chances.items()})


def _check_changing(rows: Mapping[str, Numbers]) -> SizeCheck:
    """Each arm's weights should sum up to all guests: the standardised sums, the worst one by Bonferroni.

    A guest adds 1/p with probability p, so the sum has the variance of sum(1/p - 1) over all guests, which the arm's
    own guests estimate. It takes for granted that every guest could get every arm of the file, and sees a loss of
    guests later than the other two checks do.
    """
    guests = sum(map(len, rows.values()))
    sums, worst = {}, 0.0
    for arm, probability in rows.items():
        weight = 1 / probability
        sums[arm] = float(weight.sum())
        variance = guests * float((weight * (weight - 1)).sum()) / sums[arm]
        distance = abs(sums[arm] - guests)
        worst = max(worst, distance / math.sqrt(variance) if variance > 0 else (math.inf if distance > 1e-9 else 0.0))
    p_value = min(1.0, len(rows) * 2 * float(normal_below(-worst)))
    return SizeCheck("standardised sums of weights", p_value, dict.fromkeys(rows, float(guests)), sums)
