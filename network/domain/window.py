"""A stretch of the log that is settled together: `(open ->) cut -> stated -> agreed -> instructed -> part paid ->
settled`, or settled at once when nothing is to be paid. Money that comes back opens it again.

The open window has no event: it is what the log holds after the last cut. A cut is the event itself: what stands before
it in the log and after the cut before is the window, so no clock decides and nothing can fall between two windows.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from uuid import UUID, uuid5

from network.domain.aggregate import Aggregate, Created, Event
from network.domain.clearing import Debts
from network.domain.errors import (
    FiguresChanged,
    Invalid,
    NotInTheWindow,
    PayoutNotFound,
    ReviewNotOver,
    WindowOutOfOrder,
    WindowStateForbids,
)
from network.domain.payout import Followed, Payout, Side
from network.domain.restating import Cause, Change, with_changes
from network.domain.statement import Debt, Due, Figures, Savings, SettlementTerms, Standing
from network.domain.units import Minor

SILENCE = "silence"
ALL_CONSENTED = "all parties consented"
NOTHING_TO_PAY = "nothing to pay"
ALL_PAID = "all paid"


class State(StrEnum):
    """How far the closing has come."""

    CUT = "cut"
    STATED = "stated"
    AGREED = "agreed"
    INSTRUCTED = "instructed"
    PART_PAID = "part_paid"
    SETTLED = "settled"


@lru_cache(maxsize=1024)
def window_id_of(coalition_id: UUID, number: int) -> UUID:
    """The id of a coalition's window; they are numbered from 1 without gaps."""
    return uuid5(coalition_id, f"window {number}")


class _OfPayment(Event):
    """About one payment that was instructed by a version."""

    number: int
    version: int
    end_to_end_id: str
    debtor_id: UUID
    creditor_id: UUID


class _Booked(_OfPayment):
    """Money moved, or came back: `amount` of it, as a bank line says (`line` is its keyed digest) or a person. `by`:
    bank, or who decided. `change`: by how much what the creditor has changed; 0 when the other side had said so before.
    """

    line: str
    side: Side
    amount: Minor
    change: Minor
    bank_reference: str
    booked_on: str
    cause: str
    by: str


