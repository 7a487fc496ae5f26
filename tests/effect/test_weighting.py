import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.effect.weighting import effective_visits, weigh

outcomes = st.lists(st.floats(0, 1e6), min_size=2, max_size=40)


@given(outcomes, st.floats(0.05, 1.0))
def test_with_equal_weights_it_is_the_plain_mean_with_its_usual_variance(
    outcome: list[float], probability: float
) -> None:
    values = np.array(outcome)

    found = weigh(np.full(len(values), 1 / probability), values)

    assert float(found.mean) == pytest.approx(values.mean())
    assert float(found.variance) == pytest.approx(values.var(ddof=1) / len(values), rel=1e-9, abs=1e-9)
    assert float(found.effective) == pytest.approx(len(values))
    assert float(found.guests) == len(values)


@given(outcomes, st.data())
def test_guests_of_weight_zero_do_not_exist(outcome: list[float], data: st.DataObject) -> None:
    values = np.array(outcome)
    weight = np.array(data.draw(st.lists(st.floats(1, 10), min_size=len(values), max_size=len(values))))

    alone = weigh(weight, values)
    among = weigh(np.concatenate([weight, np.zeros(5)]), np.concatenate([values, np.full(5, 1e9)]))

    for field in ("guests", "effective", "mean", "variance", "third", "fourth"):
        assert float(getattr(among, field)) == pytest.approx(float(getattr(alone, field)), rel=1e-6, abs=1e-6)


def test_weighting_undoes_draws_that_went_by_habit() -> None:
    """Regulars got the certificate rarely: the plain mean of an arm is far off, the weighted one is not."""
    random = np.random.default_rng(3)
    regular = random.random(200_000) < 0.5
    probability = np.where(regular, 0.2, 0.8)
    treated = random.random(200_000) < probability
    visited = (random.random(200_000) < np.where(regular, 0.5, 0.1)).astype(float)

    found = weigh(np.where(treated, 1 / probability, 0.0), visited)

    assert visited[treated].mean() < 0.2
    assert float(found.mean) == pytest.approx(0.3, abs=4 * float(np.sqrt(found.variance)))


def test_the_variance_is_what_many_repetitions_show() -> None:
    """Against brute force: 3 000 draws of the whole experiment."""
    random = np.random.default_rng(7)
    shape = (3_000, 400)
    probability = random.choice([0.15, 0.4, 0.8], size=shape)
    outcome = random.exponential(1_000, size=shape) * (1 + (probability < 0.3))
    drawn = random.random(shape) < probability

    found = weigh(np.where(drawn, 1 / probability, 0.0), outcome)

    assert float(found.variance.mean()) == pytest.approx(float(found.mean.var()), rel=0.08)


def test_the_variance_is_the_jackknife_nearly() -> None:
    random = np.random.default_rng(8)
    weight, outcome = random.uniform(1, 8, 150), random.exponential(1.0, 150)

    found = weigh(weight, outcome)

    without = np.array([np.average(np.delete(outcome, i), weights=np.delete(weight, i)) for i in range(150)])
    assert float(found.variance) == pytest.approx(149 / 150 * ((without - without.mean()) ** 2).sum(), rel=0.03)


def test_effective_visits_are_the_counts_when_weights_are_equal() -> None:
    visited = np.array([1.0, 0, 0, 1, 0, 0, 0, 0])

    came, guests = effective_visits(np.full(8, 2.0), visited)

    assert (float(came), float(guests)) == pytest.approx((2, 8))


@given(st.lists(st.tuples(st.floats(1, 20), st.booleans()), min_size=2, max_size=30))
def test_effective_visits_never_promise_more_than_the_guests(rows: list[tuple[float, bool]]) -> None:
    weight, visited = np.array([row[0] for row in rows]), np.array([float(row[1]) for row in rows])

    came, guests = effective_visits(weight, visited)

    assert 0 < guests <= len(rows) * (1 + 1e-9)
    assert float(came / guests) == pytest.approx(np.average(visited, weights=weight), abs=1e-9)
