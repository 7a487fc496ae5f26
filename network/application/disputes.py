"""Commands of a dispute: raise it, answer it, decide it."""

from concurrent.futures import Future
from datetime import datetime
from uuid import UUID

from network.application.base import Answer, Commands, Facts, Request
from network.domain.dispute import (
    DAYS_TO_ANSWER,
    DAYS_TO_RAISE,
    Dispute,
    DisputedLine,
    Reason,
    dispute_id_of,
    speaks_for,
)
from network.domain.errors import DisputeConflict, DisputeTooLate, WindowStateForbids
from network.domain.recomputing import withhold
from network.domain.terms import end_of_local_day
from network.domain.units import Minor
from network.domain.window import Window, window_id_of
from network.unit import Unit


class DisputeCommands(Commands):
    """`by` is the partner that speaks; None is the organizer (`domain.dispute.speaks_for`)."""

    def raise_dispute(
        self,
        *,
        request: Request,
        line: DisputedLine,
        amount: Minor | None,
        reason: Reason,
        note: str,
        by: UUID | None,
    ) -> Future[Answer]:
        """The side that a line charges does not accept it, or, with `amount`, not all of it. `line` is what
        `network.settlement.disputing` has read from the log.

        Raises: DisputeConflict, NotTheDebtor, LineNotDisputable, DisputeTooLate, InvalidAmount, Invalid,
        WindowNotFound, WindowStateForbids.
        """
        dispute_id = dispute_id_of(self.coalition_id, line.position, line.entry)
        window_id = window_id_of(self.coalition_id, line.window_number)

        def decide(unit: Unit) -> Facts:
            disputed = line.posting.amount if amount is None else amount
            Dispute.check(
                line=line, amount=disputed, reason=reason, note=note, speaks_for=speaks_for(self.coalition_id, by)
            )
            if not unit.is_free(dispute_id):
                raise DisputeConflict(dispute_id=dispute_id)
            window = unit.get(Window, window_id)
            _must_be_in_time(window, unit)
            withheld = withhold(
                window,
                dispute_id=dispute_id,
                debtor=line.posting.debtor,
                creditor=line.posting.creditor,
                amount=disputed,
                at=unit.at,
            )
            dispute = Dispute.raise_about(
                line,
                coalition_id=self.coalition_id,
                amount=disputed,
                reason=reason,
                note=note,
                withheld=withheld,
                answer_by=end_of_local_day(unit.at, DAYS_TO_ANSWER, unit.coalition.time_zone),
                at=unit.at,
            )
            unit.add(dispute)
            return _dispute(dispute)

        return self._simple(request, decide, dispute_id, window_id)

    def answer_dispute(
        self, *, request: Request, dispute_id: UUID, concede: bool, note: str, by: UUID | None
    ) -> Future[Answer]:
        """The other side agrees that the line is wrong, or stands by it.

        Raises: DisputeNotFound, NotTheOtherSide, DisputeStateForbids, Invalid.
        """

        def decide(unit: Unit) -> Facts:
            dispute = unit.get(Dispute, dispute_id)
            answer = dispute.concede if concede else dispute.contest
            answer(speaks_for=speaks_for(self.coalition_id, by), note=note, at=unit.at)
            return _dispute(dispute)

        return self._simple(request, decide, dispute_id)

    def withdraw_dispute(self, *, request: Request, dispute_id: UUID, note: str, by: UUID | None) -> Future[Answer]:
        """Who raised it accepts the line. Raises: DisputeNotFound, NotTheDebtor, DisputeStateForbids, Invalid."""

        def decide(unit: Unit) -> Facts:
            dispute = unit.get(Dispute, dispute_id)
            dispute.withdraw(speaks_for=speaks_for(self.coalition_id, by), note=note, at=unit.at)
            return _dispute(dispute)

        return self._simple(request, decide, dispute_id)

    def decide_dispute(self, *, request: Request, dispute_id: UUID, uphold: bool, note: str) -> Future[Answer]:
        """For the organizer, once the other side has contested.

        Raises: DisputeNotFound, DisputeStateForbids, Invalid.
        """

        def decide(unit: Unit) -> Facts:
            dispute = unit.get(Dispute, dispute_id)
            dispute.decide(uphold=uphold, note=note, at=unit.at)
            return _dispute(dispute)

        return self._simple(request, decide, dispute_id)

    def uphold_by_silence(self, *, request: Request, dispute_id: UUID) -> Future[Answer]:
        """For the network's own job. Raises: DisputeNotFound, DisputeStateForbids, AnswerTimeNotOver."""

        def decide(unit: Unit) -> Facts:
            dispute = unit.get(Dispute, dispute_id)
            dispute.uphold_by_silence(at=unit.at)
            return _dispute(dispute)

        return self._simple(request, decide, dispute_id)


def _must_be_in_time(window: Window, unit: Unit) -> None:
    if window.stated_at is None:
        raise WindowStateForbids(number=window.number, state=window.state.value)
    until: datetime = end_of_local_day(window.stated_at, DAYS_TO_RAISE, unit.coalition.time_zone)
    if unit.at >= until:
        raise DisputeTooLate(until=until)


def _dispute(dispute: Dispute) -> Facts:
    return {
        "dispute_id": dispute.id,
        "state": dispute.state,
        "window_number": dispute.window_number,
        "position": dispute.position,
        "kind": dispute.kind,
        "debtor_id": dispute.debtor_id,
        "creditor_id": dispute.creditor_id,
        "amount": dispute.amount,
        "reason": dispute.reason,
        "withheld": dispute.withheld,
        "answer_by": dispute.answer_by,
    }
