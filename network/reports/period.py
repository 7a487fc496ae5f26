"""The stretch of local days that a report speaks of."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from network.domain.errors import Invalid

DAYS_USUAL = 90
DAYS_MAX = 366 * 5
EARLIEST, LATEST = date(1970, 1, 1), date(2998, 12, 31)


@dataclass(frozen=True, slots=True)
class Period:
    """From `first_on` to `last_on`, both included. `as_of`: the day it is looked at, for what needs time to show."""

    first_on: date
    last_on: date
    as_of: date

    @classmethod
    def of(cls, first_on: date | None, last_on: date | None, today: date) -> "Period":
        """What was asked for; without it the last 90 days. Raises: Invalid."""
        if any(day is not None and not EARLIEST <= day <= LATEST for day in (first_on, last_on)):
            raise Invalid(reason="A report speaks of days from 1970 to 2998.")
        last = last_on or today
        first = first_on or last - timedelta(days=DAYS_USUAL - 1)
        if not first <= last:
            raise Invalid(reason="A report begins before it ends.")
        if (last - first).days >= DAYS_MAX:
            raise Invalid(reason="A report speaks of five years at most.")
        return cls(first, last, today)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last_on - self.first_on).days + 1

    @property
    def stretch(self) -> str:
        """How a trend over it is divided."""
        return "day" if self.days <= 31 else "week" if self.days <= 200 else "month"

    def months_until_now(self) -> "Period":
        """From the January before it to the end of the last month that is over, of the period or before today."""
        begun = min(self.last_on + timedelta(days=1), self.as_of).replace(day=1)
        first = self.first_on.replace(month=1, day=1)
        return Period(first, max(first, begun - timedelta(days=1)), self.as_of)

    def whole_months(self) -> "Period":
        """The calendar months that it touches: reports that are handed around are divided nowhere else."""
        last = self.last_on.replace(day=monthrange(self.last_on.year, self.last_on.month)[1])
        return Period(self.first_on.replace(day=1), last, self.as_of)
