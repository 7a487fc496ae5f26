import json
from dataclasses import replace
from math import ceil

import numpy as np
import pytest

from network.effect.answer_json import answer_document, as_json
from network.effect.answers import Answer, Effect
from network.effect.contrast import KEPT_BACK
from network.effect.estimate import estimate
from network.effect.planning import control_guests_for_rates
from network.effect.question import Question, QuestionRefused
from network.effect.sample import Sample
from tests.effect.experiments import drawn_sample, sample_of

QUESTION = Question(control="none")


def _effects(answer: Answer) -> list[Effect]:
    compared = [*answer.comparisons, *([answer.pooled] if answer.pooled else [])]
    return [effect for each in compared for effect in (each.visits, each.revenue)]


def _numbers(answer: Answer) -> list[float]:
    found = []
    for effect in _effects(answer):
        bounds = (effect.interval, effect.interval_all_arms, effect.always_valid_interval)
        found += [effect.difference, *(each for pair in bounds for each in pair or ())]
        found += [effect.p_value_holm or 0.0, effect.always_valid_p_value_holm or 0.0]
    return found


def test_with_equal_odds_it_is_the_plain_difference_of_means() -> None:
    sample = drawn_sample(1, odds=(0.5, 0.5))
    treated, control = sample.arm == 1, sample.arm == 0

    answer = estimate(replace(sample, pre_revenue=None), QUESTION)

    [found] = answer.comparisons
    assert found.visits.difference == pytest.approx(sample.visited[treated].mean() - sample.visited[control].mean())
    assert found.revenue.difference == pytest.approx(sample.revenue[treated].mean() - sample.revenue[control].mean())
    assert answer.pooled is None
    assert [(arm.arm, arm.guests) for arm in answer.arms] == [("none", control.sum()), ("sauna", treated.sum())]


def test_a_worked_example_by_hand() -> None:
    """Weights 1/p: control 2, 2, 4 with 100, 0, 0; treated 2, 4/3 with 0, 700."""
    sample = sample_of(["none", "none", "none", "sauna", "sauna"], [0.5, 0.5, 0.25, 0.5, 0.75], [100, 0, 0, 0, 700])

    answer = estimate(sample, QUESTION)

    assert [arm.mean_revenue_minor for arm in answer.arms] == pytest.approx([25.0, 280.0])
    assert [arm.visit_rate for arm in answer.arms] == pytest.approx([0.25, 0.4])
    assert answer.comparisons[0].revenue.difference == pytest.approx(255.0)
    assert answer.comparisons[0].visits.difference == pytest.approx(0.15)
    assert answer.probabilities == "changing"


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_rows_does_not_matter(seed: int) -> None:
    sample = drawn_sample(seed)
    order = np.random.default_rng(seed).permutation(len(sample.arm))
    assert sample.pre_revenue is not None
    shuffled = Sample(
        sample.arms, sample.arm[order], sample.probability[order], sample.visited[order], sample.revenue[order],
        sample.pre_revenue[order],
    )  # fmt: skip

    assert _numbers(estimate(shuffled, QUESTION)) == pytest.approx(_numbers(estimate(sample, QUESTION)))


@pytest.mark.parametrize("seed", range(3))
def test_other_names_for_the_arms_change_nothing_but_names(seed: int) -> None:
    sample = drawn_sample(seed)
    renamed = replace(sample, arms=("zero", "alpha", "beta"))

    here, there = estimate(sample, QUESTION), estimate(renamed, Question(control="zero"))

    by_name = {each.arm: each for each in there.comparisons}
    again = replace(there, comparisons=[by_name["beta"], by_name["alpha"]])
    assert [each.arm for each in here.comparisons] == ["cafe", "sauna"]
    assert _numbers(again) == pytest.approx(_numbers(here))


@pytest.mark.parametrize("seed", range(3))
def test_another_currency_changes_only_amounts(seed: int) -> None:
    sample = drawn_sample(seed, guests=1_200)
    assert sample.pre_revenue is not None
    dear = replace(sample, revenue=sample.revenue * 100, pre_revenue=sample.pre_revenue * 100)

    here, there = estimate(sample, QUESTION), estimate(dear, QUESTION)

    for one, other in zip(_effects(here)[1::2], _effects(there)[1::2], strict=True):
        assert other.difference == pytest.approx(100 * one.difference)
        assert other.interval == pytest.approx(tuple(100 * each for each in one.interval or ()))
        assert (other.p_value, other.verdict) == (pytest.approx(one.p_value), one.verdict)
    assert _effects(there)[::2] == _effects(here)[::2]


