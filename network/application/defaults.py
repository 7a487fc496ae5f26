"""Commands for the day on which a partner does not pay: deposits before, the default, what comes back after."""

from concurrent.futures import Future
from uuid import UUID

from network.application.base import Answer, Commands, Facts, Request
from network.domain.default import Default, default_id_of
from network.domain.deposit import Deposit, deposit_id_of
from network.domain.errors import DefaultConflict, FiguresChanged, MerchantNotFound, OwesNothing, WindowStateForbids
from network.domain.merchant import Merchant
from network.domain.merchant import State as MerchantState
from network.domain.postings import deposits_of, own_parties, pool_of
from network.domain.recomputing import recompute
from network.domain.restating import Change, Restated
from network.domain.units import Minor
from network.domain.waterfall import Waterfall, changes_of
from network.domain.window import State, Window, window_id_of
from network.unit import Unit


class DefaultCommands(Commands):
    """For the organizer."""

    def put_up_deposit(self, *, request: Request, merchant_id: UUID, amount: Minor, held_by: str) -> Future[Answer]:
        """A partner's money is with `held_by`; again, it is more. Raises: MerchantNotFound, InvalidAmount."""
        deposit_id = deposit_id_of(merchant_id)

        def decide(unit: Unit) -> Facts:
            unit.get(Merchant, merchant_id)
            deposit = unit.find(Deposit, deposit_id)
            if deposit is None:
                deposit = Deposit.put_up(merchant_id=merchant_id, amount=amount, held_by=held_by, at=unit.at)
                unit.add(deposit)
            else:
                deposit.increase(amount=amount, held_by=held_by, at=unit.at)
            return _deposit(deposit)

        return self._simple(request, decide, merchant_id, deposit_id)

    def return_deposit(self, *, request: Request, merchant_id: UUID, amount: Minor, reason: str) -> Future[Answer]:
        """A partner got some of it back. Raises: DepositNotFound, InvalidAmount."""
        deposit_id = deposit_id_of(merchant_id)

        def decide(unit: Unit) -> Facts:
            deposit = unit.get(Deposit, deposit_id)
            deposit.give_back(amount=amount, reason=reason, at=unit.at)
            return _deposit(deposit)

        return self._simple(request, decide, deposit_id)

    def declare_default(
        self,
        *,
        request: Request,
        number: int,
        version: int,
        defaulter_id: UUID,
        waterfall: Waterfall,
        changes: tuple[Change, ...],
        restated: Restated,
        by: str,
        reason: str,
    ) -> Future[Answer]:
        """Share out what the partner does not pay, as `network.settlement.default` has computed it; suspend it.

        `changes` came to the window before the default; those of the waterfall follow them.
        Raises: WindowNotFound, MerchantNotFound, DefaultConflict, OwesNothing, WindowStateForbids, FiguresChanged.
        """
        default_id = default_id_of(self.coalition_id, number, defaulter_id)
        window_id, next_id = (window_id_of(self.coalition_id, n) for n in (number, number + 1))
        deposit_id, pool_id = deposit_id_of(defaulter_id), pool_of(self.coalition_id)

        def decide(unit: Unit) -> Facts:
            window, merchant = unit.get(Window, window_id), unit.get(Merchant, defaulter_id)
            if not unit.is_free(default_id):
                raise DefaultConflict(number=number)
            if window.state in (State.CUT, State.SETTLED):
                raise WindowStateForbids(number=number, state=window.state.value)
            if not waterfall.claimed:
                raise OwesNothing(name=merchant.name, number=number)
            own = changes_of(waterfall, defaulter_id, deposits=deposits_of(self.coalition_id), pool=pool_id)
            recompute(
                window,
                version=version,
                changes=(*changes, *own),
                restated=restated,
                successor=unit.find(Window, next_id),
                defaulter=defaulter_id,
                at=unit.at,
            )
            _use_deposit(unit.find(Deposit, deposit_id), waterfall, number, unit)
            if merchant.state is MerchantState.ADMITTED:
                merchant.suspend(reason=f"in default for window {number}", at=unit.at)
            default = Default.declare(
                coalition_id=self.coalition_id,
                number=number,
                version=version,
                defaulter_id=defaulter_id,
                pool_id=pool_id,
                by=by,
                reason=reason,
                waterfall=waterfall,
                changes=own,
                at=unit.at,
            )
            unit.add(default)
            return {
                "default_id": default.id,
                "window_number": number,
                "version": version,
                "defaulter_id": defaulter_id,
                "waterfall": waterfall,
                "payments": len(restated.payments),
                "to_pay": sum(due.amount for due in restated.payments),
            }

        return self._simple(request, decide, default_id, window_id, next_id, defaulter_id, deposit_id)

    def recover_from_default(
        self, *, request: Request, default_id: UUID, amount: Minor, paid_to: UUID | None, reason: str
    ) -> Future[Answer]:
        """The defaulter's money came to `paid_to`, or to whoever holds the deposits: shared out in the open window.

        Raises: DefaultNotFound, MerchantNotFound, InvalidAmount.
        """

        def decide(unit: Unit) -> Facts:
            default = unit.get(Default, default_id)
            receiver = deposits_of(self.coalition_id) if paid_to is None else paid_to
            if receiver not in own_parties(self.coalition_id) and unit.find(Merchant, receiver) is None:
                raise MerchantNotFound()
            default.recover(amount=amount, paid_to=receiver, reason=reason, at=unit.at)
            return {
                "default_id": default_id,
                "amount": amount,
                "paid_to": receiver,
                "still_lost": sum(default.losses.values()),
            }

        return self._simple(request, decide, default_id, *((paid_to,) if paid_to else ()))


def _use_deposit(deposit: Deposit | None, waterfall: Waterfall, number: int, unit: Unit) -> None:
    if waterfall.held != (deposit.balance if deposit else 0):
        raise FiguresChanged(number=number)
    if deposit is not None and waterfall.deposit:
        deposit.use(amount=waterfall.deposit, window_number=number, at=unit.at)


def _deposit(deposit: Deposit) -> Facts:
    return {"merchant_id": deposit.merchant_id, "balance": deposit.balance, "held_by": deposit.held_by}
