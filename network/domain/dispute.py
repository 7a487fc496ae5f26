"""A line of a statement that the side which it charges does not accept: raised -> (contested) -> upheld | rejected.

A line is disputed once, and how its dispute ends is the last word. Where money has to move because of the end, it is an
adjusting entry in the window that is open then.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from network.domain.aggregate import Aggregate, Created, Event
from network.domain.errors import (
    AnswerTimeNotOver,
    DisputeStateForbids,
    Invalid,
    InvalidAmount,
    LineNotDisputable,
    NotTheDebtor,
    NotTheOtherSide,
)
from network.domain.postings import Kind, Posting, organizer_of, pool_of
from network.domain.units import Minor

DAYS_TO_RAISE = 30
"""Whole local days after the statement in which its lines can be disputed."""

DAYS_TO_ANSWER = 5
"""Whole local days that the other side has; silence through them upholds."""

ANSWERED, SILENCE, DECIDED, WITHDRAWN = "answered", "silence", "decided", "withdrawn"
_ADDRESS_OR_NUMBER = re.compile(r"@|\+?\d(?:[ ()/.-]{0,2}\d){6,}")
_NOTE_MAX = 300


class Reason(StrEnum):
    """What is wrong with a line."""

    NOT_OURS = "not_ours"
    WRONG_AMOUNT = "wrong_amount"
    DUPLICATE = "duplicate"
    GOODS_REFUNDED = "goods_refunded"
    CERTIFICATE_INVALID = "certificate_invalid"
    OFFLINE_CONFLICT = "offline_conflict"
    OTHER = "other"


class State(StrEnum):
    """How far a dispute has come."""

    RAISED = "raised"
    CONTESTED = "contested"
    UPHELD = "upheld"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class DisputedLine:
    """One entry of a stated window: the `entry`-th posting of the event at `position`, which happened to a certificate.
    How a dispute ended, or what came back after a default, is the last word and no such line.
    """

    window_number: int
    position: int
    entry: int
    posting: Posting
    certificate_id: UUID
    redemption_id: UUID


def dispute_id_of(coalition_id: UUID, position: int, entry: int) -> UUID:
    """A line has one dispute at most."""
    return uuid5(coalition_id, f"dispute {position} {entry}")


def speaks_for(coalition_id: UUID, by: UUID | None) -> Collection[UUID]:
    """The parties whose word is that of `by`: a partner, or, if None, the organizer, who speaks for the pool too."""
    return (by,) if by is not None else (organizer_of(coalition_id), pool_of(coalition_id))


class _Ended(Event):
    """How a dispute ended, by which `rule`. `postings`: what moves because of it, in the window that is open then."""

    window_number: int
    certificate_id: UUID
    redemption_id: UUID
    debtor_id: UUID
    creditor_id: UUID
    amount: Minor
    rule: str
    note: str
    postings: tuple[Posting, ...]


class Dispute(Aggregate):
    """`debtor_id` disputes `amount` of what it owes `creditor_id` by a line."""

    TOPIC = "Dispute"

    class Raised(Created):
        """The debtor does not accept the line. `postings`: what takes it out of a window that is not instructed."""

        TOPIC = "Dispute.Raised"
        window_number: int
        position: int
        entry: int
        kind: str
        certificate_id: UUID
        redemption_id: UUID
        debtor_id: UUID
        creditor_id: UUID
        amount: Minor
        reason: Reason
        note: str
        answer_by: datetime
        postings: tuple[Posting, ...]

    class Contested(Event):
        """The other side stands by the line; the organizer decides."""

        TOPIC = "Dispute.Contested"
        debtor_id: UUID
        creditor_id: UUID
        note: str

        def apply(self, dispute: "Dispute") -> None:
            dispute.state = State.CONTESTED

    class Upheld(_Ended):
        """The line was wrong. `rule`: answered, silence, decided."""

        TOPIC = "Dispute.Upheld"

        def apply(self, dispute: "Dispute") -> None:
            dispute.state = State.UPHELD

    class Rejected(_Ended):
        """The line stands. `rule`: withdrawn, decided."""

        TOPIC = "Dispute.Rejected"

        def apply(self, dispute: "Dispute") -> None:
            dispute.state = State.REJECTED

    def __init__(
        self,
        window_number: int,
        position: int,
        entry: int,
        kind: str,
        certificate_id: UUID,
        redemption_id: UUID,
        debtor_id: UUID,
        creditor_id: UUID,
        amount: Minor,
        reason: Reason,
        note: str,
        answer_by: datetime,
        postings: tuple[Posting, ...],
    ) -> None:
        self.window_number = window_number
        self.position = position
        self.entry = entry
        self.kind = kind
        self.certificate_id = certificate_id
        self.redemption_id = redemption_id
        self.debtor_id = debtor_id
        self.creditor_id = creditor_id
        self.amount = amount
        self.reason = reason
        self.note = note
        self.answer_by = answer_by
        self.withheld = bool(postings)
        self.state = State.RAISED

    @classmethod
    def check(
        cls, *, line: DisputedLine, amount: Minor, reason: Reason, note: str, speaks_for: Collection[UUID]
    ) -> None:
        """Whether these may dispute so much of the line.

        Raises: NotTheDebtor, LineNotDisputable, InvalidAmount, Invalid.
        """
        if line.posting.debtor not in speaks_for:
            raise NotTheDebtor()
        if not line.posting.in_open_window:
            raise LineNotDisputable()
        if not 0 < amount <= line.posting.amount:
            raise InvalidAmount(reason="More than nothing and at most the line can be disputed.")
        if reason is Reason.OTHER and not note:
            raise Invalid(reason="Say what is wrong with the line.")
        check_note(note)

    @classmethod
    def raise_about(
        cls,
        line: DisputedLine,
        *,
        coalition_id: UUID,
        amount: Minor,
        reason: Reason,
        note: str,
        withheld: bool,
        answer_by: datetime,
        at: datetime,
    ) -> "Dispute":
        """Put a checked dispute on record. `withheld`: the line's window leaves the amount out of its payments."""
        owed = line.posting
        return cls._create(
            cls.Raised,
            id=dispute_id_of(coalition_id, line.position, line.entry),
            timestamp=at,
            window_number=line.window_number,
            position=line.position,
            entry=line.entry,
            kind=owed.kind.value,
            certificate_id=line.certificate_id,
            redemption_id=line.redemption_id,
            debtor_id=owed.debtor,
            creditor_id=owed.creditor,
            amount=amount,
            reason=reason,
            note=note,
            answer_by=answer_by,
            postings=(Posting(owed.creditor, owed.debtor, amount, Kind.WITHHELD),) if withheld else (),
        )

    def concede(self, *, speaks_for: Collection[UUID], note: str, at: datetime) -> None:
        """The other side agrees that the line was wrong, also after it had contested.

        Raises: NotTheOtherSide, DisputeStateForbids, Invalid.
        """
        self._must_be_answered_by(speaks_for)
        self._must_be(State.RAISED, State.CONTESTED)
        self._end(self.Upheld, ANSWERED, note, at)

    def contest(self, *, speaks_for: Collection[UUID], note: str, at: datetime) -> None:
        """The other side stands by the line and says why. Raises: NotTheOtherSide, DisputeStateForbids, Invalid."""
        self._must_be_answered_by(speaks_for)
        self._must_be(State.RAISED)
        if at >= self.answer_by:
            raise DisputeStateForbids(state="upheld by silence")
        check_note(note)
        self.trigger_event(
            self.Contested, debtor_id=self.debtor_id, creditor_id=self.creditor_id, note=note, timestamp=at
        )

    def withdraw(self, *, speaks_for: Collection[UUID], note: str, at: datetime) -> None:
        """The debtor accepts the line after all. Raises: NotTheDebtor, DisputeStateForbids, Invalid."""
        if self.debtor_id not in speaks_for:
            raise NotTheDebtor()
        self._must_be(State.RAISED, State.CONTESTED)
        self._end(self.Rejected, WITHDRAWN, note, at)

    def decide(self, *, uphold: bool, note: str, at: datetime) -> None:
        """The organizer decides what the two do not agree on. Raises: DisputeStateForbids, Invalid."""
        self._must_be(State.CONTESTED)
        self._end(self.Upheld if uphold else self.Rejected, DECIDED, note, at)

    def uphold_by_silence(self, *, at: datetime) -> None:
        """The other side said nothing in time. Raises: DisputeStateForbids, AnswerTimeNotOver."""
        self._must_be(State.RAISED)
        if at < self.answer_by:
            raise AnswerTimeNotOver(answer_by=self.answer_by)
        self._end(self.Upheld, SILENCE, "", at)

    def _end(self, event: type[Upheld] | type[Rejected], rule: str, note: str, at: datetime) -> None:
        check_note(note)
        upheld = event is self.Upheld
        self.trigger_event(
            event,
            window_number=self.window_number,
            certificate_id=self.certificate_id,
            redemption_id=self.redemption_id,
            debtor_id=self.debtor_id,
            creditor_id=self.creditor_id,
            amount=self.amount,
            rule=rule,
            note=note,
            postings=() if upheld == self.withheld else (self._entry(upheld),),
            timestamp=at,
        )

    def _entry(self, upheld: bool) -> Posting:
        """What was paid comes back, or what was withheld is owed again."""
        there, back = (self.debtor_id, self.creditor_id), (self.creditor_id, self.debtor_id)
        return Posting(*(back if upheld else there), self.amount, Kind.ADJUSTMENT)

    def _must_be_answered_by(self, speaks_for: Collection[UUID]) -> None:
        if self.creditor_id not in speaks_for:
            raise NotTheOtherSide()

    def _must_be(self, *states: State) -> None:
        if self.state not in states:
            raise DisputeStateForbids(state=self.state.value)


def check_note(note: str) -> None:
    """A note stays in the log for ever, so it names nobody. Raises: Invalid."""
    if len(note) > _NOTE_MAX:
        raise Invalid(reason="A note has at most 300 characters.")
    if _ADDRESS_OR_NUMBER.search(note):
        raise Invalid(reason="A note stays for ever: leave out addresses and numbers of people.")
