"""Less scatter in revenue by what guests spent before they were drawn (CUPED).

Source: A. Deng, Y. Xu, R. Kohavi, T. Walker, "Improving the sensitivity of online controlled experiments by utilizing
pre-experiment data", WSDM 2013. The arms differ in past spending by chance alone; that chance difference, times the
slope of revenue on past spending, is taken out. One slope serves all arms, pooled over their residuals, and the
variance is that of the residuals, so the interval knows of the adjustment.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from network.effect.distributions import Numbers

HELPS_FROM = 0.05
"""The share of the variance that must go before the adjustment is worth its explanation."""

Scatter: TypeAlias = tuple[Numbers, Numbers, Numbers]
"""Of one arm's means: their covariance, the variance of the past one and of the present one. Zeros if too small."""


def adjusted_revenue(
    weights: Sequence[Numbers], revenue: Numbers, pre_revenue: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Revenue less slope times past revenue where that helps, else as it was; the slope; the share of variance removed.

    Each of `weights` is one arm's, zero for the guests of the others. The mean over all guests stays: past revenue
    counts from its own mean.
    """
    slope, removed = pooled_slope([_scatter(weight, revenue, pre_revenue) for weight in weights])
    centred = pre_revenue - pre_revenue.mean(axis=-1, keepdims=True)
    return revenue - slope[..., None] * centred, slope, removed


def pooled_slope(scatters: Sequence[Scatter]) -> tuple[Numbers, Numbers]:
    """The slope of all arms, and the share of variance that it removes; zeros where it does not help."""
    together, before, after = (np.sum([scatter[n] for scatter in scatters], axis=0) for n in range(3))
    with np.errstate(divide="ignore", invalid="ignore"):
        removed = np.where(before * after > 0, together**2 / (before * after), 0.0)
        slope = np.where(removed >= HELPS_FROM, together / before, 0.0)
    return slope, np.where(removed >= HELPS_FROM, removed, 0.0)


def _scatter(weight: Numbers, revenue: Numbers, pre_revenue: Numbers) -> Scatter:
    with np.errstate(divide="ignore", invalid="ignore"):
        share = weight / weight.sum(axis=-1, keepdims=True)
        past = share * (pre_revenue - (share * pre_revenue).sum(axis=-1, keepdims=True))
        present = share * (revenue - (share * revenue).sum(axis=-1, keepdims=True))
        spread = 1 / (1 - (share * share).sum(axis=-1))
        products = [
            (left * right).sum(axis=-1) * spread for left, right in ((past, present), (past, past), (present, present))
        ]
    covariance, before, after = (np.where(np.isfinite(each), each, 0.0) for each in products)
    return covariance, before, after
