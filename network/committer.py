"""Group commit: the commands that queued during the last commit are decided in order and appended together.

One thread per coalition and process. A batch is decided on what the log held when it was loaded; if the append finds
that stale, the batch is decided once more while the head row is held, so it cannot be stale twice. A key that was used
before is found by the append too, so a repeat, also after a lost connection, gets the stored answer and writes nothing.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

import msgspec
import psycopg

from network.domain.aggregate import Aggregate
from network.domain.certificate import Certificate
from network.domain.coalition import Coalition
from network.domain.errors import CapReached, Refusal, RequestConflict, money_facts, refusal_of
from network.domain.exposure import Move, moves_of
from network.domain.payment import Payment
from network.sealing import Seal
from network.store.mapper import EventMapper
from network.store.recorder import Batch, CoalitionRecorder, StoredAnswer
from network.unit import Decide, Happened, Unit, WorkingSet

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
_json = msgspec.json.Encoder()


class Busy(Exception):
    """More commands wait than the network will keep; try again in a moment."""


@dataclass(frozen=True, slots=True)
class Request:
    """Whose command it is, its id, and a digest of its details. `at` is the recorded time of an import."""

    caller: str
    key: str
    fingerprint: bytes
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command was answered with, byte for byte, and the log position from which a view shows it."""

    body: bytes
    position: int
    refused: bool = False

    def facts(self) -> dict[str, object]:
        """The body as values. Raises: the Refusal that the command was refused with."""
        facts: dict[str, object] = msgspec.json.decode(self.body)
        if self.refused:
            raise refusal_of(facts)
        return facts


@dataclass(slots=True, eq=False)
class _Waiting:
    request: Request
    decide: Decide
    loads: Sequence[UUID]
    makes: Sequence[UUID]
    visits: Callable[[WorkingSet], Iterable[tuple[UUID, UUID]]] | None
    future: "Future[Answer]" = field(default_factory=Future)


