"""Commands that close a stretch of the log: cut it, state its figures, let partners or silence agree."""

from concurrent.futures import Future
from uuid import UUID

from network.application.base import Answer, Commands, Facts, Request
from network.domain.errors import WindowConflict
from network.domain.postings import own_parties
from network.domain.recomputing import recompute
from network.domain.restating import Change, Restated
from network.domain.schedule import Schedule
from network.domain.statement import Figures, SettlementTerms
from network.domain.terms import end_of_local_day
from network.domain.window import Window, window_id_of
from network.unit import Unit


class WindowCommands(Commands):
    """For the organizer, or the network's own jobs."""

    def cut_window(self, *, request: Request, number: int, terms: SettlementTerms | None = None) -> Future[Answer]:
        """End the open window. The answer's position is the cut: the window covers the log up to it.

        `terms` None: as for the window before. Raises: WindowConflict, WindowOutOfOrder, Invalid, InvalidTerms.
        """
        window_id, predecessor_id = self._ids(number)

        def decide(unit: Unit) -> Facts:
            if not unit.is_free(window_id):
                raise WindowConflict(number=number)
            window = Window.cut(
                coalition_id=self.coalition_id,
                number=number,
                predecessor=unit.find(Window, predecessor_id),
                terms=terms,
                at=unit.at,
            )
            unit.add(window)
            return _window(window)

        return self._simple(request, decide, window_id, predecessor_id)

    def state_window(
        self, *, request: Request, number: int, position: int, chain_hash: str, figures: Figures
    ) -> Future[Answer]:
        """Freeze the figures that `network.settlement.closing` has read at the cut.

        Raises: WindowNotFound, WindowStateForbids, WindowOutOfOrder.
        """
        window_id, predecessor_id = self._ids(number)

        def decide(unit: Unit) -> Facts:
            window = unit.get(Window, window_id)
            window.state_figures(
                position=position,
                chain_hash=chain_hash,
                figures=figures,
                predecessor=unit.find(Window, predecessor_id),
                review_ends_at=end_of_local_day(unit.at, window.terms.review_days, unit.coalition.time_zone),
                at=unit.at,
            )
            return _window(window) | {
                "position": position,
                "chain_hash": chain_hash,
                "payments": len(figures.payments),
                "to_pay": sum(due.amount for due in figures.payments),
                "rolled_over": sum(due.amount for due in figures.carried),
            }

        return self._simple(request, decide, window_id, predecessor_id)

    def agree_window(self, *, request: Request, number: int) -> Future[Answer]:
        """Silence through the review is agreement. Raises: WindowNotFound, WindowStateForbids, ReviewNotOver."""
        window_id, _ = self._ids(number)

        def decide(unit: Unit) -> Facts:
            window = unit.get(Window, window_id)
            window.agree_by_silence(at=unit.at)
            return _window(window)

        return self._simple(request, decide, window_id)

    def recompute_window(
        self, *, request: Request, number: int, version: int, changes: tuple[Change, ...], restated: Restated
    ) -> Future[Answer]:
        """Make the version that `network.settlement.restating` has computed.

        Raises: WindowNotFound, FiguresChanged.
        """
        window_id, _ = self._ids(number)
        successor_id, _ = self._ids(number + 1)

        def decide(unit: Unit) -> Facts:
            window = unit.get(Window, window_id)
            recompute(
                window,
                version=version,
                changes=changes,
                restated=restated,
                successor=unit.find(Window, successor_id),
                at=unit.at,
            )
            return _window(window) | {
                "version": window.settlement_version,
                "payments": len(restated.payments),
                "to_pay": sum(due.amount for due in restated.payments),
            }

        return self._simple(request, decide, window_id, successor_id)

    def consent_to_window(self, *, request: Request, number: int, merchant_id: UUID) -> Future[Answer]:
        """A partner agrees to its statement by word; the last one's word agrees the window.

        Raises: WindowNotFound, WindowStateForbids, NotInTheWindow.
        """
        window_id, _ = self._ids(number)
        others = own_parties(self.coalition_id)

        def decide(unit: Unit) -> Facts:
            window = unit.get(Window, window_id)
            window.consent(merchant_id=merchant_id, others=others, at=unit.at)
            return _window(window)

        return self._simple(request, decide, window_id)

    def schedule_settlement(self, *, request: Request, schedule: Schedule, by: str) -> Future[Answer]:
        """Say when windows are cut by themselves and payments reminded of. Raises: InvalidTerms."""

        def decide(unit: Unit) -> Facts:
            unit.coalition.schedule_settlement(schedule=schedule, set_by=by, at=unit.at)
            return {
                "cadence": schedule.cadence,
                "day": schedule.day,
                "pay_days": schedule.pay_days,
                "reminder_days": list(schedule.reminder_days),
            }

        return self._simple(request, decide)

    def _ids(self, number: int) -> tuple[UUID, UUID]:
        return window_id_of(self.coalition_id, number), window_id_of(self.coalition_id, number - 1)


def _window(window: Window) -> Facts:
    return {
        "window_id": window.id,
        "number": window.number,
        "state": window.state,
        "review_ends_at": window.review_ends_at,
    }
