"""One treated arm against the control arm: what both outcomes say, on the scale of a standard normal.

`estimate` prints it for one file, `proof` counts it over many worlds: both read the same numbers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from network.effect import means, proportions
from network.effect.distributions import Numbers
from network.effect.weighting import Moments, effective_visits, weigh

KEPT_BACK = 0.8
"""One look uses this part of the error it may make. The rest is for what the approximations leave out: what they
promise holds for endless guests, and with a few hundred they fall short of it (docs/effect.md)."""

PAYERS_MIN = 30
"""Expected in the smaller arm before anything is said about revenue: with fewer, the error of a mean is not known well
enough. Expected at the rate of both arms together, so that the rule does not choose by the difference."""

LIKE_PAYERS_MIN = 11.0
"""The same, counted as payers with bills alike: (sum of bills)² / sum of squared bills, Kish's effective number. Where
a few bills are most of the money, the payers are as few as these. 30 payers with bills of an ordinary spread (of
the logarithm, 1.0) are 11; with wilder ones 11 are 45 and more payers. Measured, see docs/effect.md."""


@dataclass(frozen=True, slots=True)
class VisitContrast:
    """Visit rates, as effective counts."""

    came: Numbers
    guests: Numbers
    came_control: Numbers
    guests_control: Numbers

    @property
    def estimate(self) -> Numbers:
        """Treated less control."""
        return self.came / self.guests - self.came_control / self.guests_control

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """Whether both arms have guests enough for an interval."""
        return np.asarray((self.guests + self.guests_control > 2) & np.isfinite(self.estimate))

    def normal_score(self, supposed: Numbers | float) -> Numbers:
        """How far the estimate is from `supposed`: 1.96 is excluded at 5 %, two-sided."""
        difference = np.broadcast_to(np.asarray(supposed, dtype=np.float64), self.came.shape)
        return proportions.score(self.came, self.guests, self.came_control, self.guests_control, difference)

    def interval(self, critical: Numbers | float) -> tuple[Numbers, Numbers]:
        """The differences whose `normal_score` is at most `critical`."""
        return proportions.score_interval(self.came, self.guests, self.came_control, self.guests_control, critical)


@dataclass(frozen=True, slots=True)
class RevenueContrast:
    """Mean revenues, adjusted for past spending where that helps."""

    found: means.Difference
    payers_expected: Numbers
    like_payers_expected: Numbers

    @property
    def estimate(self) -> Numbers:
        """Treated less control, minor units."""
        return self.found.estimate

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """Whether enough guests paid for an interval that holds."""
        return np.asarray((self.payers_missing <= 1) & np.isfinite(self.found.error))

    @property
    def payers_missing(self) -> Numbers:
        """How many times as many payers it takes for an interval; 1 and less: there are enough."""
        with np.errstate(divide="ignore"):
            times = PAYERS_MIN / self.payers_expected, LIKE_PAYERS_MIN / self.like_payers_expected
        return np.asarray(np.maximum(*times), dtype=np.float64)

    def normal_score(self, supposed: Numbers | float) -> Numbers:
        """As for visits."""
        return means.normal_score(self.found, supposed)

    def interval(self, critical: Numbers | float) -> tuple[Numbers, Numbers]:
        """The differences whose `normal_score` is at most `critical`."""
        return means.interval(self.found, critical)


def contrast_visits(treated: Numbers, control: Numbers, visited: Numbers) -> VisitContrast:
    """Each arm by its weights, zero for the guests of other arms."""
    return VisitContrast(*effective_visits(treated, visited), *effective_visits(control, visited))


def contrast_revenues(treated: Numbers, control: Numbers, revenue: Numbers, adjusted: Numbers) -> RevenueContrast:
    """`revenue` says who paid; `adjusted` is compared, and may be the same."""
    arms = weigh(treated, adjusted), weigh(control, adjusted)
    compared = treated + control > 0
    paid = np.where(compared, revenue, 0.0)
    payers, spent, squares = (paid > 0).sum(axis=-1), paid.sum(axis=-1), (paid * paid).sum(axis=-1)
    return revenue_contrast(arms, compared.sum(axis=-1), payers, spent, squares)


def revenue_contrast(
    arms: tuple[Moments, Moments], guests: Numbers, payers: Numbers, spent: Numbers, squares: Numbers
) -> RevenueContrast:
    """Treated and control; what both have together says how many payers, and how many alike, the smaller one has."""
    alike = np.where(squares > 0, spent**2 / np.maximum(squares * payers, 1.0), 1.0)
    smaller = np.minimum(arms[0].effective, arms[1].effective)
    expected = np.asarray(payers / np.maximum(guests, 1) * smaller, dtype=np.float64)
    return RevenueContrast(means.difference(*arms), expected, expected * alike)
