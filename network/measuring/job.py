"""Effects are measured every hour beside the server, for every coalition."""

import logging
import threading

import psycopg

from network.coalitions import Coalitions
from network.measuring.keeping import keep

log = logging.getLogger(__name__)

EVERY_SECONDS = 3_600.0


class MeasuringJob:
    """Runs `keep` for every coalition each hour, in a thread beside the server."""

    def __init__(self, coalitions: Coalitions, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._coalitions = coalitions
        self._every_seconds = every_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="measuring", daemon=True)

    def start(self) -> None:
        """Begin, with what is known now."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the coalition in hand."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            for entry in self._entries():
                self._measure(entry)
            self._stopping.wait(self._every_seconds)

    def _entries(self) -> list[str]:
        try:
            return [entry.slug for entry in self._coalitions.directory.all() if not entry.importing]
        except psycopg.Error as error:  # the database will be back
            log.warning("measuring_postponed", extra={"error": type(error).__name__})
            return []

    def _measure(self, slug: str) -> None:
        if self._stopping.is_set():
            return
        try:
            coalition = self._coalitions.open(slug)
            with coalition.readers.connection() as connection:
                now = self._coalitions.clock()
                keep(connection, coalition.schema, now)
        except Exception:  # a draw without new lifts is a draw, a report an hour older: the next hour looks again
            log.exception("measuring_failed", extra={"coalition": slug})
