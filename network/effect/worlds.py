"""Draw worlds of a neighbourhood from a seed: many at once, one row each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from network.effect.distributions import Numbers
from network.effect.neighbourhoods import BILL_MINOR, BILL_TIMES, HABITS, SHARES, Neighbourhood, Truth

_TASTE = 0.6
"""Of the logarithm of a bill: how much guests differ. Together with a spread of 0.8 between one guest's bills, one bill
in a hundred is six times the mean."""
_VISITS_BEFORE = 4.0
"""Visits in the period before the draw, per expected visit within the horizon."""


@dataclass(frozen=True, slots=True)
class Worlds:
    """Guests in the order of their draws. Axes: world, guest."""

    arm: NDArray[np.int64]
    probability: Numbers
    visited: Numbers
    revenue: Numbers
    pre_revenue: Numbers

    def weights(self, arm: int) -> Numbers:
        """One over the probability for the guests of `arm`, zero for the others."""
        return np.where(self.arm == arm, 1 / self.probability, 0.0)


def draw_worlds(place: Neighbourhood, truth: Truth, *, worlds: int, random: np.random.Generator) -> Worlds:
    """The same seed gives the same worlds."""
    shape, order = (worlds, place.guests), np.arange(place.guests)
    kind = random.choice(len(SHARES), size=shape, p=SHARES)
    cumulated = np.cumsum(truth.odds, axis=0)
    ticket = random.random(shape)
    arm = sum((ticket >= cumulated[each][kind, order] for each in range(place.arms - 1)), np.zeros(shape, dtype=int))
    alone = random.random(shape) < truth.alone[arm, kind, order]
    told = alone[:, order ^ 1] & (random.random(shape) < place.word_of_mouth)
    visited = alone | told
    taste = random.normal(size=shape) * _TASTE
    spread = taste + random.normal(size=shape) * place.bill_spread
    bill = BILL_MINOR * BILL_TIMES[kind] * np.exp(spread - (_TASTE**2 + place.bill_spread**2) / 2)
    habit = HABITS[kind] / (SHARES @ HABITS) * place.control_rate
    before = random.poisson(_VISITS_BEFORE * habit) * BILL_MINOR * BILL_TIMES[kind] * np.exp(taste - _TASTE**2 / 2)
    return Worlds(
        arm=arm,
        probability=truth.odds[arm, kind, order],
        visited=visited.astype(np.float64),
        revenue=np.where(visited, bill, 0.0),
        pre_revenue=before,
    )
