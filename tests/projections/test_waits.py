"""Waits add up, and the median is right to the resolution that is stated."""

from collections import Counter
from datetime import timedelta
from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.projections.effects.waits import bin_of, hours_of, median_hours

WAITS = st.lists(st.integers(0, 400 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("wait", "hours"),
    [
        (timedelta(minutes=-5), 0),
        (timedelta(minutes=59), 0),
        (timedelta(hours=47, minutes=59), 47),
        (timedelta(hours=48), 48),
        (timedelta(days=3, hours=23), 72),
    ],
)
def test_a_wait_is_known_to_the_hour_and_later_to_the_day(wait, hours):
    assert hours_of(bin_of(wait)) == hours


@given(WAITS)
def test_the_median_is_the_lower_ones_bin(waits):
    assert median_hours(Counter(map(bin_of, waits))) == hours_of(bin_of(median_low(waits)))


@given(WAITS, WAITS)
def test_histograms_add_up(one, other):
    together = Counter(map(bin_of, one)) + Counter(map(bin_of, other))

    assert together == Counter(map(bin_of, [*one, *other]))
    assert median_hours({}) is None
