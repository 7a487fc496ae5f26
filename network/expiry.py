"""The expiry job: writes down that the time of certificates is over, so that their reserves are released."""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import psycopg

from network.application import Request
from network.coalitions import Coalitions, OpenCoalition
from network.domain.errors import Refusal
from network.projections import certificates
from network.watching import watch_caps

log = logging.getLogger(__name__)

AT_ONCE = 500
EVERY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Expiries:
    """What one run did. `refused`: ended in another way since the view was read, or expired by another run."""

    expired: int
    refused: int


def expire_due(coalition: OpenCoalition, at: datetime) -> Expiries:
    """Expire every active certificate whose time is over at `at`. Safe to repeat and to run twice at once.

    Reads the view `certificates`: what that does not show yet is left for the next run.
    """
    expired = refused = 0
    after = None
    while True:
        with coalition.readers.connection() as connection:
            due = certificates.due(connection, coalition.schema, at, after=after, limit=AT_ONCE)
        waiting = [
            coalition.application.expire_certificate(
                request=Request("network", str(uuid4()), row.certificate_id.bytes, at),
                certificate_id=row.certificate_id,
            )
            for row in due
        ]
        for future in waiting:
            try:
                future.result().facts()
            except Refusal:
                refused += 1
            else:
                expired += 1
        if len(due) < AT_ONCE:
            return Expiries(expired, refused)
        after = due[-1].expires_at, due[-1].certificate_id


class ExpiryJob:
    """Runs `expire_due` and `watch_caps` for every coalition each minute, in a thread of the server."""

    def __init__(self, coalitions: Coalitions, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._coalitions = coalitions
        self._every_seconds = every_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="expiry", daemon=True)

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

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._run_once()
            except psycopg.Error as error:  # the database will be back; the certificates stay due
                log.warning("expiry_postponed", extra={"error": type(error).__name__})
            self._stopping.wait(self._every_seconds)

    def _run_once(self) -> None:
        for entry in self._coalitions.directory.all():
            if self._stopping.is_set():
                return
            if entry.importing:
                continue
            watch_caps(self._coalitions.open(entry.slug))
            done = expire_due(self._coalitions.open(entry.slug), self._coalitions.clock())
            if done.expired:
                log.info("certificates_expired", extra={"coalition": entry.slug, "expired": done.expired})