@pytest.mark.parametrize("seed", range(3))
def test_swapping_control_and_treated_mirrors_the_answer(seed: int) -> None:
    sample = drawn_sample(seed, odds=(0.5, 0.5))

    [here] = estimate(sample, QUESTION).comparisons
    [there] = estimate(sample, Question(control="sauna")).comparisons

    for one, other in ((here.visits, there.visits), (here.revenue, there.revenue)):
        assert one.interval is not None
        assert other.interval == pytest.approx((-one.interval[1], -one.interval[0]))
        assert other.p_value == pytest.approx(one.p_value)


def test_the_always_valid_interval_holds_the_other() -> None:
    for seed in range(6):
        for effect in _effects(estimate(drawn_sample(seed, guests=1_200), QUESTION)):
            assert effect.interval is not None
            assert effect.always_valid_interval is not None
            assert effect.always_valid_interval[0] < effect.interval[0] < effect.difference
            assert effect.difference < effect.interval[1] < effect.always_valid_interval[1]
            assert (effect.p_value or 1) <= (effect.always_valid_p_value or 1)


def test_an_interval_leaves_out_no_effect_exactly_when_its_p_value_is_small() -> None:
    for seed in range(8):
        for effect in _effects(estimate(drawn_sample(seed, guests=1_200, lift=0.06), QUESTION)):
            pairs = [(effect.interval, effect.p_value), (effect.always_valid_interval, effect.always_valid_p_value)]
            for bounds, p_value in pairs:
                assert bounds is not None
                assert p_value is not None
                assert (bounds[0] > 0 or bounds[1] < 0) == (p_value < 0.05)


def test_several_arms_are_judged_together() -> None:
    answer = estimate(drawn_sample(2, lift=0.08), QUESTION)

    p_values = [each.visits.p_value or 0 for each in answer.comparisons]
    adjusted = [each.visits.p_value_holm or 0 for each in answer.comparisons]
    assert sorted(adjusted)[0] == pytest.approx(2 * min(p_values))
    assert sorted(adjusted)[1] == pytest.approx(max(2 * min(p_values), *p_values))
    for each in answer.comparisons:
        together, alone = each.visits.interval_all_arms, each.visits.interval
        assert together is not None
        assert alone is not None
        assert together[0] < alone[0] < alone[1] < together[1]
    assert answer.pooled is not None
    assert answer.pooled.visits.interval == answer.pooled.visits.interval_all_arms


def test_in_the_pooled_effect_every_arm_counts_the_same() -> None:
    """Three guests of four got the sauna, but both arms weigh a half."""
    arms = ["none"] * 200 + ["sauna"] * 600 + ["cafe"] * 200
    revenue = [0] * 200 + [100] * 600 + [300] * 200

    answer = estimate(sample_of(arms, [0.2] * 200 + [0.6] * 600 + [0.2] * 200, revenue), QUESTION)

    assert answer.pooled is not None
    assert answer.pooled.revenue.difference == pytest.approx(200)


def test_a_large_effect_is_found_and_a_small_experiment_says_how_much_it_lacks() -> None:
    large = estimate(drawn_sample(1, guests=4_000, odds=(0.5, 0.5), lift=0.3), QUESTION)
    small = estimate(drawn_sample(1, guests=60, odds=(0.5, 0.5), lift=0.0), QUESTION)

    assert large.comparisons[0].visits.verdict == large.comparisons[0].revenue.verdict == "at_any_look"
    assert large.comparisons[0].visits.more_guests is None
    assert small.comparisons[0].visits.verdict == "not_enough_yet"
    assert (small.comparisons[0].visits.more_guests or 0) > 1_000


def test_what_is_planned_for_is_what_a_verdict_is_decided_by() -> None:
    answer = estimate(sample_of(["none", "sauna"] * 98, [0.5] * 196, [900, 900] + [0, 0] * 97), QUESTION)

    control = control_guests_for_rates(
        control_rate=2 / 100, effect=0.03, treated_per_control=1, alpha=KEPT_BACK * QUESTION.alpha
    )
    assert answer.comparisons[0].visits.more_guests == ceil(2 * control) - 196


def test_without_an_effect_a_large_experiment_says_so() -> None:
    answer = estimate(drawn_sample(4, guests=20_000, odds=(0.5, 0.5), lift=0.0), QUESTION)

    assert answer.comparisons[0].visits.verdict == "none_shown"


def test_nothing_is_said_of_revenue_with_too_few_payers() -> None:
    answer = estimate(sample_of(["none", "sauna"] * 100, [0.5] * 200, ([0, 900] + [0, 0] * 4) * 20), QUESTION)

    revenue = answer.comparisons[0].revenue
    assert revenue.interval is None
    assert revenue.p_value is None
    assert "fewer than 30 payers" in (revenue.note or "")
    assert (revenue.more_guests or 0) >= 200


