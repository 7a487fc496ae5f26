"""Group commit: the commands that queued while the database appended are decided in order and appended together.

One thread per coalition and process decides, another waits for the database, so that the next batch is decided while
the last one is appended. A batch is decided on what the log held when it was looked at; if the append finds that stale,
it is decided once more while the head row is held, so it cannot be stale twice. A key that was used before is found by
the append too, so a repeat, also after a lost connection, gets the stored answer and writes nothing.
"""

import logging
import queue
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

import psycopg

from network.deciding import Answer, Decided, Means, Request, Waiting
from network.domain.aggregate import Aggregate
from network.sealing import Seal
from network.store.mapper import EventMapper
from network.store.recorder import CoalitionRecorder
from network.unit import Decide, WorkingSet

log = logging.getLogger(__name__)

BATCH_MAX = 128
WAITING_MAX = 10_000
AGGREGATES_KEPT = 20_000
RETRIES = 8
_RETRIED = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.UniqueViolation,
    psycopg.errors.CheckViolation,
    psycopg.errors.InternalError_,
)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""PostgreSQL holds no NUL in text, and no half of a surrogate pair."""


class Busy(Exception):
    """More commands wait than the network will keep; try again in a moment."""


@dataclass(frozen=True, slots=True, eq=False)
class _Flight:
    """A batch on its way to the database. True: it is written, and its commands are answered."""

    decided: Decided
    written: "Future[bool]"


class Committer:
    """Decides and appends for one coalition; see `Means` for what it decides with."""

    def __init__(
        self,
        *,
        connect: Callable[[], psycopg.Connection],
        schema: str,
        epoch: int,
        coalition_id: UUID,
        seal: Seal,
        code_of: Callable[[UUID, int], bytes],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        appended: Callable[[int], None] = lambda position: None,
    ) -> None:
        self._connect = connect
        self._schema = schema
        self._epoch = epoch
        self._means = Means(coalition_id, EventMapper(), seal, clock, code_of)
        self._appended = appended
        self._recorder: CoalitionRecorder | None = None
        self._known: dict[UUID, Aggregate] = {}
        self._current: set[UUID] = set()
        self._position = -1
        self._presuming = False
        self._queue: queue.SimpleQueue[Waiting | Future[bool] | None] = queue.SimpleQueue()
        self._waiting: list[Waiting] = []
        self._next: Decided | None = None
        self._flight: _Flight | None = None
        self._stopping = False
        self._appender = ThreadPoolExecutor(1, f"appender-{schema}")
        self._thread = threading.Thread(target=self._run, name=f"committer-{schema}", daemon=True)
        self._thread.start()

    def submit(
        self,
        request: Request,
        decide: Decide,
        *,
        loads: Sequence[UUID] = (),
        makes: Sequence[UUID] = (),
        visits: Callable[[WorkingSet], Iterable[tuple[UUID, UUID]]] | None = None,
    ) -> "Future[Answer]":
        """Queue a command. `loads` and `visits` name what it will look at, so that a batch loads it in one query;
        `makes` what it will most likely begin, which is not looked up at all. Raises: Busy when too many wait.
        """
        if self._stopping or self._queue.qsize() > WAITING_MAX:
            raise Busy()
        waiting = Waiting(request, decide, loads, makes, visits)
        if _UNSTORABLE.search(request.caller + request.key):
            waiting.future.set_exception(ValueError("a request key is text that the database can hold"))
        else:
            self._queue.put(waiting)
        return waiting.future

    def stop(self) -> None:
        """Answer what waits, then end the threads and close the connection."""
        self._stopping = True
        self._queue.put(None)
        self._thread.join()
        self._appender.shutdown()
        while not self._queue.empty():  # came in beside the end
            late = self._queue.get()
            if isinstance(late, Waiting):
                _resolve(late.future, Busy())
        if self._recorder is not None:
            self._recorder.connection.close()

    def _run(self) -> None:
        ending = False
        while not ending or self._waiting or self._flight is not None:
            for came in self._take():
                if came is None:
                    ending = True
                elif isinstance(came, Waiting):
                    self._waiting.append(came)
                elif self._flight is not None and came is self._flight.written:
                    self._land(self._flight)
            if self._waiting and self._has_room():
                self._decide()
            if self._flight is None and self._next is not None:
                self._launch(self._next)

    def _take(self) -> "Iterator[Waiting | Future[bool] | None]":
        """What came: all that is there, after a wait if there is nothing else to do."""
        try:
            if not (self._waiting and self._has_room()):
                yield self._queue.get()
            while len(self._waiting) < BATCH_MAX:
                yield self._queue.get_nowait()
        except queue.Empty:
            pass

    def _has_room(self) -> bool:
        return self._next is None or (len(self._next.taken) < BATCH_MAX and not self._next.is_closed)

    def _decide(self) -> None:
        """Decide what waits, on top of what is under way."""
        decided = self._next
        waiting, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
        try:
            if decided is None:
                decided = self._next = self._begin(self._opened(), locked=False)
            decided.decide(waiting, presuming=self._presuming)
        except Exception as error:  # noqa: BLE001 - seen from two moments, or no database: decided again, with care
            log.info("decided_again", extra={"error": type(error).__name__})
            self._next = None
            if decided is not None:  # before anything else is decided on what it left in memory
                self._distrust(decided)
                waiting = [*decided.taken, *decided.left_over]
            self._settle()
            self._commit(waiting)
        else:
            self._waiting = decided.left_over + self._waiting

    def _launch(self, decided: Decided) -> None:
        """Send it, and go on as if it were written already."""
        self._next = None
        self._remember(decided)
        recorder = self._opened()
        written = self._appender.submit(self._append, decided)
        recorder.appending = written
        self._flight = _Flight(decided, written)
        # Told by the future alone: one that knew its batch would be a cycle, and a whole batch left to the collector.
        written.add_done_callback(self._queue.put)

    @staticmethod
    def _append(decided: Decided) -> bool:
        """In the appender's thread."""
        if not decided.append():
            return False
        for waiting, answer in decided.answers():
            _resolve(waiting.future, answer)
        return True

    def _settle(self) -> None:
        """Wait until nothing is under way."""
        while self._flight is not None:
            wait([self._flight.written])
            self._land(self._flight)

    def _land(self, flight: _Flight) -> None:
        """Go on from what it wrote, or decide it again, and what was decided on top of it."""
        self._flight = None
        failure = flight.written.exception()
        if failure is None and flight.written.result():
            self._confirm(flight.decided)
            return
        if failure is not None:
            log.warning("append_retried", extra={"error": type(failure).__name__})
            self._forget()
        for doubted in (flight.decided, self._next):
            if doubted is not None:
                self._distrust(doubted)
        if self._next is not None:
            self._waiting = self._next.taken + self._waiting
            self._next = None
        self._commit(flight.decided.taken)

    def _commit(self, batch: list[Waiting]) -> None:
        """Decide and append while the head row is held, so that nobody else can append meanwhile."""
        for attempt in range(RETRIES):
            try:
                decided = self._commit_locked(batch)
            except _RETRIED as error:
                log.warning("append_retried", extra={"attempt": attempt, "error": type(error).__name__})
                self._forget()
                failure: Exception = error
                time.sleep(min(1.0, 0.01 * 2**attempt))
            except Exception as error:  # a bug must not leave callers waiting
                log.exception("append_failed")
                self._forget()
                failure = error
                break
            else:
                for waiting, answer in decided.answers():
                    _resolve(waiting.future, answer)
                self._remember(decided)
                self._confirm(decided)
                self._waiting = decided.left_over + self._waiting
                return
        for waiting in batch:
            _resolve(waiting.future, failure)

    def _commit_locked(self, batch: list[Waiting]) -> Decided:
        recorder = self._opened()
        with recorder.connection.transaction():
            recorder.lock_head()
            decided = self._begin(recorder, locked=True)
            decided.decide(batch)
            assert decided.append(), "nobody else can append while the head row is held"
        return decided

    def _begin(self, recorder: CoalitionRecorder, *, locked: bool) -> Decided:
        current = frozenset() if locked else self._current
        return Decided(self._means, WorkingSet(recorder, self._means.mapper, self._known, current), locked=locked)

    def _opened(self) -> CoalitionRecorder:
        if self._recorder is None:
            self._recorder = CoalitionRecorder(self._connect(), self._schema, self._epoch)
            self._recorder.look_up_by_index()
        return self._recorder

    def _remember(self, decided: Decided) -> None:
        self._known.update(decided.working.aggregates)
        self._current.update(decided.working.aggregates)
        if len(self._known) > AGGREGATES_KEPT:  # forget the older half; what is used again is read again
            for aggregate_id in list(islice(self._known, AGGREGATES_KEPT // 2)):
                self._known.pop(aggregate_id)
                self._current.discard(aggregate_id)

    def _confirm(self, decided: Decided) -> None:
        """It is written. What is remembered is current for as long as nobody else appends; when somebody did, it is
        caught up from the log again before it is looked at.
        """
        if not decided.batch.requests:
            return
        if decided.start != self._position:
            self._current.clear()
        self._position = decided.start + len(decided.batch.events)
        self._presuming = not decided.locked
        if decided.batch.events:
            self._hint()

    def _distrust(self, decided: Decided) -> None:
        """It was not written: what it changed, or read when that was out of date, is read again."""
        for aggregate_id in decided.working.bases:
            self._known.pop(aggregate_id, None)
            self._current.discard(aggregate_id)

    def _forget(self) -> None:
        self._known.clear()
        self._current.clear()
        if self._recorder is not None:
            self._recorder.connection.close()
            self._recorder = None

    def _hint(self) -> None:
        """Tell whoever reads the log that it grew. Nothing that happens here can change an answer."""
        try:
            self._appended(self._position)
        except Exception:  # a listener's fault is not the writer's
            log.exception("hint_failed")


def _resolve(future: "Future[Answer]", outcome: Answer | Exception) -> None:
    if future.cancelled() or not future.set_running_or_notify_cancel():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
