"""Whether the arms have the sizes that their probabilities promise (sample-ratio mismatch).

An improbable size means that guests were lost or drawn otherwise than recorded, and then no estimate below it can be
trusted. Source: A. Fabijan et al., "Diagnosing sample ratio mismatch in online controlled experiments", KDD 2019.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from network.effect.distributions import Numbers, chi_square_above, normal_below

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


def check_sizes(probabilities: Mapping[str, Numbers]) -> SizeCheck:
    """`{arm: the probability of each of its guests}`, at least two arms."""
    if all(each.min() == each.max() for each in probabilities.values()):
        return _check_fixed({arm: float(each[0]) for arm, each in probabilities.items()}, probabilities)
    return _check_pair(probabilities) if len(probabilities) == 2 else _check_changing(probabilities)


def _check_pair(rows: Mapping[str, Numbers]) -> SizeCheck:
    """Of two arms each guest's other probability is known, too: the standardised sum of arrivals less expectations."""
    (first, own), (second, other) = rows.items()
    chances = np.concatenate([own, 1 - other])
    expected, variance = float(chances.sum()), float((chances * (1 - chances)).sum())
    distance = abs(len(own) - expected)
    reach = distance / math.sqrt(variance) if variance > 0 else (math.inf if distance > 1e-9 else 0.0)
    return SizeCheck(
        "standardised sum of arrivals",
        2 * float(normal_below(-reach)),
        {first: expected, second: len(own) + len(other) - expected},
        {first: float(len(own)), second: float(len(other))},
    )


def _check_fixed(probability: Mapping[str, float], rows: Mapping[str, Numbers]) -> SizeCheck:
    """Pearson's chi-square; arms that are missing from the file are left out of the whole."""
    guests, whole = sum(map(len, rows.values())), sum(probability.values())
    expected = {arm: guests * each / whole for arm, each in probability.items()}
    statistic = sum((len(rows[arm]) - expected[arm]) ** 2 / expected[arm] for arm in rows)
    p_value = chi_square_above(statistic, len(rows) - 1)
    return SizeCheck("chi-square", p_value, expected, {arm: float(len(each)) for arm, each in rows.items()})


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
