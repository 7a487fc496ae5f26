"""What one command sees while it decides: the aggregates it asks for, the time, the coalition."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from eventsourcing.domain import CanMutateAggregate
from eventsourcing.persistence import StoredEvent

from network.domain.aggregate import Aggregate
from network.domain.agreement import Agreement
from network.domain.allotment import Allotment
from network.domain.bank_file import BankFile
from network.domain.certificate import Certificate
from network.domain.coalition import Coalition
from network.domain.default import Default
from network.domain.deposit import Deposit
from network.domain.dispute import Dispute
from network.domain.errors import (
    AgreementNotFound,
    AllotmentNotFound,
    BankFileNotFound,
    CertificateNotFound,
    CoalitionNotFound,
    DefaultNotFound,
    DepositNotFound,
    DisputeNotFound,
    MerchantNotFound,
    NotFound,
    PaymentNotFound,
    TillNotFound,
    WalletNotFound,
    WindowNotFound,
)
from network.domain.exposure import local_day
from network.domain.merchant import Merchant
from network.domain.payment import Payment
from network.domain.tax import TaxRecord
from network.domain.till import Till
from network.domain.wallet import Wallet
from network.domain.window import Window
from network.store.mapper import EventMapper
from network.store.recorder import CoalitionRecorder

A = TypeVar("A", bound=Aggregate)
Happened = CanMutateAggregate[UUID]

_MISSING: dict[type[Aggregate], type[NotFound]] = {
    Coalition: CoalitionNotFound,
    Merchant: MerchantNotFound,
    Agreement: AgreementNotFound,
    Payment: PaymentNotFound,
    Certificate: CertificateNotFound,
    Allotment: AllotmentNotFound,
    Wallet: WalletNotFound,
    Till: TillNotFound,
    Window: WindowNotFound,
    Dispute: DisputeNotFound,
    Deposit: DepositNotFound,
    Default: DefaultNotFound,
    BankFile: BankFileNotFound,
}


class WorkingSet:
    """The aggregates of one batch, as the log has them and as the batch has changed them so far."""

    def __init__(
        self,
        recorder: CoalitionRecorder,
        mapper: EventMapper,
        known: dict[UUID, Aggregate],
        current: Collection[UUID] = frozenset(),
    ) -> None:
        """`current`: which of the known aggregates nobody has changed since, as far as the caller can tell."""
        self.recorder = recorder
        self.mapper = mapper
        self.known = known
        self.current = current
        self.aggregates: dict[UUID, Aggregate] = {}
        self.bases: dict[UUID, int] = {}
        self.fresh: dict[UUID, list[Happened]] = {}
        self.visits: dict[tuple[UUID, UUID], datetime | None] = {}
        self.new_visits: dict[tuple[UUID, UUID], datetime] = {}
        self.used: dict[tuple[str, str], int] = {}
        self.moves: dict[tuple[str, str], list[int]] = {}

    def load(self, ids: Iterable[UUID]) -> None:
        """Bring these streams up to the log in one query; what is known already is only caught up, if need be."""
        wanted: dict[UUID, int] = {}
        for i in ids:
            if i in self.bases:
                continue
            known = self.known.get(i)
            if known is None:
                wanted[i] = 0
                continue
            self.aggregates[i] = known
            if i in self.current:
                self.bases[i] = known.version
            else:
                wanted[i] = known.version
        if not wanted:
            return
        self._replay(self.recorder.streams(wanted))
        for i in wanted:
            aggregate = self.aggregates.get(i)
            self.bases[i] = aggregate.version if aggregate is not None else 0

    def presume_free(self, ids: Iterable[UUID]) -> None:
        """Take these for ids that nothing has yet, unless it is known better. The append finds out if that is wrong."""
        for i in ids:
            if i not in self.known:
                self.bases.setdefault(i, 0)

    def find(self, aggregate_id: UUID) -> Aggregate | None:
        """The aggregate, or None if its stream is empty."""
        if aggregate_id not in self.bases:
            self.load((aggregate_id,))
        return self.aggregates.get(aggregate_id)

    def look_up_visits(self, pairs: Sequence[tuple[UUID, UUID]]) -> None:
        """When each guest last paid at each merchant, as the log has it; None is remembered too."""
        self.visits |= dict.fromkeys(pairs) | self.recorder.visits(pairs)

    def used_of(self, scope: str, key: str) -> int:
        """What counts against a limit: by the log, and by the commands of this batch so far."""
        if (scope, key) not in self.used:
            stored = self.recorder.used([(scope, key)]).get((scope, key), 0)
            self.used[scope, key] = stored + sum(self.moves.get((scope, key), ()))
        return self.used[scope, key]

    def look_up_used(self, places: Iterable[tuple[str, str]]) -> None:
        """Read what counts against these limits at once, so that `used_of` need not ask one by one."""
        missing = [place for place in dict.fromkeys(places) if place not in self.used]
        stored = self.recorder.used(missing) if missing else {}
        for place in missing:
            self.used[place] = stored.get(place, 0) + sum(self.moves.get(place, ()))

    def restore(self, aggregate_id: UUID) -> None:
        """Forget what a refused command did to this aggregate: its stored events, then those of this batch."""
        self.known.pop(aggregate_id, None)
        self.aggregates.pop(aggregate_id, None)
        base = self.bases[aggregate_id]
        stored = self.recorder.streams({aggregate_id: 0})
        self._replay(event for event in stored if event.originator_version <= base)
        for event in self.fresh.get(aggregate_id, ()):
            self._apply(event)

    def _replay(self, stored: Iterable[StoredEvent]) -> None:
        for event in stored:
            self._apply(self.mapper.to_domain_event(event))  # type: ignore[arg-type]

    def _apply(self, event: Happened) -> None:
        aggregate: Aggregate | None = event.mutate(self.aggregates.get(event.originator_id))
        assert aggregate is not None, "an event leaves an aggregate behind"
        self.aggregates[event.originator_id] = aggregate


class Unit:
    """One command's view. What it gets and adds is recorded together, or not at all."""

    def __init__(self, working: WorkingSet, *, coalition_id: UUID, at: datetime) -> None:
        self._working = working
        self._touched: dict[UUID, Aggregate] = {}
        self._coalition_id = coalition_id
        self.at = at

    @property
    def coalition(self) -> Coalition:
        """The tenant whose log this is."""
        return self.get(Coalition, self._coalition_id)

    def find(self, kind: type[A], aggregate_id: UUID) -> A | None:
        """The aggregate, or None. An id of another kind of thing is not found either."""
        aggregate = self._touched.get(aggregate_id) or self._working.find(aggregate_id)
        if not isinstance(aggregate, kind):
            return None
        self._touched[aggregate_id] = aggregate
        return aggregate

    def get(self, kind: type[A], aggregate_id: UUID) -> A:
        """Raises: the NotFound of its kind."""
        aggregate = self.find(kind, aggregate_id)
        if aggregate is None:
            raise _MISSING[kind]()
        return aggregate

    def is_free(self, aggregate_id: UUID) -> bool:
        """Whether nothing in this coalition has that id yet."""
        return aggregate_id not in self._touched and self._working.find(aggregate_id) is None

    def add(self, aggregate: Aggregate) -> None:
        """A new aggregate; the caller has made sure that its id is free."""
        self._working.find(aggregate.id)
        self._touched[aggregate.id] = aggregate

    def last_paid_at(self, merchant_id: UUID, customer_id: UUID) -> datetime | None:
        """When this guest last paid at this merchant."""
        pair = (merchant_id, customer_id)
        if pair not in self._working.visits:
            self._working.look_up_visits([pair])
        known = (self._working.visits.get(pair), self._working.new_visits.get(pair))
        return max((at for at in known if at is not None), default=None)

    def used(self, scope: str, key: str) -> int:
        """What counts against a limit now."""
        return self._working.used_of(scope, key)

    def look_up_used(self, places: Iterable[tuple[str, str]]) -> None:
        """Before many questions by `used`: one for all of these limits."""
        self._working.look_up_used(places)

    def seller(self, merchant_id: UUID) -> TaxRecord | None:
        """What a partner has on record for tax on the local day of this command."""
        return self.get(Merchant, merchant_id).tax_on(local_day(self.at, self.coalition.time_zone))

    def status_index(self, expires_at: datetime) -> int:
        """A place in the status list that no other copy has."""
        return self._working.recorder.status_index(expires_at)

    def happened(self) -> list[Happened]:
        """What the command has triggered so far, without taking it away."""
        return [event for aggregate in self._touched.values() for event in aggregate.pending_events]

    def accept(self) -> None:
        """The batch takes over what was triggered, so that the next command sees it."""
        for aggregate_id, aggregate in self._touched.items():
            if aggregate.pending_events:
                self._working.aggregates[aggregate_id] = aggregate
                self._working.fresh.setdefault(aggregate_id, []).extend(aggregate.collect_events())

    def withdraw(self) -> None:
        """Undo what was triggered: the command is refused."""
        for aggregate_id, aggregate in self._touched.items():
            if aggregate.pending_events:
                self._working.restore(aggregate_id)


Decide = Callable[[Unit], object]
"""A command's body: loads, acts, returns its answer as plain JSON values. Raises: Refusal."""
