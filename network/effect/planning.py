"""How many guests an answer takes, from what is known so far and the smallest effect of interest.

Source of the formula for rates: J. Fleiss, B. Levin, M. Paik, "Statistical Methods for Rates and Proportions" (3rd ed.,
2003), section 4.2, without continuity correction: visits of 4 % against 1 % take 424 guests an arm at 5 % and power
80 %, and 452 at the 4 % that one look is decided by (`contrast.KEPT_BACK`), which is what `effects` asks for. Looking
daily takes (critical value of the sequence / 2.05)² times as many, roughly.
"""

import math

from network.effect.distributions import normal_quantile

POWER = 0.8


def control_guests_for_rates(*, control_rate: float, effect: float, treated_per_control: float, alpha: float) -> float:
    """Guests in the control arm to find `effect` on visits, if the treated arm is so many times as large."""
    treated_rate = min(1.0, control_rate + effect)
    share = treated_per_control / (1 + treated_per_control)
    mean = treated_rate * share + control_rate * (1 - share)
    same = mean * (1 - mean) * (1 + 1 / treated_per_control)
    apart = control_rate * (1 - control_rate) + treated_rate * (1 - treated_rate) / treated_per_control
    reach = _two_sided(alpha) * math.sqrt(same) + float(normal_quantile(POWER)) * math.sqrt(apart)
    return (reach / effect) ** 2


def times_as_many_for_means(*, error: float, effect: float, alpha: float) -> float:
    """How many times the present guests it takes to find `effect` on revenue, if guests go on scattering as now."""
    return ((_two_sided(alpha) + float(normal_quantile(POWER))) * error / effect) ** 2


def _two_sided(alpha: float) -> float:
    return -float(normal_quantile(alpha / 2))
