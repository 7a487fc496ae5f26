"""Arm sizes, several arms, planning, past spending."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.effect.adjustment import adjusted_revenue
from network.effect.comparisons import holm
from network.effect.planning import control_guests_for_rates, times_as_many_for_means
from network.effect.sizes import check_sizes
from network.effect.weighting import weigh

Draw: TypeAlias = Callable[[int, int], dict[str, np.ndarray]]


def test_fixed_probabilities_are_checked_by_chi_square() -> None:
    """821 588 and 815 482 guests at even odds: a published mismatch (R. Kohavi, D. Tang, Y. Xu, "Trustworthy Online
    Controlled Experiments", 2020, chapter 3), p = 1.8e-6."""
    found = check_sizes({"none": np.full(821_588, 0.5), "sauna": np.full(815_482, 0.5)})

    assert found.method == "chi-square"
    assert found.p_value == pytest.approx(1.8e-6, rel=0.02)
    assert not found.passed


def test_arms_that_are_not_in_the_file_do_not_count() -> None:
    found = check_sizes({"none": np.full(100, 0.1), "sauna": np.full(300, 0.3)})

    assert found.expected == {"none": pytest.approx(100), "sauna": pytest.approx(300)}
    assert found.p_value == pytest.approx(1)


def _three_arms(seed: int, guests: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    odds = np.array([[0.2, 0.5, 0.3], [0.5, 0.2, 0.3], [0.3, 0.3, 0.4]])[random.integers(0, 3, guests)]
    arm = (random.random((guests, 1)) >= np.cumsum(odds, axis=1)).sum(axis=1)
    return {name: odds[arm == number, number] for number, name in enumerate(("none", "sauna", "cafe"))}


def _two_arms(seed: int, guests: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    control = random.uniform(0.1, 0.7, guests)
    is_control = random.random(guests) < control
    return {"none": control[is_control], "sauna": 1 - control[~is_control]}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("draw", "guests"), [(_two_arms, 3_000), (_three_arms, 10_000)])
def test_changing_probabilities_are_checked_by_their_sums(draw: Draw, guests: int, seed: int) -> None:
    """A fifth of the control's guests got lost."""
    honest = draw(seed, guests)
    lost = {**honest, "none": honest["none"][: int(len(honest["none"]) * 0.8)]}

    assert check_sizes(honest).passed
    assert not check_sizes(lost).passed


@pytest.mark.parametrize("draw", [_two_arms, _three_arms])
def test_the_sums_raise_false_alarms_no_more_often_than_they_say(draw: Draw) -> None:
    p_values = np.array([check_sizes(draw(seed, 500)).p_value for seed in range(400)])

    assert np.mean(p_values < 0.05) < 0.08


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),  # the worked example of R's p.adjust
        ([0.5], [0.5]),
        ([0.9, 0.6], [1.0, 1.0]),
        ([0.01, None], [0.02, None]),
        ([], []),
    ],
)
def test_holm(p_values: list[float | None], adjusted: list[float | None]) -> None:
    assert holm(p_values) == pytest.approx(adjusted)


@pytest.mark.parametrize(
    ("control_rate", "effect", "guests"), [(0.01, 0.03, 424), (0.01, 0.02, 769), (0.02, 0.02, 1_141)]
)
def test_the_sizes_of_the_design_come_out(control_rate: float, effect: float, guests: int) -> None:
    """PEERS.md rounds the second, 768.01, down."""
    found = control_guests_for_rates(control_rate=control_rate, effect=effect, treated_per_control=1, alpha=0.05)

    assert guests - 1 < found <= guests


def test_a_small_neutral_arm_costs_guests() -> None:
    even = control_guests_for_rates(control_rate=0.1, effect=0.03, treated_per_control=1, alpha=0.05) * 2
    small = control_guests_for_rates(control_rate=0.1, effect=0.03, treated_per_control=9, alpha=0.05) * 10

    assert small > 2 * even


def test_four_times_the_guests_for_half_the_effect() -> None:
    once = times_as_many_for_means(error=10, effect=40, alpha=0.05)

    assert times_as_many_for_means(error=10, effect=20, alpha=0.05) == pytest.approx(4 * once)


@pytest.mark.parametrize("correlation", [0.5, 0.9])
def test_past_spending_removes_the_square_of_its_correlation(correlation: float) -> None:
    random = np.random.default_rng(1)
    before = random.normal(size=40_000)
    revenue = 3 * (correlation * before + np.sqrt(1 - correlation**2) * random.normal(size=40_000))
    treated = random.random(40_000) < 0.5
    weights = [np.where(treated, 2.0, 0.0), np.where(treated, 0.0, 2.0)]

    adjusted, slope, removed = adjusted_revenue(weights, revenue, before)

    assert float(removed) == pytest.approx(correlation**2, abs=0.02)
    assert float(slope) == pytest.approx(3 * correlation, abs=0.05)
    for weight in weights:
        share = float(weigh(weight, adjusted).variance / weigh(weight, revenue).variance)
        assert share == pytest.approx(1 - correlation**2, abs=0.03)


@given(st.integers(0, 1_000))
def test_past_spending_that_says_nothing_is_not_used(seed: int) -> None:
    random = np.random.default_rng(seed)
    revenue, before = random.exponential(size=2_000), random.exponential(size=2_000)
    treated = random.random(2_000) < 0.5

    adjusted, slope, removed = adjusted_revenue([treated * 2.0, ~treated * 2.0], revenue, before)

    assert (float(slope), float(removed)) == (0.0, 0.0)
    assert np.array_equal(adjusted, revenue)


def test_nobody_spent_before() -> None:
    revenue = np.array([0.0, 5, 3, 2])

    adjusted, _, removed = adjusted_revenue([np.array([1.0, 1, 0, 0]), np.array([0, 0, 1.0, 1])], revenue, np.zeros(4))

    assert float(removed) == 0
    assert np.array_equal(adjusted, revenue)
