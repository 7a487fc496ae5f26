"""Windows end at local midnights, and reminders come some days after the due day."""

from datetime import UTC, date, datetime

import pytest

from network.domain.errors import InvalidTerms
from network.domain.schedule import Cadence, Schedule

RIGA = "Europe/Riga"


@pytest.mark.parametrize(
    ("schedule", "at", "ends"),
    [
        (Schedule(Cadence.MONTHLY, 1), "2026-03-01T00:00+02:00", "2026-02-28T22:00"),
        (Schedule(Cadence.MONTHLY, 1), "2026-02-28T23:59+02:00", "2026-01-31T22:00"),
        (Schedule(Cadence.MONTHLY, 1), "2026-04-30T12:00+03:00", "2026-03-31T21:00"),
        (Schedule(Cadence.MONTHLY, 15), "2026-01-14T12:00+02:00", "2025-12-14T22:00"),
        (Schedule(Cadence.MONTHLY, 28), "2026-03-28T00:00+02:00", "2026-03-27T22:00"),
        (Schedule(Cadence.WEEKLY, 1), "2026-03-02T00:00+02:00", "2026-03-01T22:00"),
        (Schedule(Cadence.WEEKLY, 1), "2026-03-08T23:59+02:00", "2026-03-01T22:00"),
        (Schedule(Cadence.WEEKLY, 7), "2026-03-04T12:00+02:00", "2026-02-28T22:00"),
        (Schedule(), "2026-03-04T12:00+02:00", None),
    ],
)
def test_the_newest_end(schedule: Schedule, at: str, ends: str | None) -> None:
    expected = datetime.fromisoformat(ends).replace(tzinfo=UTC) if ends else None

    assert schedule.newest_end(datetime.fromisoformat(at), RIGA) == expected


@pytest.mark.parametrize(("today", "step"), [(1, None), (9, None), (10, 0), (14, 0), (15, 5), (30, 5)])
def test_the_reminder_that_came_last(today: int, step: int | None) -> None:
    schedule = Schedule(reminder_days=(0, 5))

    assert schedule.reminder_step(date(2026, 3, 10), date(2026, 3, today)) == step


@pytest.mark.parametrize(
    "wrong",
    [
        Schedule(Cadence.MONTHLY, 29),
        Schedule(Cadence.WEEKLY, 8),
        Schedule(Cadence.MONTHLY, 0),
        Schedule(pay_days=-1),
        Schedule(pay_days=91),
        Schedule(reminder_days=(7, 0)),
        Schedule(reminder_days=(1, 1)),
        Schedule(reminder_days=(-1,)),
        Schedule(reminder_days=tuple(range(11))),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: Schedule) -> None:
    with pytest.raises(InvalidTerms):
        wrong.check()