class Window(Aggregate):
    """One settlement. Its events are of the whole coalition: partners read their own statements instead."""

    TOPIC = "Window"

    class Cut(Created):
        """The window ends here: it covers the log from the cut of its predecessor to this event's own position."""

        TOPIC = "Window.Cut"
        number: int
        predecessor_id: UUID | None
        terms: SettlementTerms

    class Stated(Event):
        """The figures are final. `position` is that of the cut, `chain_hash` the log's hash there, in hex.

        `debts`: gross, by pair. `payments` are due now; `carried` are under the threshold and open the next window.
        """

        TOPIC = "Window.Stated"
        number: int
        position: int
        chain_hash: str
        debts: tuple[Debt, ...]
        parties: tuple[Standing, ...]
        payments: tuple[Due, ...]
        carried: tuple[Due, ...]
        savings: Savings
        review_ends_at: datetime

        def apply(self, window: "Window") -> None:
            window.state = State.STATED
            window.parties = tuple(standing.party for standing in self.parties)
            window.payments, window.carried = self.payments, self.carried
            window.review_ends_at = self.review_ends_at
            window.stated_at = self.timestamp
            window.debts = {(debt.debtor, debt.creditor): debt.amount for debt in self.debts}

    class LineWithheld(Event):
        """A line was disputed before its payment was asked for: the next version leaves `amount` of it out."""

        TOPIC = "Window.LineWithheld"
        number: int
        dispute_id: UUID
        debtor: UUID
        creditor: UUID
        amount: Minor

        def apply(self, window: "Window") -> None:
            window.waiting += (Change(self.creditor, self.debtor, self.amount, Cause.WITHHELD),)

    class Recomputed(Event):
        """A new version of what is to be paid. `changes` came to the debts since the version before; the statement's
        lines stay. `replaced`: what the version before left to pay or carried, which nobody is asked for any longer.
        `defaulters` pay nothing: who owes them pays those whom they owe.
        """

        TOPIC = "Window.Recomputed"
        number: int
        version: int
        changes: tuple[Change, ...]
        replaced: tuple[Due, ...]
        defaulters: tuple[UUID, ...]
        parties: tuple[Standing, ...]
        payments: tuple[Due, ...]
        carried: tuple[Due, ...]

        def apply(self, window: "Window") -> None:
            window.settlement_version = self.version
            for followed in window.payouts.values():
                followed.taken_in = followed.paid
            window.changes += self.changes
            window.waiting = ()
            window.defaulters = self.defaulters
            window.payments, window.carried = self.payments, self.carried
            if window.state is not State.STATED:
                window.state = State.AGREED

    class ConsentGiven(Event):
        """One party has looked at its statement and agrees, before silence would."""

        TOPIC = "Window.ConsentGiven"
        number: int
        merchant_id: UUID

        def apply(self, window: "Window") -> None:
            window.consented.add(self.merchant_id)

    class Agreed(Event):
        """What is to be paid stands. `rule` is what made it so."""

        TOPIC = "Window.Agreed"
        number: int
        rule: str

        def apply(self, window: "Window") -> None:
            window.state = State.AGREED

    class Instructed(Event):
        """Who pays whom how much by when, to which bank details, frozen. Once for each version of the settlement."""

        TOPIC = "Window.Instructed"
        number: int
        version: int
        due_on: str
        payouts: tuple[Payout, ...]
        by: str

        def apply(self, window: "Window") -> None:
            window.state = State.INSTRUCTED
            window.due_on = self.due_on
            for payout in self.payouts:
                window.payouts[payout.end_to_end_id] = Followed(payout, self.version)

    class PaymentConfirmed(_Booked):
        """It came to the creditor."""

        TOPIC = "Window.PaymentConfirmed"

        def apply(self, window: "Window") -> None:
            window.payouts[self.end_to_end_id].booked[self.line] = (self.side, self.amount, self.by)
            window._go_on()

    class PaymentReturned(_Booked):
        """Money came back; `cause` is the bank's reason (AC04: closed), or a person's. What is owed opens again."""

        TOPIC = "Window.PaymentReturned"

        def apply(self, window: "Window") -> None:
            window.payouts[self.end_to_end_id].booked[self.line] = (self.side, -self.amount, self.by)
            window._go_on()

    class BookingWithdrawn(_OfPayment):
        """What a person had confirmed or assigned was a mistake: `line` counts no longer."""

        TOPIC = "Window.BookingWithdrawn"
        line: str
        change: Minor
        reason: str
        by: str

        def apply(self, window: "Window") -> None:
            window.payouts[self.end_to_end_id].booked.pop(self.line, None)
            window._go_on()

    class Reminded(_OfPayment):
        """The debtor is told what is `missing`. `step`: which of the reminder days; None when the organizer asked."""

        TOPIC = "Window.Reminded"
        missing: Minor
        due_on: str
        on: str
        step: int | None
        by: str

        def apply(self, window: "Window") -> None:
            followed = window.payouts[self.end_to_end_id]
            followed.reminded_on = self.on
            if self.step is not None:
                followed.reminded.add(self.step)

    class Settled(Event):
        """Nothing of it is left to pay. `rule` is what ended it."""

        TOPIC = "Window.Settled"
        number: int
        rule: str

        def apply(self, window: "Window") -> None:
            window.state = State.SETTLED

    def __init__(self, number: int, predecessor_id: UUID | None, terms: SettlementTerms) -> None:
        self.number = number
        self.predecessor_id = predecessor_id
        self.terms = terms
        self.state = State.CUT
        self.payments: tuple[Due, ...] = ()
        self.carried: tuple[Due, ...] = ()
        self.review_ends_at: datetime | None = None
        self.stated_at: datetime | None = None
        self.settlement_version = 1
        self.debts: Debts = {}
        self.changes: tuple[Change, ...] = ()
        self.waiting: tuple[Change, ...] = ()
        self.defaulters: tuple[UUID, ...] = ()
        self.parties: tuple[UUID, ...] = ()
        self.consented: set[UUID] = set()
        self.due_on = ""
        self.payouts: dict[str, Followed] = {}

    @classmethod
    def cut(
        cls,
        *,
        coalition_id: UUID,
        number: int,
        predecessor: "Window | None",
        terms: SettlementTerms | None,
        at: datetime,
    ) -> "Window":
        """End the open window. `terms` None: as the predecessor's; the first has the defaults.

        Raises: WindowOutOfOrder while the predecessor is open, Invalid, InvalidTerms.
        """
        if number < 1:
            raise Invalid(reason="Windows are numbered from 1.")
        if number > 1 and predecessor is None:
            raise WindowOutOfOrder(number=number, step="cut", predecessor=number - 1)
        chosen = terms or (predecessor.terms if predecessor else SettlementTerms())
        chosen.check()
        return cls._create(
            cls.Cut,
            id=window_id_of(coalition_id, number),
            timestamp=at,
            number=number,
            predecessor_id=predecessor.id if predecessor else None,
            terms=chosen,
        )

    def state_figures(
        self,
        *,
        position: int,
        chain_hash: str,
        figures: Figures,
        predecessor: "Window | None",
        review_ends_at: datetime,
        at: datetime,
    ) -> None:
        """Freeze what the log before the cut amounts to. A window that leaves nothing to pay settles at once.

        Raises: WindowStateForbids, WindowOutOfOrder while the predecessor is not stated: its roll-over opens this one,
        FiguresChanged when that roll-over is no longer what it was.
        """
        self.must_be(State.CUT)
        if predecessor is not None and predecessor.state is State.CUT:
            raise WindowOutOfOrder(number=self.number, step="stated", predecessor=predecessor.number)
        opening = {(debt.debtor, debt.creditor): debt.opening for debt in figures.debts if debt.opening}
        carried = {(due.debtor, due.creditor): due.amount for due in (predecessor.carried if predecessor else ())}
        if opening != carried:
            raise FiguresChanged(number=self.number)
        self.trigger_event(
            self.Stated,
            number=self.number,
            position=position,
            chain_hash=chain_hash,
            debts=figures.debts,
            parties=figures.parties,
            payments=figures.payments,
            carried=figures.carried,
            savings=figures.savings,
            review_ends_at=review_ends_at,
            timestamp=at,
        )
        if not figures.payments:
            self.trigger_event(self.Settled, number=self.number, rule=NOTHING_TO_PAY, timestamp=at)

    def agree_by_silence(self, *, at: datetime) -> None:
        """The review is over and nobody spoke. Raises: WindowStateForbids, ReviewNotOver."""
        self.must_be(State.STATED)
        assert self.review_ends_at is not None, "a stated window has a review"
        if at < self.review_ends_at:
            raise ReviewNotOver(number=self.number, review_ends_at=self.review_ends_at)
        self.trigger_event(self.Agreed, number=self.number, rule=SILENCE, timestamp=at)

    @property
    def pending(self) -> tuple[Change, ...]:
        """What its next version takes in: withheld lines, and what was paid since the present one was made.

        What a defaulter pays after its default is a recovery; who still pays a defaulter has not paid its creditors.
        """
        return self.waiting + self._paid_since(self.payouts.values())

    @property
    def is_current(self) -> bool:
        """Whether its present version is still what is to be paid: no line was withheld, no older payment moved."""
        older = (one for one in self.payouts.values() if one.version != self.settlement_version)
        return not self.waiting and not self._paid_since(older)

    def _paid_since(self, followed: Iterable[Followed]) -> tuple[Change, ...]:
        gone = set(self.defaulters)
        paid = ((one.payout, one.paid - one.taken_in) for one in followed)
        return tuple(
            Change(of.creditor, of.debtor, amount, Cause.PREPAID)
            if amount > 0
            else Change(of.debtor, of.creditor, -amount, Cause.PREPAID)
            for of, amount in paid
            if amount and not {of.debtor, of.creditor} & gone
        )

    def owed(self, *more: Change) -> Debts:
        """What everybody owes by its present version, before netting, and `more`."""
        return with_changes(self.debts, (*self.changes, *more))

    def consent(self, *, merchant_id: UUID, others: Iterable[UUID], at: datetime) -> None:
        """A partner agrees by word. When all of them have, the window is agreed; `others` (pool and organizer) made the
        statement and need not say so. Again, nothing happens. Raises: WindowStateForbids, NotInTheWindow.
        """
        if self.state is not State.STATED and merchant_id in self.consented:
            return
        self.must_be(State.STATED)
        if merchant_id not in self.parties:
            raise NotInTheWindow(number=self.number)
        if merchant_id not in self.consented:
            self.trigger_event(self.ConsentGiven, number=self.number, merchant_id=merchant_id, timestamp=at)
        if set(self.parties) <= self.consented | set(others):
            self.trigger_event(self.Agreed, number=self.number, rule=ALL_CONSENTED, timestamp=at)

    def followed(self, end_to_end_id: str) -> Followed:
        """A payment that was instructed, of whatever version. Raises: PayoutNotFound."""
        if end_to_end_id not in self.payouts:
            raise PayoutNotFound()
        return self.payouts[end_to_end_id]

    @property
    def asked(self) -> list[Followed]:
        """The payments of the present version."""
        return [one for one in self.payouts.values() if one.version == self.settlement_version]

    def settle_if_paid(self, at: datetime) -> None:
        """Nothing of what this version asked for is missing any more."""
        if self.state in (State.INSTRUCTED, State.PART_PAID) and not any(one.missing for one in self.asked):
            self.trigger_event(self.Settled, number=self.number, rule=ALL_PAID, timestamp=at)

    def _go_on(self) -> None:
        """After a booking: a settled window stays so while nothing is missing."""
        asked = self.asked
        done = self.state is State.SETTLED and not any(one.missing for one in asked)
        if done or not asked:  # what an earlier version asked for is taken in by the next
            return
        self.state = State.PART_PAID if any(one.paid for one in asked) else State.INSTRUCTED

    def must_be(self, state: State) -> None:
        """Raises: WindowStateForbids."""
        if self.state is not state:
            raise WindowStateForbids(number=self.number, state=self.state.value)