def test_nothing_is_said_of_revenue_where_one_bill_is_most_of_the_money() -> None:
    revenues = ([100, 100] + [0, 0] * 4) * 50
    alike = estimate(sample_of(["none", "sauna"] * 250, [0.5] * 500, revenues), QUESTION)
    one_large = estimate(sample_of(["none", "sauna"] * 250, [0.5] * 500, [40_000, *revenues[1:]]), QUESTION)

    assert alike.comparisons[0].revenue.interval is not None
    found = one_large.comparisons[0].revenue
    assert found.interval is None
    assert "a few large bills" in (found.note or "")
    assert (found.more_guests or 0) > 500


def test_nobody_came_at_all() -> None:
    answer = estimate(sample_of(["none", "sauna"] * 50, [0.5] * 100, [0] * 100), QUESTION)

    [found] = answer.comparisons
    assert found.visits.interval is not None
    assert found.visits.interval[0] < 0 < found.visits.interval[1]
    assert found.revenue.interval is None
    assert found.revenue.more_guests is None


def test_one_guest_an_arm_is_answered_without_a_warning() -> None:
    answer = estimate(sample_of(["none", "sauna"], [0.5, 0.5], [0, 900]), QUESTION)

    assert {effect.verdict for effect in _effects(answer)} == {"not_enough_yet"}
    as_json(answer_document(answer, file="trial.csv", left_out=[], left_out_count=0))


@pytest.mark.parametrize("probability", [0.5, 0.9999])
def test_arms_of_other_sizes_than_drawn_are_not_believed(probability: float) -> None:
    arms = ["none"] * 400 + ["sauna"] * 200
    odds = [0.5] * 400 + [0.5] * 200 if probability == 0.5 else [0.9999, *[0.0001] * 399, *[0.5] * 200]

    assert not estimate(sample_of(arms, odds, [0] * 600), QUESTION).sizes.passed


@pytest.mark.parametrize(
    ("arms", "probability", "control", "reason"),
    [
        (
            ["none", "sauna"],
            [0.5, 0.5],
            "neutral",
            "no customer is in the control arm 'neutral'; the arms are none, sauna",
        ),
        (
            ["none", "none"],
            [0.5, 0.5],
            "none",
            "every customer is in the control arm 'none': there is nothing to compare",
        ),
        (["none", "sauna"], [1.0, 1.0], "none", "the arms' probabilities add up to 2: they can't belong to one draw"),
    ],
)
def test_what_the_rows_cannot_answer_is_refused(
    arms: list[str], probability: list[float], control: str, reason: str
) -> None:
    with pytest.raises(QuestionRefused) as refusal:
        estimate(sample_of(arms, probability, [0, 0]), Question(control=control))

    assert str(refusal.value) == reason


def test_past_spending_narrows_the_interval_and_keeps_the_truth() -> None:
    """A guest's spending is mostly their taste, which past spending shows."""
    random = np.random.default_rng(6)
    taste = random.exponential(1_000, size=3_000)
    treated = random.random(3_000) < 0.5
    sample = sample_of(
        ["sauna" if each else "none" for each in treated],
        [0.5] * 3_000,
        taste * 2 + 150 * treated + random.normal(0, 30, 3_000),
        taste * 0.8,
    )

    plain = estimate(replace(sample, pre_revenue=None), QUESTION).comparisons[0].revenue
    adjusted = estimate(sample, QUESTION)

    found = adjusted.comparisons[0].revenue
    assert adjusted.adjustment is not None
    assert adjusted.adjustment.variance_removed > 0.99
    assert found.interval is not None
    assert plain.interval is not None
    assert found.interval[1] - found.interval[0] < (plain.interval[1] - plain.interval[0]) / 10
    assert found.interval[0] < 150 < found.interval[1]


def test_the_document_says_everything_and_no_nan() -> None:
    answer = estimate(drawn_sample(1), QUESTION)

    document = json.loads(
        as_json(answer_document(answer, file="trial.csv", left_out=["trial.csv:3: x"], left_out_count=1))
    )

    assert document["question"]["control"] == "none"
    assert document["sizes"]["passed"] is True
    assert [each["arm"] for each in document["comparisons"]] == ["cafe", "sauna"]
    assert set(document["comparisons"][0]["visits"]) >= {"difference", "interval", "p_value", "always_valid_interval"}
    assert document["left_out"] == ["trial.csv:3: x"]
