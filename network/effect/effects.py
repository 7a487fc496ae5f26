"""One outcome of one comparison: intervals, p-values, and what a person may conclude."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from network.effect.answers import Effect, Verdict
from network.effect.comparisons import holm
from network.effect.contrast import KEPT_BACK, PAYERS_MIN, RevenueContrast, VisitContrast
from network.effect.distributions import Numbers, normal_below, normal_quantile
from network.effect.planning import control_guests_for_rates, times_as_many_for_means
from network.effect.question import Question
from network.effect.sequence import Mixture


@dataclass(frozen=True, slots=True)
class Asked:
    """The question, as it stands for these rows."""

    question: Question
    arms: int
    """Treated arms that are looked at together."""
    smallest_revenue_effect: float

    @property
    def alpha_each(self) -> float:
        """What each arm may err, so that all together err at most alpha."""
        return self.question.alpha / self.arms

    @property
    def alpha_decided(self) -> float:
        """What a verdict at one look is decided by, and so what is planned for."""
        return KEPT_BACK * self.alpha_each


def visit_effect(found: VisitContrast, guests: int, asked: Asked) -> Effect:
    """Without regard to other arms: see `judged`."""
    return _effect(
        found, guests, asked, asked.question.smallest_visit_effect, lambda: _visit_guests(found, guests, asked)
    )


def revenue_effect(found: RevenueContrast, guests: int, asked: Asked) -> Effect:
    """As `visit_effect`, in minor units a guest."""
    return _effect(found, guests, asked, asked.smallest_revenue_effect, lambda: _revenue_guests(found, guests, asked))


def judged(effects: Sequence[Effect | None], alpha: float) -> list[Effect | None]:
    """The effects of one outcome, each with regard to the others; one that is missing was asked, and counts."""
    once = holm([effect.p_value if effect else None for effect in effects])
    always = holm([effect.always_valid_p_value if effect else None for effect in effects])
    return [
        _judged(effect, one, any_look, alpha) if effect else None
        for effect, one, any_look in zip(effects, once, always, strict=True)
    ]


def _judged(effect: Effect, once: float | None, always: float | None, alpha: float) -> Effect:
    """The effect with what remains of its p-values after all arms, and the conclusion."""
    judged = replace(effect, p_value_holm=once, always_valid_p_value_holm=always)
    verdict = _verdict(judged, alpha)
    return replace(judged, verdict=verdict, more_guests=effect.more_guests if verdict == "not_enough_yet" else None)


def _verdict(effect: Effect, alpha: float) -> Verdict:
    if effect.always_valid_p_value_holm is not None and effect.always_valid_p_value_holm <= alpha:
        return "at_any_look"
    if effect.p_value_holm is not None and effect.p_value_holm <= alpha:
        return "at_one_look"
    reach = effect.interval_all_arms
    is_narrow = reach is not None and -effect.smallest_effect < reach[0] and reach[1] < effect.smallest_effect
    return "none_shown" if is_narrow else "not_enough_yet"


def _effect(
    found: VisitContrast | RevenueContrast, guests: int, asked: Asked, smallest: float, plan: Callable[[], float | None]
) -> Effect:
    alpha, mixture = asked.question.alpha, Mixture(asked.question.tuned_at, asked.question.alpha)
    effect = _unknown(float(found.estimate), smallest)
    if not bool(found.is_known):
        return replace(effect, more_guests=_more(plan(), guests), note=_why_unknown(found))
    score = found.normal_score(0.0)
    levels = (alpha, asked.alpha_each)
    reach = np.array([*map(_two_sided, levels), *(mixture.critical_value(guests, level) for level in levels)])
    once, once_all_arms, always, always_all_arms = zip(*map(np.ndarray.tolist, found.interval(reach)), strict=True)
    effect = replace(
        effect,
        interval=once,
        interval_all_arms=once_all_arms,
        p_value=min(1.0, float(2 * normal_below(-np.abs(score))) / KEPT_BACK),
        always_valid_interval=always,
        always_valid_interval_all_arms=always_all_arms,
        always_valid_p_value=float(mixture.p_value(score, guests)),
    )
    planned = plan() or 0.0
    needed = planned if planned > guests else _guests_until_settled(effect, guests)
    return replace(effect, more_guests=_more(needed, guests))


def _unknown(difference: float, smallest: float) -> Effect:
    return Effect(
        difference=difference,
        interval=None,
        interval_all_arms=None,
        p_value=None,
        p_value_holm=None,
        always_valid_interval=None,
        always_valid_interval_all_arms=None,
        always_valid_p_value=None,
        always_valid_p_value_holm=None,
        smallest_effect=smallest,
        verdict="not_enough_yet",
        more_guests=None,
        note=None,
    )


def _visit_guests(found: VisitContrast, guests: int, asked: Asked) -> float | None:
    """Guests in both arms for the stated power, if visits go on at the present rate and weights vary as now."""
    if not min(found.guests, found.guests_control) > 0:
        return None
    # One visit more and one guest without: nobody yet does not mean never.
    rate = float((found.came_control + 1) / (found.guests_control + 2))
    ratio = float(found.guests / found.guests_control)
    effect = asked.question.smallest_visit_effect
    control = control_guests_for_rates(
        control_rate=rate, effect=effect, treated_per_control=ratio, alpha=asked.alpha_decided
    )
    return guests * control / float(found.guests_control)


def _revenue_guests(found: RevenueContrast, guests: int, asked: Asked) -> float | None:
    missing = float(found.payers_missing)
    if not math.isfinite(missing) or not asked.smallest_revenue_effect > 0:
        return None
    error = float(found.found.error)
    times = times_as_many_for_means(error=error, effect=asked.smallest_revenue_effect, alpha=asked.alpha_decided)
    return guests * max(missing, times if math.isfinite(times) else 0.0)


def _guests_until_settled(effect: Effect, guests: int) -> float:
    """Guests until the interval leaves out either no effect or the smallest of interest, if the estimate stays.

    For an experiment that has the planned size and still cannot say, because the truth may lie in between.
    """
    assert effect.interval_all_arms is not None, "an interval is known here"
    reach = (effect.interval_all_arms[1] - effect.interval_all_arms[0]) / 2
    clear = max(abs(effect.difference), abs(effect.smallest_effect - abs(effect.difference)))
    return guests * (reach / clear) ** 2 if clear > 0 else 0.0


def _more(needed: float | None, guests: int) -> int | None:
    return None if needed is None else max(1, math.ceil(needed - guests))


def _why_unknown(found: VisitContrast | RevenueContrast) -> str:
    if isinstance(found, VisitContrast):
        return "an arm has too few guests for an interval"
    if found.payers_expected < PAYERS_MIN:
        return f"fewer than {PAYERS_MIN} payers are to be expected in the smaller arm: no interval would hold"
    if not found.payers_missing <= 1:
        return "a few large bills are most of the money: no interval would hold before there are more payers"
    return "revenue does not vary: nothing can be said of its error"


def _two_sided(alpha: float) -> Numbers:
    """For one look: what p-values say is the same."""
    return -normal_quantile(KEPT_BACK * alpha / 2)
