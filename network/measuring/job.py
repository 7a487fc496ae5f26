"""Effects are measured every hour beside the server, for every coalition, as soon as their views are there."""

from datetime import datetime, timedelta
from typing import Final

from network.coalitions import Coalitions, OpenCoalition
from network.jobs import Job
from network.measuring.keeping import VIEWS, keep
from network.projections.tracking import are_up_to_date

EVERY: Final = timedelta(hours=1)
LOOK_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 2.0
"""On a busy street views are always a moment behind."""


class MeasuringJob(Job):
    """A draw without new lifts is a draw, a report an hour older: what fails is tried again the next hour.

    While views come along with a history, after a first start or an import, nothing is measured: what half of it says
    would be shown for an hour. They are waited for, but no longer than the hour.
    """

    def __init__(self, coalitions: Coalitions, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        super().__init__(coalitions, "measuring", self._measure_due, every_seconds=LOOK_SECONDS)
        self._patience_seconds = patience_seconds
        self._due_at: dict[str, datetime] = {}

    def _measure_due(self, coalition: OpenCoalition, at: datetime) -> None:
        slug = coalition.entry.slug
        due_at = self._due_at.setdefault(slug, at)
        if at < due_at:
            return
        with coalition.readers.connection() as connection:
            is_late = at >= due_at + EVERY
            if not is_late and not are_up_to_date(connection, coalition.schema, VIEWS, self._patience_seconds):
                return
            self._due_at[slug] = at + EVERY
            keep(connection, coalition.schema, at)