class Committer:
    """Decides and appends for one coalition. `code_of` gives the digest of the typed code of (certificate, epoch)."""

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
        self._coalition_id = coalition_id
        self._seal = seal
        self._code_of = code_of
        self._clock = clock
        self._appended = appended
        self._mapper = EventMapper()
        self._recorder: CoalitionRecorder | None = None
        self._known: dict[UUID, Aggregate] = {}
        self._current: set[UUID] = set()
        self._position = -1
        self._presuming = False
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._left_over: list[_Waiting] = []
        self._thread = threading.Thread(target=self._run, name=f"committer-{schema}", daemon=True)
        self._stopping = False
        self._hinted = 0
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
        waiting = _Waiting(request, decide, loads, makes, visits)
        if _is_storable(request.caller + request.key):
            self._queue.put(waiting)
        else:
            waiting.future.set_exception(ValueError("a request key is text that the database can hold"))
        return waiting.future

    def stop(self) -> None:
        """Answer what waits, then end the thread and close its connection."""
        self._stopping = True
        self._queue.put(None)
        self._thread.join()
        while not self._queue.empty():  # came in beside the end
            late = self._queue.get()
            if late is not None:
                _resolve(late.future, Busy())
        if self._recorder is not None:
            self._recorder.connection.close()

    def _run(self) -> None:
        while True:
            batch = self._left_over
            self._left_over = []
            stopping = False
            try:
                if not batch:
                    stopping = self._take(batch, block=True)
                while len(batch) < BATCH_MAX and not stopping:
                    stopping = self._take(batch, block=False)
            except queue.Empty:
                pass
            if batch:
                self._commit(batch)
            if stopping:
                while self._left_over:
                    rest, self._left_over = self._left_over, []
                    self._commit(rest)
                return

    def _take(self, batch: list[_Waiting], *, block: bool) -> bool:
        waiting = self._queue.get(block=block)
        if waiting is None:
            return True
        batch.append(waiting)
        return False

    def _commit(self, batch: list[_Waiting]) -> None:
        for attempt in range(RETRIES):
            try:
                answers = self._attempt(batch)
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
                for waiting, answer in answers:
                    _resolve(waiting.future, answer)
                self._hint()
                return
        for waiting in batch:
            _resolve(waiting.future, failure)

    def _attempt(self, batch: list[_Waiting]) -> list[tuple[_Waiting, Answer | Exception]]:
        recorder = self._recorder
        if recorder is None:
            recorder = self._recorder = CoalitionRecorder(self._connect(), self._schema, self._epoch)
            recorder.look_up_by_index()
        decided = self._decided_unlocked(recorder, batch)
        if decided is None:
            with recorder.connection.transaction():
                recorder.lock_head()
                decided = _Decided(self, recorder, locked=True)
                decided.decide_all(batch)
                assert decided.append(), "nobody else can append while the head row is held"
        self._keep(decided)
        self._left_over = decided.left_over
        if decided.batch.events:
            self._hinted = decided.start + len(decided.batch.events)
        return decided.answers()

    def _decided_unlocked(self, recorder: CoalitionRecorder, batch: list[_Waiting]) -> "_Decided | None":
        """The batch, appended; None when it has to be decided again while nobody else can append."""
        decided = _Decided(self, recorder, locked=False)
        try:
            decided.decide_all(batch)
            if decided.append():
                return decided
        except _TornRead:
            pass
        for aggregate_id in decided.working.bases:  # changed by commands that were not written, or out of date
            self._known.pop(aggregate_id, None)
            self._current.discard(aggregate_id)
        return None

    def _hint(self) -> None:
        """Tell whoever reads the log that it grew. Nothing that happens here can change an answer."""
        position, self._hinted = self._hinted, 0
        if position:
            try:
                self._appended(position)
            except Exception:  # a listener's fault is not the writer's
                log.exception("hint_failed")

    def _keep(self, decided: "_Decided") -> None:
        """Remember what the batch leaves behind. It is current for as long as nobody else appends, which the next
        append shows: then what is known is caught up from the log again before it is looked at.
        """
        self._known.update(decided.working.aggregates)
        if decided.batch.requests:
            if decided.start != self._position:
                self._current.clear()
            self._current.update(decided.working.aggregates)
            self._position = decided.start + len(decided.batch.events)
            self._presuming = not decided.locked
        if len(self._known) > AGGREGATES_KEPT:  # forget the older half; what is used again is read again
            for aggregate_id in list(islice(self._known, AGGREGATES_KEPT // 2)):
                del self._known[aggregate_id]
                self._current.discard(aggregate_id)

    def _forget(self) -> None:
        self._known.clear()
        self._current.clear()
        if self._recorder is not None:
            self._recorder.connection.close()
            self._recorder = None


class _NextBatch(Exception):
    """This command cannot share an append with those before it."""


class _TornRead(Exception):
    """A command failed, perhaps because it saw two moments of the log: what it looked at was loaded by two queries."""


class _Decided:
    """One attempt at a batch: every command decided in order, and what the append has to write."""

    def __init__(self, committer: Committer, recorder: CoalitionRecorder, *, locked: bool) -> None:
        self._committer = committer
        self.locked = locked
        self._recorder = recorder
        self.working = WorkingSet(recorder, committer._mapper, committer._known, committer._current)
        self.batch = Batch()
        self.working.new_visits = self.batch.visits
        self.working.moves = self.batch.moves
        self.start = 0
        self.left_over: list[_Waiting] = []
        self._time_zone = ""
        self._outcomes: list[tuple[_Waiting, Answer | Exception, int]] = []
        self._by_key: dict[tuple[str, str], tuple[bytes, Answer, int]] = {}

    def append(self) -> bool:
        """Write it; False when it was decided on stale facts."""
        if not self.batch.requests:
            return True
        self.batch.bases = self.working.bases
        start = self._recorder.append(self.batch)
        if start is None:
            return False
        self.start = start
        return True

    def answers(self) -> list[tuple[_Waiting, Answer | Exception]]:
        """For every command its answer, or the error that only a bug could make."""
        resolved: list[tuple[_Waiting, Answer | Exception]] = []
        for waiting, outcome, last_event in self._outcomes:
            if isinstance(outcome, Answer) and last_event >= 0:
                resolved.append((waiting, Answer(outcome.body, self.start + last_event, outcome.refused)))
            else:
                resolved.append((waiting, outcome))
        return resolved

    def decide_all(self, waiting: list[_Waiting]) -> None:
        """Raises: _TornRead."""
        # Most keys are new. One that is not makes the append find the batch stale, and then all are looked up.
        keys = [(w.request.caller, w.request.key) for w in waiting]
        stored = self._recorder.answers(keys) if self.locked else {}
        if self._committer._presuming and not self.locked:
            self.working.presume_free(i for w in waiting for i in w.makes)
        self.working.load({i for w in waiting for i in (*w.loads, *w.makes)} | {self._committer._coalition_id})
        pairs = [pair for w in waiting if w.visits for pair in w.visits(self.working)]
        if pairs:
            self.working.look_up_visits(pairs)
        for place, one in enumerate(waiting):
            try:
                self._decide(one, stored.get((one.request.caller, one.request.key)))
            except _NextBatch:
                self.left_over = waiting[place:]
                return
            if self.batch.caps:
                self.left_over = waiting[place + 1 :]
                return

    def _decide(self, waiting: _Waiting, stored: StoredAnswer | None) -> None:
        request = waiting.request
        key = (request.caller, request.key)
        if stored is not None:
            same = stored.fingerprint == request.fingerprint
            answer = Answer(self._open(stored.answer, key), stored.position, stored.refused)
            self._outcomes.append((waiting, answer if same else _refused(RequestConflict()), -1))
        elif key in self._by_key:
            fingerprint, answer, last_event = self._by_key[key]
            same = fingerprint == request.fingerprint
            self._outcomes.append((waiting, answer, last_event) if same else (waiting, _refused(RequestConflict()), -1))
        else:
            self._decide_new(waiting)

    def _decide_new(self, waiting: _Waiting) -> None:
        unit = Unit(
            self.working,
            coalition_id=self._committer._coalition_id,
            at=(waiting.request.at or self._committer._clock()).astimezone(UTC),
        )
        try:
            body = _json.encode(waiting.decide(unit))
            events = unit.happened()
            stored = [self._committer._mapper.to_stored_event(event) for event in events]
            moves = self._moves(events, unit)
        except _NextBatch:
            unit.withdraw()
            raise
        except Refusal as refusal:
            unit.withdraw()
            self._write(waiting, _refused(refusal))
        except Exception as error:  # one command's bug is its own; its neighbours go on
            if not self.locked:
                raise _TornRead from error
            log.exception("command_failed")
            unit.withdraw()
            self._outcomes.append((waiting, error, -1))
        else:
            unit.accept()
            for move in moves:
                self._count(move)
            self.batch.events += stored
            self._write_guards(events)
            self._write(waiting, Answer(body, 0))

    def _moves(self, events: list[Happened], unit: Unit) -> list[Move]:
        """What the events move under the caps, in order. Raises: CapReached when a new issue finds no room, and
        _NextBatch for what the append could not tell from a stale batch, because it sums a batch's moves: a cap that
        changes after other commands, and what is promised already going beyond a cap after an issue filled it.
        """
        if not events:
            return []
        coalition = unit.coalition
        if self.batch.events and any(isinstance(event, Coalition.CapSet) for event in events):
            raise _NextBatch
        moves = [move for event in events for move in moves_of(event, coalition.time_zone)]
        if coalition.caps:
            self._must_fit(moves, coalition)
        return moves

    def _must_fit(self, moves: list[Move], coalition: Coalition) -> None:
        running: dict[tuple[str, str], int] = {}
        for move in moves:
            cap = coalition.caps.get(move.scope)
            if cap is None:
                continue
            key = (move.scope, move.key)
            used = running.get(key, self.working.used_of(*key))
            if move.guarded and used + move.amount > cap:
                raise _cap_reached(coalition, move, available=max(0, cap - used))
            if (
                not move.guarded
                and move.amount > 0
                and used + move.amount > cap
                and self.batch.moves.get(key, (0, 0))[1]
            ):
                raise _NextBatch
            running[key] = used + move.amount

    def _count(self, move: Move) -> None:
        key = (move.scope, move.key)
        counted = self.batch.moves.setdefault(key, [0, 0])
        counted[1 if move.guarded else 0] += move.amount
        if key in self.working.used:
            self.working.used[key] += move.amount

    def _write_guards(self, events: list[Happened]) -> None:
        batch = self.batch
        for event in events:
            match event:
                case Certificate.Issued():
                    self._remember_code(event.originator_id, 0)
                case Certificate.Claimed() if event.holder_key is not None:
                    pass  # a phone asks for its codes: one that stays the same would be a copy
                case Certificate.Claimed() | Certificate.PassedOn() | Certificate.Printed():
                    self._remember_code(event.originator_id, event.epoch)
                case Payment.Recorded() | Payment.Completed() if event.customer_id is not None:
                    pair = (event.merchant_id, event.customer_id)
                    batch.visits[pair] = max(event.timestamp, batch.visits.get(pair, event.timestamp))
                case Coalition.CapSet():
                    batch.caps[event.scope] = event.limit
                case _:
                    pass

    def _remember_code(self, certificate_id: UUID, epoch: int) -> None:
        self.batch.codes.append((self._committer._code_of(certificate_id, epoch), certificate_id, epoch))

    def _write(self, waiting: _Waiting, answer: Answer) -> None:
        """Keep the answer under its key. Its position covers all that it was decided on, this batch's events too."""
        request = waiting.request
        last_event = len(self.batch.events)
        key = (request.caller, request.key)
        sealed = self._committer._seal.seal(answer.body, _context(key))
        self.batch.requests.append((*key, request.fingerprint, answer.refused, sealed, last_event))
        self._by_key[key] = (request.fingerprint, answer, last_event)
        self._outcomes.append((waiting, answer, last_event))

    def _open(self, sealed: bytes, key: tuple[str, str]) -> bytes:
        return self._committer._seal.open(sealed, _context(key))


def _is_storable(text: str) -> bool:
    """PostgreSQL holds no NUL in text, and no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= symbol <= "\udfff" for symbol in text)


def _context(key: tuple[str, str]) -> bytes:
    return "\0".join(key).encode()


def _refused(refusal: Refusal) -> Answer:
    return Answer(_json.encode(refusal.body()), 0, refused=True)


def _cap_reached(coalition: Coalition, move: Move, available: int) -> CapReached:
    counts_money = move.scope.partition(":")[0] in ("pair", "debtor", "agreement", "campaign")
    amounts = {"available": available, "requested": move.amount}
    facts = money_facts(coalition.currency, **amounts) if counts_money else dict(amounts)
    return CapReached(scope=move.scope.partition(":")[0], **facts)


def _resolve(future: "Future[Answer]", outcome: Answer | Exception) -> None:
    if future.cancelled() or not future.set_running_or_notify_cancel():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
