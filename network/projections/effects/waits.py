"""How long a certificate waited for its use, as a histogram that can be added up: to the hour, later to the day."""

from collections.abc import Mapping
from datetime import timedelta

HOURLY_UNTIL = 48
RESOLUTION = "to the hour in the first two days, to the day after"


def bin_of(wait: timedelta) -> int:
    """0 to 47: that many whole hours; from 48 on: two days, three days, and so on. Never below 0."""
    hours = max(0, wait // timedelta(hours=1))
    return hours if hours < HOURLY_UNTIL else HOURLY_UNTIL + hours // 24 - 2


def hours_of(one: int) -> int:
    """The least whole hours of a bin."""
    return one if one < HOURLY_UNTIL else (one - HOURLY_UNTIL + 2) * 24


def median_hours(bins: Mapping[int, int]) -> int | None:
    """The lower median: at least half waited no longer than its bin. None for nobody."""
    whole = sum(bins.values())
    seen = 0
    for one in sorted(bins):
        seen += bins[one]
        if 2 * seen >= whole:
            return hours_of(one)
    return None
