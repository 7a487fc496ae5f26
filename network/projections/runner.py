"""Keeps the views of every coalition up with its log, in one thread of the server.

One process leads a coalition, by an advisory lock that only saves work: if two run at once, the tracking rows let each
batch in once. The thread polls, and is woken after each commit of its own process.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg import Connection

from network.projections.batches import BATCH_EVENTS, Follower
from network.projections.catalogue import PROJECTIONS
from network.projections.projection import Projection
from network.store.directory import Directory, Entry

log = logging.getLogger(__name__)

POLL_SECONDS = 0.05
GATHER_FROM_EVENTS = 20
GATHER_SECONDS = 0.25
PATIENT_GATHER_SECONDS = 1.0
"""After a batch of that many: under load views take what gathered meanwhile, at a fraction of the cost for each event
(measured: batches of 500 cost a sixth of batches of 10). A till that writes and then reads is not kept waiting.
"""
POLL_IDLE_SECONDS = 0.25
IDLE_AFTER_SECONDS = 10.0
LEADER_RETRY_SECONDS = 1.0
DIRECTORY_SECONDS = 2.0
REPAIR_SECONDS = 0.5


@dataclass(slots=True)
class _Followed:
    """One coalition that this process looks after, or would if it could."""

    entry: Entry
    follower: Follower | None = None
    next_at: float = 0.0
    not_before: float = 0.0
    patient_at: float = 0.0
    active_at: float = field(default_factory=time.monotonic)


class ProjectionRunner:
    """`connect` opens a connection as the application. Give `appended` to `Coalitions` as the hint after a commit."""

    def __init__(
        self,
        directory: Directory,
        connect: Callable[[str], Connection],
        *,
        projections: Sequence[Projection] = PROJECTIONS,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._directory = directory
        self._connect = connect
        self._projections = projections
        self._poll_seconds = poll_seconds
        self._followed: dict[str, _Followed] = {}
        self._connections: dict[str, Connection] = {}
        self._directory_at = 0.0
        self._hinted: set[str] = set()
        self._hints = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def appended(self, slug: str, position: int) -> None:
        """Events were appended to this coalition's log; safe from any thread, and cheap."""
        with self._hints:
            self._hinted.add(slug)
        self._wake.set()

    def start(self) -> None:
        """Begin to follow every coalition in the directory, also those that are founded later."""
        assert self._thread is None, "a runner is started once"
        self._thread = threading.Thread(target=self._run, name="projections", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch in hand, then give up leadership. Safe to repeat."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs, for the health page."""
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._wake.clear()
                try:
                    busy = self._round()
                except psycopg.Error as error:
                    log.warning("projections_retried", extra={"error": type(error).__name__})
                    self._stopping.wait(REPAIR_SECONDS)
                    continue
                except Exception:  # a bug in one round must not end the views of every coalition
                    log.exception("projections_failed")
                    self._stopping.wait(REPAIR_SECONDS)
                    continue
                if not busy:
                    self._wake.wait(self._poll_seconds)
        finally:
            for connection in self._connections.values():
                connection.close()

    def _round(self) -> bool:
        """One batch for each coalition that has something new; True when there may be more at once."""
        with self._hints:
            hinted, self._hinted = self._hinted, set()
        now = time.monotonic()
        if now >= self._directory_at or hinted - self._followed.keys():
            self._read_directory()
            self._directory_at = now + DIRECTORY_SECONDS
        busy = False
        for slug, followed in self._followed.items():
            hint = slug in hinted and followed.follower and now >= followed.not_before
            if hint or now >= followed.next_at:
                busy |= self._follow(followed)
        return busy

    def _read_directory(self) -> None:
        entries = {entry.slug: entry for entry in self._directory.all()}
        for slug in [slug for slug, followed in self._followed.items() if followed.entry != entries.get(slug)]:
            self._give_up(self._url(self._followed[slug].entry))
            self._followed.pop(slug, None)
        for slug, entry in entries.items():
            self._followed.setdefault(slug, _Followed(entry))

    def _follow(self, followed: _Followed) -> bool:
        try:
            if followed.follower is None:
                followed.follower = self._lead(followed.entry)
                if followed.follower is None:
                    followed.next_at = time.monotonic() + LEADER_RETRY_SECONDS
                    return False
            patient = time.monotonic() >= followed.patient_at
            read = followed.follower.step(patient=patient)
        except psycopg.Error as error:
            extra = {"coalition": followed.entry.slug, "error": type(error).__name__}
            log.warning("projection_retried", extra=extra)
            followed.next_at = time.monotonic() + REPAIR_SECONDS
            self._give_up_if_broken(self._url(followed.entry))
            return False
        now = time.monotonic()
        if read:
            followed.active_at = now
        if GATHER_FROM_EVENTS <= read < BATCH_EVENTS:
            followed.not_before = now + GATHER_SECONDS
            if patient:
                followed.patient_at = now + PATIENT_GATHER_SECONDS
        idle = now - followed.active_at > IDLE_AFTER_SECONDS
        followed.next_at = max(now + (POLL_IDLE_SECONDS if idle else self._poll_seconds), followed.not_before)
        return read >= BATCH_EVENTS

    def _lead(self, entry: Entry) -> Follower | None:
        """The follower, if no other process leads this coalition."""
        connection = self._connection(self._url(entry))
        row = connection.execute(
            "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (f"{entry.schema_name}.projections",)
        ).fetchone()
        if row is None or not row[0]:
            return None
        follower = Follower(connection, entry.schema_name, self._projections)
        follower.resume()
        return follower

    def _connection(self, url: str) -> Connection:
        """One connection a database; it holds the locks of all coalitions there that this process leads."""
        if url not in self._connections:
            connection = self._connect(url)
            # A view that lost its last commits in a crash folds them again: it need not wait for the disk.
            connection.execute("SET synchronous_commit = off")
            self._connections[url] = connection
        return self._connections[url]

    def _give_up_if_broken(self, url: str) -> None:
        connection = self._connections.get(url)
        if connection is None or connection.closed:
            self._give_up(url)

    def _give_up(self, url: str) -> None:
        """Close the connection, and with it the locks; whoever leads next begins from the tracking rows."""
        connection = self._connections.pop(url, None)
        if connection is not None:
            connection.close()
        for followed in self._followed.values():
            if self._url(followed.entry) == url:
                followed.follower = None

    def _url(self, entry: Entry) -> str:
        return entry.database_url or self._directory.database_url
