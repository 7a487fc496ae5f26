"""The difference of two mean revenues, where most guests spend nothing and a few spend much.

Plus and minus two standard errors is too short there: the error itself is known from few payers, and it grows together
with the mean. So a difference counts as excluded only if two statistics exclude it, each against Student's t:

- Welch's, with the degrees of freedom that the fourth moments leave (F. Satterthwaite, Biometrics 2 (1946) 110-114;
  G. Box, Biometrika 40 (1953) 318-335: the variance of a variance is (kurtosis - 1) / n), at most Welch's own;
- its skewness-corrected transform (P. Hall, J. R. Statist. Soc. B 54 (1992) 221-228; for two samples X.-H. Zhou,
  P. Dinh, Biostatistics 6 (2005) 187-200): g(T) = T + A T²/3 + A² T³/27 + A/6, with A the skewness of the difference.

The interval is the union of both. What it costs and where it still fails is measured in docs/effect.md.
"""

from dataclasses import dataclass

import numpy as np

from network.effect.distributions import Numbers, normal_below, normal_quantile, student_below, student_quantile
from network.effect.weighting import Moments

_SKEW_MIN = 1e-6
"""Below it the transform is the identity to ten digits, and its inverse would divide by nearly zero."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Treated less control, with its standard error, skewness and degrees of freedom."""

    estimate: Numbers
    error: Numbers
    skewness: Numbers
    freedom: Numbers


def difference(treated: Moments, control: Moments) -> Difference:
    """Treated less control; `not a number` where nothing scatters, for then nothing is known of the error."""
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(treated.variance + control.variance > 0, treated.variance + control.variance, np.nan)
        welch = treated.variance**2 / (treated.effective - 1) + control.variance**2 / (control.effective - 1)
        fourth = (treated.fourth - treated.variance**2 / treated.effective) + (
            control.fourth - control.variance**2 / control.effective
        )
        freedom = variance**2 / np.maximum(welch, np.maximum(fourth, 0.0) / 2)
        skewness = (treated.third - control.third) / variance**1.5
    return Difference(treated.mean - control.mean, np.sqrt(variance), skewness, freedom)


def normal_score(found: Difference, supposed: Numbers | float) -> Numbers:
    """How far `found` is from `supposed`, on the scale of a standard normal: 1.96 is excluded at 5 %, two-sided."""
    distance = (found.estimate - supposed) / found.error
    weaker = np.minimum(np.abs(distance), np.abs(_transformed(distance, found.skewness)))
    tail = student_below(-weaker, found.freedom)
    return -normal_quantile(tail) * np.sign(distance)


def interval(found: Difference, critical: Numbers | float) -> tuple[Numbers, Numbers]:
    """The differences whose `normal_score` is at most `critical`: lowest and highest."""
    tail = normal_below(-np.asarray(critical, dtype=np.float64))
    reach = -student_quantile(tail, found.freedom)
    low = np.maximum(reach, _untransformed(reach, found.skewness))
    high = np.maximum(reach, -_untransformed(-reach, found.skewness))
    return found.estimate - found.error * low, found.estimate + found.error * high


def _transformed(distance: Numbers, skewness: Numbers) -> Numbers:
    return distance + skewness * distance**2 / 3 + skewness**2 * distance**3 / 27 + skewness / 6


def _untransformed(value: Numbers, skewness: Numbers) -> Numbers:
    skew = np.where(np.abs(skewness) < _SKEW_MIN, _SKEW_MIN, skewness)
    return np.asarray(3 / skew * (np.cbrt(1 + skew * (value - skew / 6)) - 1), dtype=np.float64)
