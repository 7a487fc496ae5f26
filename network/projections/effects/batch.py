"""One batch of facts: the rows it works with, as they were and as they become, and what that changes in the sums."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import MISSING, fields
from datetime import date, datetime
from functools import lru_cache
from typing import Generic, TypeAlias, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import sql

from network.domain.certificate import Certificate
from network.domain.payment import Payment
from network.domain.units import pro_rata_rounded_half_up
from network.projections.effects import book, figures, guests, neighbours
from network.projections.effects.neighbours import LOOK_BACK, Guest
from network.projections.effects.rows import (
    CERTIFICATES,
    DAYS,
    HOPS,
    PAYMENTS,
    REDEMPTIONS,
    WAITS,
    ZONE,
    CertificateRow,
    DayRow,
    HopRow,
    PaymentRow,
    RedemptionRow,
    WaitRow,
)
from network.projections.tables import Table, View

K = TypeVar("K")
R = TypeVar("R", CertificateRow, RedemptionRow, PaymentRow)
_Pair: TypeAlias = tuple[UUID, UUID]
_UNPLACED = {one.name: one.default for one in fields(RedemptionRow) if one.default is not MISSING}
Moves: TypeAlias = book.OfCertificate | book.OfPayment | Certificate.Issued


class Kept(dict[K, R], Generic[K, R]):
    """Rows by key, and how each was when the batch began."""

    def __init__(self) -> None:
        super().__init__()
        self._were: dict[K, R] = {}

    def meet(self, key: K, row: R) -> R:
        """A row as the table has it; if the batch knows it already, the batch's own."""
        if key not in self:
            self[key] = row
            self._were[key] = copy(row)
        return self[key]

    def was(self, key: K) -> R | None:
        """None for one that is new."""
        return self._were.get(key)

    def changed(self) -> list[R]:
        """What has to be written."""
        return [row for key, row in self.items() if row != self._were.get(key)]


