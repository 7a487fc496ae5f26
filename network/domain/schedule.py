"""When a coalition's windows are cut by themselves, when payments are due, and when somebody is reminded of them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from network.domain.errors import InvalidTerms

DAYS_MAX = 90
REMINDERS_MAX = 10


class Cadence(StrEnum):
    """How often. By hand: only when the organizer cuts."""

    BY_HAND = "by_hand"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A window ends at the local midnight that begins `day`: of the month (1 to 28), or of the week (1 is Monday).

    `pay_days`: local days from the instruction to the day it is due. `reminder_days`: days after the due day on which
    who still owes is reminded.
    """

    cadence: Cadence = Cadence.BY_HAND
    day: int = 1
    pay_days: int = 7
    reminder_days: tuple[int, ...] = (0, 7, 14)

    def check(self) -> None:
        """Raises: InvalidTerms, saying what is wrong."""
        last = 7 if self.cadence is Cadence.WEEKLY else 28
        if not 1 <= self.day <= last:
            raise InvalidTerms(reason=f"The day is between 1 and {last}.")
        if not 0 <= self.pay_days <= DAYS_MAX:
            raise InvalidTerms(reason=f"Payments are due within 0 to {DAYS_MAX} days.")
        days = self.reminder_days
        if len(days) > REMINDERS_MAX or list(days) != sorted(set(days)) or not all(0 <= d <= DAYS_MAX for d in days):
            told = f"at most {REMINDERS_MAX} different days after the due day, in order, up to {DAYS_MAX}"
            raise InvalidTerms(reason=f"Reminders are on {told}.")

    def newest_end(self, at: datetime, time_zone: str) -> datetime | None:
        """The newest instant, `at` or before, at which a window was to end; None when nothing is scheduled."""
        zone = ZoneInfo(time_zone)
        today = at.astimezone(zone).date()
        if self.cadence is Cadence.BY_HAND:
            return None
        if self.cadence is Cadence.WEEKLY:
            ends_on = today - timedelta(days=(today.isoweekday() - self.day) % 7)
        else:
            first = today.replace(day=1)
            month = first if today.day >= self.day else (first - timedelta(days=1)).replace(day=1)
            ends_on = month.replace(day=self.day)
        return datetime(ends_on.year, ends_on.month, ends_on.day, tzinfo=zone).astimezone(UTC)

    def reminder_step(self, due_on: date, today: date) -> int | None:
        """Which of the reminder days has come last; None before the first."""
        return max((days for days in self.reminder_days if due_on + timedelta(days=days) <= today), default=None)
