"""Which draws may be shown: counts that grow by one to four between two looks would tell of a few guests.

Whoever asks again next week can subtract. So the draws of a comparison are taken in by weeks, in the order in which
their horizons ended, and only up to the last week's end at which each arm had five more guests, and five more who came,
than at the end before, or none. Draws after that wait, whatever they say. (A refund or a late bill changes a past draw;
that is not hidden.)
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from network.effect.sums import NOBODY, WIDTH, ArmSums

LEAST = 5
"""Smaller counts are not shown across partners (DOMAIN 8), nor is what they could be worked out from."""

MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Arms:
    """The guests of a comparison who went without, and those with a certificate."""

    none: ArmSums = NOBODY
    certificate: ArmSums = NOBODY

    def __add__(self, other: "Arms") -> "Arms":
        """Of both."""
        return Arms(self.none + other.none, self.certificate + other.certificate)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Guests and visits of each arm: what a reader can subtract."""
        return self.none.guests, self.none.visits, self.certificate.guests, self.certificate.visits

    @property
    def numbers(self) -> list[int]:
        """As a database keeps them."""
        return [*self.none.numbers, *self.certificate.numbers]

    @classmethod
    def of(cls, numbers: list[int]) -> "Arms":
        """From what a database kept."""
        return cls(ArmSums.of(numbers[:WIDTH]), ArmSums.of(numbers[WIDTH:]))


def weeks_over(instant: datetime) -> int:
    """How many weeks since 1970 were over by then; they begin on Mondays, in UTC."""
    return (instant - MONDAY) // _WEEK


def begins_at(week: int) -> datetime:
    """When the week with this number begins, counted from 0."""
    return MONDAY + week * _WEEK


def may_grow_by(count: int) -> bool:
    """Nought says of nobody that they came."""
    return count == 0 or count >= LEAST


def released(begun: Arms, weeks: Iterable[tuple[int, Arms]]) -> Iterator[tuple[int, Arms, Arms | None]]:
    """Each week again, with the sum of all to it if it may be shown. `begun`: what was shown before the first one."""
    waiting = Arms()
    for week, added in weeks:
        waiting = waiting + added
        if all(map(may_grow_by, waiting.counts)):
            begun, waiting = begun + waiting, Arms()
            yield week, added, begun
        else:
            yield week, added, None
