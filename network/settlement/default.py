"""Computes what becomes of a window when a partner does not pay: for real, and as a drill that changes nothing."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from network.application import Answer, Request
from network.coalitions import OpenCoalition
from network.domain.clearing import Debts
from network.domain.deposit import Deposit, deposit_id_of
from network.domain.errors import MerchantNotFound
from network.domain.postings import deposits_of, pool_of
from network.domain.restating import restate, to_settle, with_changes
from network.domain.statement import Due
from network.domain.units import Minor
from network.domain.waterfall import changes_of, waterfall
from network.domain.window import State
from network.projections import merchants, reserves, windows
from network.settlement.closing import debts_of, find_closing
from network.settlement.restating import is_opened
from network.store.recorder import CoalitionRecorder


def declare_default(
    coalition: OpenCoalition,
    number: int,
    defaulter_id: UUID,
    *,
    request: Request,
    pool: Minor,
    by: str,
    reason: str,
) -> Answer:
    """Share out what the partner owes by the window. `pool`: what the coalition's fund may give at most.

    Answers with the refusals of the command. Raises: WindowNotFound.
    """
    with coalition.reading() as recorder:
        window = find_closing(coalition, recorder, number).window
        carried = window.carried if is_opened(coalition, recorder, number + 1) else None
        deposit = _deposit(coalition, recorder, defaulter_id)
    owed = window.owed(*window.pending)
    found = waterfall(to_settle(owed, window.defaulters, carried or ()), defaulter_id, deposit=deposit, pool=pool)
    own_coalition = coalition.coalition_id
    changes = changes_of(found, defaulter_id, deposits=deposits_of(own_coalition), pool=pool_of(own_coalition))
    restated = restate(
        with_changes(owed, changes), window.terms, defaulters=(*window.defaulters, defaulter_id), carried=carried
    )
    command = coalition.application.declare_default(
        request=request,
        number=number,
        version=window.settlement_version + 1,
        defaulter_id=defaulter_id,
        waterfall=found,
        changes=window.pending,
        restated=restated,
        by=by,
        reason=reason,
    )
    return command.result()


@dataclass(frozen=True, slots=True)
class Case:
    """If `defaulter_id` paid nothing of what it owes today. `losses`: {creditor: what nothing covers}.

    `reserved`: what it would owe besides if every certificate in hands that it funds were used.
    """

    defaulter_id: UUID
    claimed: Minor
    deposit: Minor
    set_off: Minor
    lost: Minor
    losses: dict[UUID, Minor]
    reserved: Minor


@dataclass(frozen=True, slots=True)
class Drill:
    """A default of each partner in turn, as the log stood at `position`. The pool gives nothing: the worst case."""

    position: int
    cases: tuple[Case, ...]

    def worst(self) -> dict[UUID, tuple[UUID, Minor]]:
        """`{partner: (whose default costs it most, how much)}`; without those whom no default costs anything."""
        found: dict[UUID, tuple[UUID, Minor]] = {}
        for case in self.cases:
            for party, lost in case.losses.items():
                if lost > found.get(party, (party, 0))[1]:
                    found[party] = case.defaulter_id, lost
        return found


def drill(coalition: OpenCoalition, defaulter_id: UUID | None = None) -> Drill:
    """What a default would cost whom, from every window that is not settled and the open one. It writes nothing.

    Raises: MerchantNotFound.
    """
    with coalition.reading() as recorder:
        position = recorder.head()[0]
        partners = [row.merchant_id for row in merchants.all(recorder.connection, coalition.schema, limit=1_000_000)]
        if defaulter_id is not None and defaulter_id not in partners:
            raise MerchantNotFound()
        debts = list(_unsettled(coalition, recorder))
        held = {row: sum(one.reserved for one in reserves.of_merchant(recorder.connection, coalition.schema, row)
                         if one.funder_id == row) for row in partners}  # fmt: skip
        cases = [
            _case(debts, one, _deposit(coalition, recorder, one), held[one])
            for one in partners
            if defaulter_id in (None, one)
        ]
    return Drill(position, tuple(cases))


def _unsettled(coalition: OpenCoalition, recorder: CoalitionRecorder) -> list[Debts]:
    """What each window still has to settle by itself; what it carried over is in the one that follows."""
    found: list[Debts] = []
    carried: tuple[Due, ...] = ()
    rows = windows.all(recorder.connection, coalition.schema)
    for row in rows:
        window = find_closing(coalition, recorder, row.number).window
        if window.state is State.CUT:
            found.append(_posted(coalition, recorder, row.number, carried=carried))
            carried = ()
        else:
            if window.state is not State.SETTLED:
                found.append(to_settle(window.owed(*window.pending), window.defaulters, window.carried))
            carried = window.carried
    found.append(_posted(coalition, recorder, len(rows) + 1, carried=carried))
    return found


def _posted(coalition: OpenCoalition, recorder: CoalitionRecorder, number: int, *, carried: tuple[Due, ...]) -> Debts:
    debts = debts_of(recorder.connection, coalition.schema, number, carried)
    return {(debt.debtor, debt.creditor): debt.amount for debt in debts if debt.amount}


def _case(debts: list[Debts], defaulter_id: UUID, deposit: Minor, reserved: Minor) -> Case:
    """One waterfall a window, the oldest first; the deposit is used up on the way."""
    losses: Counter[UUID] = Counter()
    claimed = set_off = 0
    left = deposit
    for owed in debts:
        one = waterfall(owed, defaulter_id, deposit=left, pool=0)
        left -= one.deposit
        claimed += one.claimed
        set_off += one.set_off
        losses.update({share.party: share.lost for share in one.shares})
    return Case(
        defaulter_id=defaulter_id,
        claimed=claimed,
        deposit=deposit - left,
        set_off=set_off,
        lost=sum(losses.values()),
        losses=dict(+losses),
        reserved=reserved,
    )


def _deposit(coalition: OpenCoalition, recorder: CoalitionRecorder, merchant_id: UUID) -> Minor:
    deposit: Deposit | None = None
    for stored in recorder.select_events(deposit_id_of(merchant_id)):
        deposit = coalition.mapper.to_domain_event(stored).mutate(deposit)  # type: ignore[attr-defined]
    return deposit.balance if deposit is not None else 0
