"""The difference of two visit rates by the score of Miettinen and Nurminen, which holds where visits are few.

Source: O. Miettinen, M. Nurminen, "Comparative analysis of two rates", Statistics in Medicine 4 (1985) 213-226. The
variance is that of the rates which fit the data best among those that differ by exactly `difference`, times
N / (N - 1). Unlike an interval of plus and minus two standard errors, it has a width when nobody came and never leaves
[-1, 1]. Counts need not be whole: `weighting` hands over effective ones. Every function takes arrays of any one shape.
"""

import numpy as np

from network.effect.distributions import Numbers

_HALVINGS = 50
"""Of an interval at most 2 wide: what is left is under a billionth of a percentage point."""


def score(
    came: Numbers, guests: Numbers, came_control: Numbers, guests_control: Numbers, difference: Numbers
) -> Numbers:
    """How many standard errors the observed difference lies above `difference`; 0 where both are the same."""
    control = _restricted_control_rate(came, guests, came_control, guests_control, difference)
    treated = np.clip(control + difference, 0.0, 1.0)
    together = guests + guests_control
    variance = treated * (1 - treated) / guests + control * (1 - control) / guests_control
    variance = np.maximum(variance, 0.0) * together / (together - 1)
    distance = came / guests - came_control / guests_control - difference
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.abs(distance) < 1e-12, 0.0, distance / np.sqrt(variance))


def score_interval(
    came: Numbers, guests: Numbers, came_control: Numbers, guests_control: Numbers, critical: Numbers | float
) -> tuple[Numbers, Numbers]:
    """The differences that lie at most `critical` standard errors from what was observed: lowest and highest."""
    observed = came / guests - came_control / guests_control
    shape = (2, *np.broadcast_shapes(np.shape(observed), np.shape(critical)))
    outside = np.array([-1.0, 1.0]).reshape(2, *(1 for _ in shape[1:]))
    inner, outer = np.broadcast_to(observed, shape), np.broadcast_to(outside, shape)
    for _ in range(_HALVINGS):
        middle = (inner + outer) / 2
        is_held = np.abs(score(came, guests, came_control, guests_control, middle)) <= critical
        inner, outer = np.where(is_held, middle, inner), np.where(is_held, outer, middle)
    return outer[0], outer[1]


def _restricted_control_rate(
    came: Numbers, guests: Numbers, came_control: Numbers, guests_control: Numbers, difference: Numbers
) -> Numbers:
    """The likeliest control rate if the rates differ by exactly `difference`: a root of the paper's cubic equation."""
    together, all_came = guests + guests_control, came + came_control
    square = (guests + 2 * guests_control) * difference - together - all_came
    linear = (guests_control * difference - together - 2 * came_control) * difference + all_came
    constant = came_control * difference * (1 - difference)
    shift = square / (3 * together)
    cubic = shift**3 - linear * square / (6 * together**2) + constant / (2 * together)
    radius = np.where(cubic >= 0, 1.0, -1.0) * np.sqrt(np.maximum(shift**2 - linear / (3 * together), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = np.where(radius == 0, 0.0, np.clip(cubic / radius**3, -1.0, 1.0))
    root = 2 * radius * np.cos((np.pi + np.arccos(cosine)) / 3) - shift
    return np.clip(root, np.maximum(0.0, -difference), np.minimum(1.0, 1.0 - difference))
