"""Work that comes round: the same for every coalition, in a thread of its own, safe to run in several processes."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
        """One round, in the caller's thread. Raises: what the work raises."""
        for slug in self._slugs():
            self._do(slug)

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self._survived():
                for slug in self._slugs():
                    with self._survived(slug):
                        self._do(slug)
            self._stopping.wait(self._every_seconds)

    def _slugs(self) -> list[str]:
        return [entry.slug for entry in self._coalitions.directory.all() if not entry.importing]

    def _do(self, slug: str) -> None:
        if not self._stopping.is_set():
            self._work(self._coalitions.open(slug), self._coalitions.clock())

    @contextmanager
    def _survived(self, slug: str | None = None) -> Iterator[None]:
        """The trouble of one coalition is not that of the others, and none ends the job."""
        try:
            yield
        except psycopg.Error as error:  # the database will be back; the work stays due
            log.warning("job_postponed", extra=self._about(slug) | {"error": type(error).__name__})
        except Exception:  # a bug in one round must not end the job
            log.exception("job_failed", extra=self._about(slug))

    def _about(self, slug: str | None) -> dict[str, str]:
        return {"job": self._name} | ({"coalition": slug} if slug else {})
