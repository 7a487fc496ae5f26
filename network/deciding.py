"""A batch of commands decided in order, and what the append has to write for them.

Decided on what the log held when it was looked at; the append says when that was stale, and writes nothing then.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from network.domain.certificate import Certificate
from network.domain.coalition import Coalition
from network.domain.errors import CapReached, Refusal, RequestConflict, money_facts, refusal_of
from network.domain.exposure import Move, moves_of
from network.domain.payment import Payment
from network.sealing import Seal
from network.store.mapper import EventMapper
from network.store.recorder import Batch, StoredAnswer, Write
from network.unit import Decide, Happened, Unit, WorkingSet

log = logging.getLogger(__name__)

_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Request:
    """Whose command it is, its id, and a digest of its details. `at` is the recorded time of an import.

    `beside`: what is written beside the log if the command is accepted, with its events and its answer or not at all.
    """

    caller: str
    key: str
    fingerprint: bytes
    at: datetime | None = None
    beside: tuple[Write, ...] = ()

    def with_beside(self, *writes: Write) -> "Request":
        """The same command, with this beside the log too."""
        return replace(self, beside=self.beside + writes)


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
class Waiting:
    """A command in the queue, and the future of its answer."""

    request: Request
    decide: Decide
    loads: Sequence[UUID]
    makes: Sequence[UUID]
    visits: Callable[[WorkingSet], Iterable[tuple[UUID, UUID]]] | None
    future: "Future[Answer]" = field(default_factory=Future)


class _NextBatch(Exception):
    """This command cannot share an append with those before it."""


class TornRead(Exception):
    """A command failed, perhaps because it saw two moments of the log: what it looked at was loaded by two queries."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a coalition's commands are decided with. `code_of`: the digest of the typed code of (certificate, epoch)."""

    coalition_id: UUID
    mapper: EventMapper
    seal: Seal
    clock: Callable[[], datetime]
    code_of: Callable[[UUID, int], bytes]


class Decided:
    """One attempt at a batch. `locked`: the caller holds the head row, so that nothing can be stale.

    It may be given commands bit by bit. One that cannot share an append with those before it closes the batch:
    it and what comes behind it are `left_over`.
    """

    def __init__(self, means: Means, working: WorkingSet, *, locked: bool) -> None:
        self._means = means
        self._recorder = working.recorder
        self.locked = locked
        self.working = working
        self.batch = Batch()
        self.working.new_visits = self.batch.visits
        self.working.moves = self.batch.moves
        self.start = 0
        self.taken: list[Waiting] = []
        self.left_over: list[Waiting] = []
        self._outcomes: list[tuple[Waiting, Answer | Exception, int]] = []
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

    def answers(self) -> list[tuple[Waiting, Answer | Exception]]:
        """For every command its answer, or the error that only a bug could make."""
        resolved: list[tuple[Waiting, Answer | Exception]] = []
        for waiting, outcome, last_event in self._outcomes:
            if isinstance(outcome, Answer) and last_event >= 0:
                resolved.append((waiting, Answer(outcome.body, self.start + last_event, outcome.refused)))
            else:
                resolved.append((waiting, outcome))
        return resolved

    def decide(self, waiting: Sequence[Waiting], *, presuming: bool = False) -> None:
        """Decide these too, in order. `presuming`: what they begin is not looked up. Raises: TornRead."""
        self.taken += waiting
        # Most keys are new. One that is not makes the append find the batch stale, and then all are looked up.
        keys = [(w.request.caller, w.request.key) for w in waiting]
        stored = self._recorder.answers(keys) if self.locked else {}
        if presuming:
            self.working.presume_free(i for w in waiting for i in w.makes)
        self.working.load({i for w in waiting for i in (*w.loads, *w.makes)} | {self._means.coalition_id})
        pairs = [pair for w in waiting if w.visits for pair in w.visits(self.working)]
        if pairs:
            self.working.look_up_visits(pairs)
        for place, one in enumerate(waiting):
            try:
                self._decide(one, stored.get((one.request.caller, one.request.key)))
            except _NextBatch:
                self._close(waiting[place:])
                return
            if self.batch.caps:
                self._close(waiting[place + 1 :])
                return

    @property
    def is_closed(self) -> bool:
        """Whether it takes no more: a cap changes at its end, or something is left over."""
        return bool(self.left_over or self.batch.caps)

    def _close(self, left_over: Sequence[Waiting]) -> None:
        self.left_over = list(left_over)
        if left_over:
            del self.taken[-len(left_over) :]

    def _decide(self, waiting: Waiting, stored: StoredAnswer | None) -> None:
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

    def _decide_new(self, waiting: Waiting) -> None:
        unit = Unit(
            self.working,
            coalition_id=self._means.coalition_id,
            at=(waiting.request.at or self._means.clock()).astimezone(UTC),
        )
        try:
            body = _json.encode(waiting.decide(unit))
            events = unit.happened()
            stored = [self._means.mapper.to_stored_event(event) for event in events]
            moves = self._moves(events, unit)
        except _NextBatch:
            unit.withdraw()
            raise
        except Refusal as refusal:
            unit.withdraw()
            self._write(waiting, _refused(refusal))
        except Exception as error:  # one command's bug is its own; its neighbours go on
            if not self.locked:
                raise TornRead from error
            log.exception("command_failed")
            unit.withdraw()
            self._outcomes.append((waiting, error, -1))
        else:
            unit.accept()
            for move in moves:
                self._count(move)
            self.batch.events += stored
            self.batch.beside += waiting.request.beside
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
        self.batch.codes.append((self._means.code_of(certificate_id, epoch), certificate_id, epoch))

    def _write(self, waiting: Waiting, answer: Answer) -> None:
        """Keep the answer under its key. Its position covers all that it was decided on, this batch's events too."""
        request = waiting.request
        last_event = len(self.batch.events)
        key = (request.caller, request.key)
        sealed = self._means.seal.seal(answer.body, _context(key))
        self.batch.requests.append((*key, request.fingerprint, answer.refused, sealed, last_event))
        self._by_key[key] = (request.fingerprint, answer, last_event)
        self._outcomes.append((waiting, answer, last_event))

    def _open(self, sealed: bytes, key: tuple[str, str]) -> bytes:
        return self._means.seal.open(sealed, _context(key))


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