class Batch:
    """Take each event, then `settle`."""

    def __init__(self, view: View, events: Sequence[Moves]) -> None:
        self._view = view
        self._day = _local_days(_time_zone(view))
        self._sums = figures.Sums()
        self._certificates: Kept[UUID, CertificateRow] = Kept()
        self._redemptions: Kept[_Pair, RedemptionRow] = Kept()
        self._payments: Kept[UUID, PaymentRow] = Kept()
        ids = {event.originator_id for event in events}
        for certificate in view.load(CERTIFICATES, "certificate_id", ids):
            self._certificates.meet(certificate.certificate_id, certificate)
        for redemption in view.load(REDEMPTIONS, "certificate_id", self._certificates):
            self._redemptions.meet(_pair(redemption), redemption)
        for payment in view.load(PAYMENTS, "payment_id", ids):
            self._payments.meet(payment.payment_id, payment)

    def take(self, event: Moves) -> None:
        """One fact."""
        key = event.originator_id
        match event:
            case Certificate.Issued():
                self._certificates[key] = book.issued(event)
                replacement = int(event.origin.replaces_id is not None)
                sums = {"issued_count": 1, "issued_value": event.face, "replacements_count": replacement}
                self._reach(self._certificates[key], event.timestamp, sums)
            case Certificate.PassedOn():
                book.follow(self._certificates[key], self._redemptions, event)
                self._reach(self._certificates[key], event.timestamp, {"passed_on_count": 1})
            case Payment.Recorded() | Payment.Completed() | Payment.Refunded():
                self._payments[key] = book.paid(key, self._payments.get(key), event)
            case _:
                book.follow(self._certificates[key], self._redemptions, event)

    def settle(self) -> None:
        """Write what the events say, look at the neighbours, and correct the sums."""
        since = self._touched_guests()
        bills = {one.payment_id: one.merchant_id for one in self._payments.changed()}
        bills |= {one.payment_id: one.acceptor_id for one in self._redemptions.changed() if one.payment_id}
        self._find_first_uses()
        self._forget_what_was_undone()
        self._view.save(CERTIFICATES, self._certificates.changed())
        self._view.save(REDEMPTIONS, self._redemptions.changed())
        carried = self._standing_on(bills)
        self._mark_bills(bills, carried, since)
        self._view.save(PAYMENTS, self._payments.changed())
        self._place(neighbours.touched(self._view, since, bills))
        self._share_bills(carried)
        self._view.save(REDEMPTIONS, self._redemptions.changed())
        self._correct_sums()

    def _reach(self, one: CertificateRow, at: datetime, sums: dict[str, int]) -> None:
        """It has come into somebody's hands: what no later event changes."""
        on = self._day(at)
        self._sums.add(one, figures.Part(DayRow, on, None, sums))
        self._sums.add(one, figures.Part(HopRow, on, one.hops, {"reached_count": 1}))

    def _touched_guests(self) -> dict[Guest, datetime]:
        """From when on redemptions of which guests may be seen differently."""
        since: dict[Guest, datetime] = {}
        for redemption in self._redemptions.changed():
            if redemption.holder_id is not None:
                guest = Guest(redemption.acceptor_id, redemption.holder_id)
                neighbours.touch(since, guest, redemption.redeemed_at - LOOK_BACK)
        for payment in self._payments.changed():
            _touch_payer(since, payment)
        return since

    def _find_first_uses(self) -> None:
        first: dict[UUID, RedemptionRow] = {}
        for one in sorted(self._redemptions.values(), key=_order, reverse=True):
            if one.stands:
                first[one.certificate_id] = one
        for key, certificate in self._certificates.items():
            use = first.get(key)
            certificate.used_at, certificate.used_hop = (use.redeemed_at, use.hop) if use else (None, 0)

    def _forget_what_was_undone(self) -> None:
        """A redemption that does not stand has no neighbours."""
        for one in self._redemptions.changed():
            if not one.stands:
                for name, value in _UNPLACED.items():
                    setattr(one, name, value)

    def _standing_on(self, bills: Iterable[UUID]) -> dict[UUID, list[RedemptionRow]]:
        found: dict[UUID, list[RedemptionRow]] = {bill: [] for bill in bills}
        for row in self._view.load(REDEMPTIONS, "payment_id", set(found)):
            if row.stands and row.payment_id is not None:
                found[row.payment_id].append(self._redemptions.meet(_pair(row), row))
        return found

    def _mark_bills(
        self, bills: dict[UUID, UUID], carried: dict[UUID, list[RedemptionRow]], since: dict[Guest, datetime]
    ) -> None:
        """Which bills carry redemptions, and whose. Marked otherwise, a bill is another one to its payer's timeline."""
        for row in self._view.load(PAYMENTS, "payment_id", bills):
            self._payments.meet(row.payment_id, row)
        for bill, merchant_id in bills.items():
            standing = carried[bill]
            payment = self._payments.setdefault(bill, PaymentRow(bill, merchant_id, None, None, None))
            payment.redemptions = len(standing)
            payment.own = payment.customer_id is not None and payment.customer_id in {s.holder_id for s in standing}
            _touch_payer(since, payment)

    def _place(self, targets: Iterable[RedemptionRow]) -> None:
        """See every touched redemption among its neighbours."""
        ours = [self._redemptions.meet(_pair(row), row) for row in targets]
        known = neighbours.around(self._view, ours)
        mates = self._standing_on({one.payment_id for one in ours if one.payment_id})
        for one in ours:
            around = known.get(Guest(one.acceptor_id, one.holder_id)) if one.holder_id else None
            on_the_bill = mates[one.payment_id] if one.payment_id else [one]
            redemptions, payments = around if around else ([], [])
            guests.place(one, redemptions, payments, on_the_bill, self._day)

    def _share_bills(self, carried: dict[UUID, list[RedemptionRow]]) -> None:
        """A bill, less what went back of it, is divided among its certificates by what each took off it."""
        for one in self._redemptions.changed():
            if one.payment_id is None and one.stands:
                one.bill_share = one.bill
        for bill, standing in carried.items():
            payment = self._payments[bill]
            announced = [one.bill for one in standing if one.bill is not None]
            if payment.amount is None and not announced:
                continue
            whole = (payment.amount if payment.amount is not None else max(announced)) - payment.refunded
            taken, done, given = sum(one.amount for one in standing), 0, 0
            for one in sorted(standing, key=_order):
                done += one.amount
                upto = pro_rata_rounded_half_up(whole, done, taken)
                one.bill_share, given = upto - given, upto

    def _correct_sums(self) -> None:
        for key, certificate in self._certificates.items():
            self._correct(self._certificates.was(key), certificate, figures.of_certificate)
        for pair, redemption in self._redemptions.items():
            self._correct(self._redemptions.was(pair), redemption, figures.of_redemption)
        _add(self._view, DAYS, self._sums.of(DayRow))
        _add(self._view, HOPS, self._sums.of(HopRow))
        _add(self._view, WAITS, self._sums.of(WaitRow))

    def _correct(
        self,
        was: CertificateRow | RedemptionRow | None,
        one: CertificateRow | RedemptionRow,
        parts: Callable[..., Iterator[figures.Part]],
    ) -> None:
        """Take back what it added, and add what it adds now."""
        if was == one:
            return
        for part in parts(was, self._day) if was is not None else ():
            self._sums.add(one, part, -1)
        for part in parts(one, self._day):
            self._sums.add(one, part)


