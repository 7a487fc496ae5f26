"""The settlement job: cuts windows by schedule, states them, lets silence speak, makes new versions, reminds.

Each step is a command that the log decides, so two jobs at once, or a job that was killed half-way, do nothing twice:
a window's number is cut once, its statement is stated once, a reminder's step is sent once.
"""

import logging
from dataclasses import dataclass, field
from datetime import date, datetime

from psycopg import Connection

from network.coalitions import Coalitions, OpenCoalition
from network.domain.errors import Refusal
from network.domain.exposure import local_day
from network.domain.schedule import Cadence, Schedule
from network.domain.window import State
from network.jobs import Job
from network.projections import coalition as coalition_view
from network.projections import payouts, windows
from network.projections.tracking import ViewBehind
from network.settlement.closing import agree_due, cut_window, state_window
from network.settlement.disputing import uphold_due
from network.settlement.requests import own_request
from network.settlement.restating import recompute_due

log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0


@dataclass(slots=True)
class Settled:
    """What one run did: the numbers of windows, and how many reminders."""

    cut: list[int] = field(default_factory=list)
    stated: list[int] = field(default_factory=list)
    restated: list[int] = field(default_factory=list)
    agreed: list[int] = field(default_factory=list)
    reminded: int = 0


def settle_due(coalition: OpenCoalition, at: datetime) -> Settled:
    """Do all that is due at `at`. Reads views: what they do not show yet is left for the next run."""
    done = Settled()
    with coalition.readers.connection() as connection:
        about = coalition_view.find(connection, coalition.schema)
        set_by = coalition_view.schedule(connection, coalition.schema)
        last = windows.last(connection, coalition.schema)
    if about is None:
        return done
    schedule = set_by.schedule if set_by else Schedule()
    ends_at = schedule.newest_end(at, about.time_zone)
    if ends_at is not None and set_by is not None:
        since = max(set_by.set_at, last.cut_at) if last else set_by.set_at
        if since < ends_at:
            done.cut = _cut(coalition, last.number + 1 if last else 1)
    if schedule.cadence is not Cadence.BY_HAND:
        done.stated = _state(coalition, done.cut)
    uphold_due(coalition, at)
    done.restated = recompute_due(coalition)
    done.agreed = agree_due(coalition, at)
    done.reminded = remind_due(coalition, schedule, date.fromisoformat(local_day(at, about.time_zone)))
    return done


def remind_due(coalition: OpenCoalition, schedule: Schedule, today: date) -> int:
    """Send every reminder whose day has come and that was not sent; of several that were missed, the last one."""
    with coalition.readers.connection() as connection:
        waiting = payouts.missing(connection, coalition.schema)
    sent = 0
    for row in waiting:
        step = schedule.reminder_step(date.fromisoformat(row.due_on), today)
        if step is None or (row.reminded_step is not None and row.reminded_step >= step):
            continue
        command = coalition.application.remind_payout(
            request=own_request("network", row.end_to_end_id, step),
            number=row.window_number,
            reference=row.end_to_end_id,
            step=step,
            by="network",
        )
        sent += not command.result().refused  # another run was first, or it was paid meanwhile
    return sent


class SettlementJob(Job):
    """Runs `settle_due` for every coalition each minute."""

    def __init__(self, coalitions: Coalitions, *, every_seconds: float = EVERY_SECONDS) -> None:
        super().__init__(coalitions, "settlement", _settle, every_seconds=every_seconds)


def _settle(coalition: OpenCoalition, at: datetime) -> None:
    done = settle_due(coalition, at)
    if done != Settled():
        extra = {
            "cut": done.cut,
            "stated": done.stated,
            "restated": done.restated,
            "agreed": done.agreed,
            "reminded": done.reminded,
        }
        log.info("settlement_went_on", extra={"coalition": coalition.entry.slug, **extra})


def _cut(coalition: OpenCoalition, number: int) -> list[int]:
    return [] if cut_window(coalition, number).refused else [number]


def _state(coalition: OpenCoalition, just_cut: list[int]) -> list[int]:
    """State every window that is cut, in order; one whose lines have not come to its cut waits for the next run."""
    with coalition.readers.connection() as connection:
        waiting = _waiting(connection, coalition.schema)
    stated = []
    for number in sorted({*waiting, *just_cut}):
        try:
            answer = state_window(coalition, number)
        except (Refusal, ViewBehind):
            break
        if not answer.refused:
            stated.append(number)
    return stated


def _waiting(connection: Connection, schema: str) -> list[int]:
    return [row.number for row in windows.in_state(connection, schema, State.CUT)]
