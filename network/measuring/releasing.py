"""Which draws may be shown: counts that grow by one to four between two looks would tell of a few guests.

Whoever asks again next week can subtract. So the draws of a comparison are taken in by weeks, in the order in which
their horizons ended, and only up to the last week's end at which each arm had five more guests, and five more who came,
than at the end before, or none. Draws after that wait, whatever they say. (A refund or a late bill changes a past draw;
that is not hidden.)
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

LEAST = 5
"""Smaller counts are not shown across partners (DOMAIN 8), nor is what they could be worked out from."""

Row = TypeVar("Row", bound=tuple[Any, ...])


def may_grow_by(count: int) -> bool:
    """Nought says of nobody that they came."""
    return count == 0 or count >= LEAST


def released(rows: Sequence[Row], until: datetime) -> list[Row]:
    """Of rows `(drawn, probability, visited, ..., drawn at)`, all drawn by `until`, those that may be shown by now."""
    last = _week(until)
    by_week: dict[date, list[Row]] = {}
    for row in rows:
        if (week := _week(row[-1])) < last:
            by_week.setdefault(week, []).append(row)
    shown: list[Row] = []
    waiting: list[Row] = []
    for _, week_rows in sorted(by_week.items()):
        waiting += week_rows
        if all(map(may_grow_by, _counts(waiting))):
            shown += waiting
            waiting = []
    return shown


def _week(at: datetime) -> date:
    """The Monday before: horizons are all as long, so the weeks of their ends are those of the draws."""
    return at.date() - timedelta(days=at.weekday())


def _counts(rows: Iterable[Row]) -> list[int]:
    """Guests and visitors of both arms."""
    counts = [0, 0, 0, 0]
    for row in rows:
        arm = 2 * bool(row[0])
        counts[arm] += 1
        counts[arm + 1] += bool(row[2])
    return counts
