import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.effect.distributions import normal_quantile
from network.effect.sequence import Mixture

MIXTURE = Mixture(tuned_at=848, tuned_for=0.05)


def test_it_is_the_formula_of_the_paper() -> None:
    """Theorem 2.2 with the paper's rho, for unit variance: here in standard errors."""
    guests, alpha = 300.0, 0.05
    rho_squared = float(MIXTURE._clock(848.0)) / 848

    margin = np.sqrt(2 * (guests * rho_squared + 1) / (guests**2 * rho_squared)
                     * np.log(np.sqrt(guests * rho_squared + 1) / alpha))  # fmt: skip

    assert float(MIXTURE.critical_value(guests, alpha)) == pytest.approx(margin * np.sqrt(guests))


@pytest.mark.parametrize("other", [300.0, 700.0, 1_000.0, 3_000.0])
def test_no_other_tuning_reaches_less_far_at_its_size(other: float) -> None:
    at_its_size = float(MIXTURE.critical_value(848.0, 0.05))

    assert at_its_size == pytest.approx(3.035, abs=0.001)
    assert float(Mixture(other, 0.05).critical_value(848.0, 0.05)) > at_its_size


@given(st.floats(2, 1e6), st.floats(0.001, 0.2))
def test_it_is_always_wider_than_the_fixed_size_interval(guests: float, alpha: float) -> None:
    assert MIXTURE.critical_value(guests, alpha) > -normal_quantile(alpha / 2)


@given(st.floats(2, 1e6), st.floats(0, 12), st.floats(0.001, 0.2))
def test_its_p_value_and_its_interval_agree(guests: float, normal_score: float, alpha: float) -> None:
    critical = float(MIXTURE.critical_value(guests, alpha))

    p_value = float(MIXTURE.p_value(np.asarray(normal_score), guests))

    assert (p_value < alpha) == (normal_score > critical) or normal_score == pytest.approx(critical, rel=1e-9)


def test_a_walk_without_drift_is_rarely_ever_outside() -> None:
    """2 000 walks of 5 000 looks: most leave the one-look interval, at most one in twenty the sequence."""
    walks = np.cumsum(np.random.default_rng(11).normal(size=(2_000, 5_000)), axis=1)
    guests = np.arange(1, 5_001, dtype=float)
    scores = np.abs(walks) / np.sqrt(guests)

    ever = (scores > MIXTURE.critical_value(guests, 0.05)).any(axis=1).mean()
    misused = (scores > 1.96).any(axis=1).mean()

    assert ever < 0.05
    assert misused > 0.5
