"""Means of one arm, each guest weighted by one over the probability of the arm they got (Hájek's estimator).

Sources: J. Hájek in V. Godambe, D. Sprott (eds.), "Foundations of Statistical Inference" (1971); the linearised
variance as in C.-E. Särndal, B. Swensson, J. Wretman, "Model Assisted Survey Sampling" (1992), section 5.7. With one
weight for all it is the plain mean with its usual variance s²/n. The last axis of every array holds the guests; a
weight of zero leaves a guest out, so that one array can hold all arms, and a leading axis many worlds.
"""

from dataclasses import dataclass

import numpy as np

from network.effect.distributions import Numbers

ROUNDED = 1e-12
"""What is this part of an outcome is what sums of floating-point numbers leave over."""


@dataclass(frozen=True, slots=True)
class Moments:
    """The weighted mean of an arm, and how it scatters; `not a number` for an arm too small to tell."""

    guests: Numbers
    effective: Numbers
    """How many equally weighted guests would say as much: (sum of weights)² / sum of squared weights (Kish)."""
    mean: Numbers
    variance: Numbers
    """Of the mean, not of a guest."""
    third: Numbers
    """The sum of the cubes of what each guest moves the mean by."""
    fourth: Numbers


def weigh(weight: Numbers, outcome: Numbers) -> Moments:
    """The moments of the guests whose weight is not zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = weight / weight.sum(axis=-1, keepdims=True)
        effective = 1 / (share * share).sum(axis=-1)
        mean = (share * outcome).sum(axis=-1)
        distance = outcome - mean[..., None]
        # A mean of outcomes that are all the same is another number in its last digit: that is no scatter.
        part = share * np.where(np.abs(distance) > ROUNDED * np.abs(outcome), distance, 0.0)
        # The residuals are taken from the arm's own mean: with equal weights this makes n into n - 1.
        spread = np.where(effective > 1 + 1e-9, effective / (effective - 1), np.nan)
    square = part * part
    return Moments(
        guests=(weight > 0).sum(axis=-1).astype(np.float64),
        effective=effective,
        mean=mean,
        variance=square.sum(axis=-1) * spread,
        third=(square * part).sum(axis=-1) * spread**1.5,
        fourth=(square * square).sum(axis=-1) * spread**2,
    )


def effective_visits(weight: Numbers, visited: Numbers) -> tuple[Numbers, Numbers]:
    """Visits and guests of an equally weighted arm with this visit rate and this scatter; need not be whole.

    The number of guests is Kish's or, where it is smaller, the one that explains the linearised variance (E. Korn,
    B. Graubard, Survey Methodology 24 (1998) 193-201): the smaller one never makes an interval too short.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = weight / weight.sum(axis=-1, keepdims=True)
        rate = np.clip((share * visited).sum(axis=-1), 0.0, 1.0)
        kish = 1 / (share * share).sum(axis=-1)
        part = share * (visited - rate[..., None])
        explains = rate * (1 - rate) / (part * part).sum(axis=-1)
    guests = np.fmin(kish, np.where(rate * (1 - rate) > 0, explains, np.nan))
    return rate * guests, guests
