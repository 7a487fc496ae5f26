"""Which draws may be shown: counts that grow by one to four between two looks would tell of a few guests.

Whoever asks again next week can subtract. So the draws of a comparison are taken in by weeks, in the order in which
their horizons ended, and only up to the last week's end at which each arm had five more guests, and five more who came,
than at the end before, or none. Draws after that wait, whatever they say. (A refund or a late bill changes a past draw;
that is not hidden.)
"""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

LEAST = 5
"""Smaller counts are not shown across partners (DOMAIN 8), nor is what they could be worked out from."""

_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
_MONDAY_AT = 4 * 86_400_000_000
"""The same in microseconds since 1970."""
_WEEK = 7 * 86_400_000_000


def may_grow_by(count: int) -> bool:
    """Nought says of nobody that they came."""
    return count == 0 or count >= LEAST


def released(
    drawn: NDArray[np.bool_], visited: NDArray[np.bool_], at: NDArray[np.int64], until: datetime
) -> NDArray[np.bool_]:
    """Which draws may be shown by now, of all until then. `at`: microseconds since 1970, in UTC as all weeks are."""
    weeks = (at - _MONDAY_AT) // _WEEK
    known, place = np.unique(weeks, return_inverse=True)
    arms = [(~drawn, None), (~drawn, visited), (drawn, None), (drawn, visited)]
    counts = np.stack(
        [np.bincount(place[arm if came is None else arm & came], minlength=len(known)) for arm, came in arms], axis=1
    )
    shown, waiting = -1, np.zeros(len(arms), dtype=np.int64)
    for number in range(int(np.searchsorted(known, (until - _MONDAY) // timedelta(weeks=1)))):
        waiting = waiting + counts[number]
        if all(map(may_grow_by, waiting.tolist())):
            shown, waiting = number, np.zeros_like(waiting)
    return np.asarray(place <= shown)
