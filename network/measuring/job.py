"""Effects are measured every hour beside the server, for every coalition."""

from datetime import datetime

from network.coalitions import Coalitions, OpenCoalition
from network.jobs import Job
from network.measuring.keeping import keep

EVERY_SECONDS = 3_600.0


class MeasuringJob(Job):
    """A draw without new lifts is a draw, a report an hour older: what fails is tried again the next hour."""

    def __init__(self, coalitions: Coalitions, *, every_seconds: float = EVERY_SECONDS) -> None:
        super().__init__(coalitions, "measuring", _measure, every_seconds=every_seconds)


def _measure(coalition: OpenCoalition, at: datetime) -> None:
    with coalition.readers.connection() as connection:
        keep(connection, coalition.schema, at)
