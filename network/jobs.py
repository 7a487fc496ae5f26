"""Work that comes round: the same for every coalition, in a thread of its own, safe to run in several processes."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

import psycopg

from network.coalitions import Coalitions, OpenCoalition

log = logging.getLogger(__name__)


class Job:
    """Runs `work` for every coalition, then waits. What a database that is away leaves undone is due in the next round.

    A coalition whose past is being imported is left alone: its clock is not the server's.
    """

    def __init__(
        self,
        coalitions: Coalitions,
        name: str,
        work: Callable[[OpenCoalition, datetime], None],
        *,
        every_seconds: float,
    ) -> None:
        self._coalitions = coalitions
        self._name = name
        self._work = work
        self._every_seconds = every_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_alive(self) -> bool:
        """Whether the job still runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin, with what is due now."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the coalition in hand."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def run_once(self) -> None:
        """One round, in the caller's thread."""
        for entry in self._coalitions.directory.all():
            if self._stopping.is_set():
                return
            if not entry.importing:
                self._work(self._coalitions.open(entry.slug), self._coalitions.clock())

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.run_once()
            except psycopg.Error as error:  # the database will be back; the work stays due
                log.warning("job_postponed", extra={"job": self._name, "error": type(error).__name__})
            except Exception:  # a bug in one round must not end the job
                log.exception("job_failed", extra={"job": self._name})
            self._stopping.wait(self._every_seconds)
