import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.effect.proportions import score, score_interval
from tests.effect.experiments import one

Z = 1.959963984540054


# R. Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 6 (Miettinen-Nurminen).
@pytest.mark.parametrize(
    ("came", "guests", "came_control", "guests_control", "low", "high"),
    [
        (56, 70, 48, 80, 0.0528, 0.3382),
        (9, 10, 3, 10, 0.1700, 0.8406),
        (5, 56, 0, 29, -0.0326, 0.1933),
        (0, 10, 0, 20, -0.1658, 0.2844),
        (10, 10, 0, 20, 0.7156, 1.0),
        (10, 10, 0, 10, 0.6636, 1.0),
    ],
)
def test_the_interval_is_that_of_the_published_examples(
    came: int, guests: int, came_control: int, guests_control: int, low: float, high: float
) -> None:
    bounds = score_interval(one(came), one(guests), one(came_control), one(guests_control), Z)

    assert [round(float(bound), 4) for bound in bounds] == [low, high]


def test_the_score_of_no_difference_is_the_chi_square_with_n_less_one() -> None:
    came, guests, came_control, guests_control = 17, 424, 4, 400

    found = float(score(one(came), one(guests), one(came_control), one(guests_control), one(0)))

    together, all_came = guests + guests_control, came + came_control
    cross = came * (guests_control - came_control) - came_control * (guests - came)
    chi_square = (together - 1) * cross**2 / (guests * guests_control * all_came * (together - all_came))
    assert found**2 == pytest.approx(chi_square)
    assert found > 0


counts = st.integers(2, 60).flatmap(lambda guests: st.tuples(st.integers(0, guests), st.just(guests)))


@given(counts, counts, st.floats(-0.95, 0.95))
def test_the_restricted_rates_are_the_likeliest_on_a_grid(
    treated: tuple[int, int], control: tuple[int, int], difference: float
) -> None:
    """The variance in the score is that of rates found by brute force."""
    (came, guests), (came_control, guests_control) = treated, control
    grid = np.linspace(max(0.0, -difference), min(1.0, 1 - difference), 20_001)
    with np.errstate(divide="ignore", invalid="ignore"):
        likelihood = sum(
            np.where(times == 0, 0.0, times * np.log(np.clip(rate, 0, 1)))
            for times, rate in (
                (came, grid + difference), (guests - came, 1 - grid - difference),
                (came_control, grid), (guests_control - came_control, 1 - grid),
            )
        )  # fmt: skip
    rate = grid[np.argmax(likelihood)]

    found = float(score(one(came), one(guests), one(came_control), one(guests_control), one(difference)))

    variance = (rate + difference) * (1 - rate - difference) / guests + rate * (1 - rate) / guests_control
    distance = came / guests - came_control / guests_control - difference
    together = guests + guests_control
    expected = distance / np.sqrt(max(variance, 1e-12) * together / (together - 1))
    assert found == pytest.approx(expected, rel=5e-3, abs=1e-3) or variance < 1e-4


@settings(max_examples=40, deadline=None)  # scipy loads at the first one
@given(counts, counts)
def test_swapping_the_arms_mirrors_the_interval(treated: tuple[int, int], control: tuple[int, int]) -> None:
    arms = [one(each) for each in (*treated, *control)]

    low, high = score_interval(*arms, Z)
    mirrored = score_interval(*arms[2:], *arms[:2], Z)

    assert (-float(mirrored[1]), -float(mirrored[0])) == pytest.approx((float(low), float(high)), abs=1e-9)
    assert -1 <= low <= treated[0] / treated[1] - control[0] / control[1] <= high <= 1


@pytest.mark.parametrize(
    ("rate", "control_rate", "guests", "guests_control"),
    [
        (0.04, 0.01, 200, 200), (0.04, 0.01, 424, 424), (0.04, 0.01, 1000, 1000), (0.04, 0.01, 1800, 200),
        (0.01, 0.01, 200, 200), (0.01, 0.01, 424, 424), (0.01, 0.01, 900, 100), (0.13, 0.10, 900, 100),
    ],
)  # fmt: skip
def test_it_holds_the_truth_where_visits_are_few(
    rate: float, control_rate: float, guests: int, guests_control: int
) -> None:
    """Exactly: every possible pair of counts, weighted by its probability."""
    came, chance = _binomial(rate, guests)
    came_control, chance_control = _binomial(control_rate, guests_control)
    grid, grid_control = (each.astype(np.float64) for each in np.meshgrid(came, came_control))

    off = np.abs(score(grid, np.full_like(grid, guests), grid_control, np.full_like(grid, guests_control),
                       np.full_like(grid, rate - control_rate)))  # fmt: skip

    assert (np.outer(chance_control, chance))[off <= Z].sum() > 0.94


def _binomial(rate: float, guests: int) -> tuple[np.ndarray, np.ndarray]:
    came = np.arange(guests + 1)
    factor = np.concatenate([[0.0], np.cumsum(np.log((guests - came[:-1]) / (came[:-1] + 1)))])
    return came, np.exp(factor + came * np.log(rate) + (guests - came) * np.log(1 - rate))
