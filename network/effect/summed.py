"""The answer for two arms of which only sums are known: that of `estimate`, without reading the guests again."""

from dataclasses import replace
from fractions import Fraction
from math import comb

import numpy as np

from network.effect.adjustment import Scatter, pooled_slope
from network.effect.answers import Adjustment, Answer, ArmFigures, Comparison
from network.effect.contrast import VisitContrast, revenue_contrast
from network.effect.distributions import Numbers
from network.effect.effects import Asked, revenue_effect, visit_effect
from network.effect.estimate import judged_comparisons
from network.effect.question import Question
from network.effect.sizes import Chances, check_pair
from network.effect.sums import UNIT, ArmSums
from network.effect.weighting import Moments

_REVENUE, _PAST = (1, 0), (0, 1)


def estimate_sums(control: ArmSums, treated: ArmSums, question: Question, *, treated_name: str) -> Answer:
    """The treated arm against the control, each with a guest at least."""
    answer = compare_sums(control, treated, question, treated_name=treated_name)
    return replace(answer, comparisons=judged_comparisons(answer.comparisons, question.alpha))


def compare_sums(control: ArmSums, treated: ArmSums, question: Question, *, treated_name: str) -> Answer:
    """The same without a verdict: for who asks several questions side by side, and judges their answers together."""
    arms = {question.control: control, treated_name: treated}
    sizes = check_pair({name: _chances(arm) for name, arm in arms.items()})
    slope, removed = (float(each) for each in pooled_slope([_scatter(arm) for arm in arms.values()]))
    guests = control.guests + treated.guests
    past = Fraction(control.past + treated.past, guests)
    moments = _moments(treated, slope, past), _moments(control, slope, past)
    payers, spent = control.payers + treated.payers, control.spent + treated.spent
    smallest = question.smallest_revenue_effect
    if smallest is None:
        smallest = question.smallest_visit_effect * spent / payers if payers else 0.0
    asked = Asked(question, question.together, smallest)
    together = (float(each) for each in (guests, payers, spent, control.spent_squares + treated.spent_squares))
    with np.errstate(invalid="ignore", divide="ignore"):
        visits = VisitContrast(*_effective_visits(treated), *_effective_visits(control))
        revenue = revenue_contrast(moments, *map(np.asarray, together))
        compared = Comparison(
            treated_name, guests, visit_effect(visits, guests, asked), revenue_effect(revenue, guests, asked)
        )
    return Answer(
        question=question,
        guests=guests,
        arms=[_figures(name, arm) for name, arm in arms.items()],
        sizes=sizes,
        probabilities="fixed" if sizes.method == "chi-square" else "changing",
        adjustment=Adjustment(slope, removed),
        comparisons=[compared],
        pooled=None,
    )


def _chances(arm: ArmSums) -> Chances:
    return Chances(
        guests=arm.guests,
        total=arm.chances / UNIT,
        squares=arm.chance_squares / UNIT**2,
        least=arm.least_chance / UNIT,
        most=arm.most_chance / UNIT,
    )


def _figures(name: str, arm: ArmSums) -> ArmFigures:
    weight = arm.power(1, 0, 0)
    return ArmFigures(name, arm.guests, arm.visits, arm.came / weight, arm.power(1, 1, 0) / weight)


def _scatter(arm: ArmSums) -> Scatter:
    """As `adjustment` has it from the guests."""
    whole, squares = arm.power(1, 0, 0), arm.power(2, 0, 0)
    if whole**2 == squares:  # one guest
        return np.asarray(0.0), np.asarray(0.0), np.asarray(0.0)
    means = {order: Fraction(arm.power(1, *order), whole) for order in (_REVENUE, _PAST)}

    def product(one: tuple[int, int], other: tuple[int, int]) -> Numbers:
        """Of the distances from both means."""
        mixed = arm.power(2, one[0] + other[0], one[1] + other[1]) + means[one] * means[other] * squares
        mixed -= means[other] * arm.power(2, *one) + means[one] * arm.power(2, *other)
        return np.asarray(float(mixed / (whole**2 - squares)))

    return product(_REVENUE, _PAST), product(_PAST, _PAST), product(_REVENUE, _REVENUE)


def _moments(arm: ArmSums, slope: float, past: Fraction) -> Moments:
    """Of revenue less slope times past spending, which counts from `past`; as `weighting` has them from the guests."""
    whole, squares = arm.power(1, 0, 0), arm.power(2, 0, 0)
    effective = Fraction(whole**2, squares)
    spread = float(effective / (effective - 1)) if whole**2 != squares else np.nan
    exact = Fraction(slope)
    mean = _adjusted(arm, 1, 1, exact) / whole

    def central(order: int) -> float:
        """The sum of what each guest moves the mean by, to this power."""
        terms = (comb(order, j) * _adjusted(arm, order, j, exact) * (-mean) ** (order - j) for j in range(order + 1))
        return float(sum(terms) / whole**order)

    return Moments(
        guests=np.asarray(float(arm.guests)),
        effective=np.asarray(float(effective)),
        mean=np.asarray(float(mean + exact * past)),
        variance=np.asarray(central(2) * spread),
        third=np.asarray(central(3) * spread**1.5),
        fourth=np.asarray(central(4) * spread**2),
    )


def _adjusted(arm: ArmSums, k: int, j: int, slope: Fraction) -> Fraction:
    """The sum of weight^k (revenue - slope x past)^j."""
    return sum(
        (comb(j, b) * (-slope) ** b * arm.power(k, j - b, b) for b in range(j + 1 if slope else 1)), start=Fraction(0)
    )


def _effective_visits(arm: ArmSums) -> tuple[Numbers, Numbers]:
    """As `weighting.effective_visits` has them from the guests."""
    whole, squares = arm.power(1, 0, 0), arm.power(2, 0, 0)
    rate, guests = Fraction(arm.came, whole), Fraction(whole**2, squares)
    scatter = arm.came_squares * (1 - 2 * rate) + rate**2 * squares
    if scatter:
        guests = min(guests, rate * (1 - rate) * whole**2 / scatter)
    return np.asarray(float(rate * guests)), np.asarray(float(guests))
