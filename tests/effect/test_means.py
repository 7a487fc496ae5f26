import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.effect.distributions import normal_below
from network.effect.means import Difference, difference, interval, normal_score
from network.effect.weighting import weigh

Z = 1.959963984540054
spending = st.lists(st.floats(1, 1e5), min_size=5, max_size=40).filter(lambda values: np.ptp(values) > 1)


def _difference(treated: list[float], control: list[float]) -> Difference:
    return difference(*(weigh(np.ones(len(each)), np.array(each)) for each in (treated, control)))


# Twelve treated and ten control values without skewness; Welch's t by hand: 3.0 / sqrt(13/12 + 9.1667/10).
def test_the_error_is_welch_s() -> None:
    treated, control = list(range(1, 13)), list(np.arange(10) - 1.0)

    found = _difference([float(each) for each in treated], control)

    assert float(found.estimate) == pytest.approx(3.0)
    assert float(found.error) == pytest.approx((13 / 12 + 9.1666667 / 10) ** 0.5)
    assert float(found.skewness) == pytest.approx(0, abs=1e-12)
    assert float(found.freedom) == pytest.approx(19.9, abs=0.1)


@given(spending, spending, st.floats(0.5, 3.5))
def test_the_interval_is_what_the_score_does_not_exclude(
    treated: list[float], control: list[float], critical: float
) -> None:
    found = _difference(treated, control)

    low, high = interval(found, critical)

    width = float(high - low)
    assert low < found.estimate < high
    for bound, outwards in ((low, -1), (high, 1)):
        assert abs(float(normal_score(found, bound + outwards * 1e-4 * width))) > critical - 1e-6
        assert abs(float(normal_score(found, bound - outwards * 1e-4 * width))) < critical + 1e-6


@given(spending, spending)
def test_it_is_never_shorter_than_welch_s(treated: list[float], control: list[float]) -> None:
    found = _difference(treated, control)

    low, high = interval(found, Z)

    assert high - low >= 2 * Z * found.error * (1 - 1e-9)
    assert 1.9 < found.freedom <= len(treated) + len(control) - 2 + 1e-6


@given(spending, spending, st.floats(0.01, 100))
def test_another_currency_changes_no_score(treated: list[float], control: list[float], rate: float) -> None:
    here = _difference(treated, control)
    there = _difference([rate * each for each in treated], [rate * each for each in control])

    assert float(there.estimate) == pytest.approx(rate * float(here.estimate), rel=1e-6, abs=1e-6 * rate)
    assert float(normal_score(there, 0.0)) == pytest.approx(float(normal_score(here, 0.0)), rel=1e-6, abs=1e-9)


def test_nothing_is_known_where_nothing_varies() -> None:
    found = _difference([5.0, 5.0, 5.0], [5.0, 5.0])

    assert np.isnan(found.error)
    assert np.isnan(normal_score(found, 0.0))


@pytest.mark.parametrize("seed", range(6))
def test_its_p_value_is_near_that_of_a_permutation_test(seed: int) -> None:
    """Against brute force."""
    random = np.random.default_rng(seed)
    treated = random.exponential(1.5, size=60) * (random.random(60) < 0.7)
    control = random.exponential(1.0, size=60) * (random.random(60) < 0.6)

    p_value = 2 * float(normal_below(-abs(normal_score(_difference(treated.tolist(), control.tolist()), 0.0))))

    both = np.concatenate([treated, control])
    shuffled = random.permuted(np.tile(both, (20_000, 1)), axis=1)
    differences = shuffled[:, :60].mean(axis=1) - shuffled[:, 60:].mean(axis=1)
    by_force = float(np.mean(np.abs(differences) >= abs(treated.mean() - control.mean()) - 1e-12))
    assert by_force * 0.6 - 0.005 < p_value < by_force * 2.5 + 0.02
