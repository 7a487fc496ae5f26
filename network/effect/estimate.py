"""Answer a question about an experiment: arms, sizes, and each treated arm against the control."""

from dataclasses import replace

import numpy as np

from network.effect.adjustment import adjusted_revenue
from network.effect.answers import POOLED, Adjustment, Answer, ArmFigures, Comparison
from network.effect.contrast import contrast_revenues, contrast_visits
from network.effect.distributions import Numbers
from network.effect.effects import Asked, judged, revenue_effect, visit_effect
from network.effect.question import Question, QuestionRefused
from network.effect.sample import Sample
from network.effect.sizes import SizeCheck, check_sizes
from network.effect.weighting import weigh


def estimate(sample: Sample, question: Question) -> Answer:
    """The order of the rows does not matter. Raises: QuestionRefused."""
    treated = _treated_arms(sample, question)
    sizes = _sizes(sample, [question.control, *treated])
    weights = {arm: _weight(sample, arm) for arm in (question.control, *treated)}
    adjusted, adjustment = _adjusted(list(weights.values()), sample)
    compare = _Compare(sample, adjusted, weights[question.control], question)
    together = np.sum([weights[arm] for arm in treated], axis=0)
    return Answer(
        question=question,
        guests=len(sample.arm),
        arms=[_figures(arm, weight, sample) for arm, weight in weights.items()],
        sizes=sizes,
        probabilities="fixed" if sizes.method == "chi-square" else "changing",
        adjustment=adjustment,
        comparisons=compare.each({arm: weights[arm] for arm in treated}),
        pooled=compare.each({POOLED: together})[0] if len(treated) > 1 else None,
    )


class _Compare:
    """Treated arms of one sample with its control."""

    def __init__(self, sample: Sample, adjusted: Numbers, control: Numbers, question: Question) -> None:
        self._sample, self._adjusted, self._control, self._question = sample, adjusted, control, question

    def each(self, weights: dict[str, Numbers]) -> list[Comparison]:
        """All of them together are allowed to err alpha."""
        asked = Asked(
            self._question,
            len(weights) * self._question.together,
            _smallest_revenue_effect(self._sample, self._question),
        )
        found = [self._one(arm, weight, asked) for arm, weight in weights.items()]
        return judged_comparisons(found, self._question.alpha)

    def _one(self, arm: str, weight: Numbers, asked: Asked) -> Comparison:
        guests = int(((weight + self._control) > 0).sum())
        with np.errstate(invalid="ignore", divide="ignore"):
            visits = contrast_visits(weight, self._control, self._sample.visited)
            revenue = contrast_revenues(weight, self._control, self._sample.revenue, self._adjusted)
            return Comparison(arm, guests, visit_effect(visits, guests, asked), revenue_effect(revenue, guests, asked))


def judged_comparisons(found: list[Comparison], alpha: float) -> list[Comparison]:
    """Each judged with regard to the others, by visits and by revenue."""
    visits = judged([each.visits for each in found], alpha)
    revenue = judged([each.revenue for each in found], alpha)
    return [
        replace(each, visits=came, revenue=spent)
        for each, came, spent in zip(found, visits, revenue, strict=True)
        if came and spent
    ]


def _treated_arms(sample: Sample, question: Question) -> list[str]:
    arms = sorted({sample.arms[number] for number in np.unique(sample.arm)})
    if question.control not in arms:
        raise QuestionRefused(f"no customer is in the control arm {question.control!r}; the arms are {', '.join(arms)}")
    if arms == [question.control]:
        raise QuestionRefused(f"every customer is in the control arm {question.control!r}: there is nothing to compare")
    return [arm for arm in arms if arm != question.control]


def _sizes(sample: Sample, arms: list[str]) -> SizeCheck:
    return check_sizes({arm: sample.probability[sample.arm == sample.arms.index(arm)] for arm in arms})


def _weight(sample: Sample, arm: str) -> Numbers:
    return np.where(sample.arm == sample.arms.index(arm), 1 / sample.probability, 0.0)


def _adjusted(weights: list[Numbers], sample: Sample) -> tuple[Numbers, Adjustment | None]:
    if sample.pre_revenue is None:
        return sample.revenue, None
    adjusted, slope, removed = adjusted_revenue(weights, sample.revenue, sample.pre_revenue)
    return adjusted, Adjustment(float(slope), float(removed))


def _smallest_revenue_effect(sample: Sample, question: Question) -> float:
    if question.smallest_revenue_effect is not None:
        return question.smallest_revenue_effect
    bills = sample.revenue[sample.revenue > 0]
    return question.smallest_visit_effect * float(bills.mean()) if len(bills) else 0.0


def _figures(arm: str, weight: Numbers, sample: Sample) -> ArmFigures:
    visits, revenue = weigh(weight, sample.visited), weigh(weight, sample.revenue)
    return ArmFigures(
        arm=arm,
        guests=int(visits.guests),
        visits=int(sample.visited[weight > 0].sum()),
        visit_rate=float(visits.mean),
        mean_revenue_minor=float(revenue.mean),
    )
