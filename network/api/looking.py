"""Questions that must not be late: answered from the log itself, as a command would see it, and nothing is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from network.coalitions import OpenCoalition
from network.unit import Unit, WorkingSet


@contextmanager
def looking(coalition: OpenCoalition, at: datetime) -> Iterator[Unit]:
    """What a command would see now. For a thread."""
    with coalition.reading() as recorder:
        working = WorkingSet(recorder, coalition.mapper, {})
        yield Unit(working, coalition_id=coalition.coalition_id, at=at)