def _add(view: View, table: Table[figures.Summed], rows: Sequence[figures.Summed]) -> None:
    """Add to the sums. A row that nothing stands behind any more is none: a view that is folded anew never had it."""
    view.save(table, rows)
    emptied = [row for row in rows if row.entries < 0]
    if not emptied:
        return
    text = "DELETE FROM {t} t USING unnest({arrays}) AS k ({keys}) WHERE ({ours}) = ({theirs}) AND t.entries = 0"
    kinds = [table.columns[name][0] for name in table.key]
    statement = sql.SQL(text).format(
        t=sql.Identifier(view.schema, table.name + view.suffix),
        arrays=sql.SQL(", ".join(f"%b::{kind}[]" for kind in kinds)),
        keys=sql.SQL(", ").join(map(sql.Identifier, table.key)),
        ours=sql.SQL(", ").join(sql.Identifier("t", name) for name in table.key),
        theirs=sql.SQL(", ").join(sql.Identifier("k", name) for name in table.key),
    )
    view.connection.execute(statement, [[getattr(row, name) for row in emptied] for name in table.key])


def _touch_payer(since: dict[Guest, datetime], payment: PaymentRow) -> None:
    if payment.customer_id is not None and payment.paid_at is not None:
        neighbours.touch(since, Guest(payment.merchant_id, payment.customer_id), payment.paid_at - LOOK_BACK)


def _pair(row: RedemptionRow) -> _Pair:
    return row.certificate_id, row.redemption_id


def _order(row: RedemptionRow) -> tuple[datetime, bytes]:
    return row.redeemed_at, row.redemption_id.bytes


def _time_zone(view: View) -> str:
    name = sql.Identifier(view.schema, ZONE.name + view.suffix)
    row = view.connection.execute(sql.SQL("SELECT time_zone FROM {}").format(name)).fetchone()
    assert row is not None, "a coalition is founded before anything happens in it"
    return str(row[0])


@lru_cache(maxsize=64)
def _local_days(time_zone: str) -> Callable[[datetime], date]:
    """The coalition's calendar day of an instant."""
    zone = ZoneInfo(time_zone)
    return lru_cache(maxsize=65_536)(lambda at: at.astimezone(zone).date())
