"""What certificates brought, computed naively from the whole log at once, sharing nothing with the view."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass
class Use:
    certificate: "Issued"
    event: Any
    hop: int
    undone: bool = False
    back: int = 0
    taken_back: list[Any] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        return self.event.timestamp

    @property
    def order(self) -> tuple[datetime, bytes]:
        return self.at, self.event.redemption_id.bytes

    @property
    def bill_id(self) -> UUID | None:
        reference = self.event.bill_reference
        return None if reference is None else uuid5(self.event.acceptor_id, reference)


@dataclass
class Issued:
    event: Any
    passed_on: list[datetime] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    left: int = 0
    lost: int = 0
    ended: tuple[str, datetime] | None = None


@dataclass
class Bill:
    merchant: UUID
    payer: UUID | None = None
    at: datetime | None = None
    amount: int | None = None
    back: int = 0


class Naive:
    """Fold the log into lists, then answer by looking through all of them."""

    def __init__(self, log: list[Any]) -> None:
        self.issued: dict[UUID, Issued] = {}
        self.bills: dict[UUID, Bill] = {}
        for event in log:
            getattr(self, "_" + type(event).TOPIC.replace(".", "_").lower(), lambda event: None)(event)
        self.uses = [use for one in self.issued.values() for use in one.uses if not use.undone]

    def _coalition_founded(self, event: Any) -> None:
        self.zone = ZoneInfo(event.time_zone)

    def _certificate_issued(self, event: Any) -> None:
        self.issued[event.originator_id] = Issued(event, left=event.face)

    def _certificate_passedon(self, event: Any) -> None:
        self.issued[event.originator_id].passed_on.append(event.timestamp)

    def _certificate_redeemed(self, event: Any) -> None:
        one = self.issued[event.originator_id]
        one.uses.append(Use(one, event, len(one.passed_on)))
        one.left -= event.amount + event.released
        if one.left == 0:
            one.ended = ("redeemed", event.timestamp)

    def _use(self, event: Any) -> Use:
        return next(u for u in self.issued[event.originator_id].uses if u.event.redemption_id == event.redemption_id)

    def _certificate_redemptionreversed(self, event: Any) -> None:
        one = self.issued[event.originator_id]
        self._use(event).undone = True
        if event.renewed:
            one.left, one.ended = one.left + event.amount + event.released, None
            return
        one.lost += event.amount + event.released
        if one.ended and one.ended[0] == "redeemed":
            one.ended = ("expired", one.event.expires_at)

    def _certificate_redemptionrefunded(self, event: Any) -> None:
        use = self._use(event)
        use.back += event.amount
        use.taken_back += event.postings

    def _certificate_expired(self, event: Any) -> None:
        one = self.issued[event.originator_id]
        one.lost, one.left, one.ended = one.lost + one.left, 0, ("expired", one.event.expires_at)

    def _certificate_revoked(self, event: Any) -> None:
        one = self.issued[event.originator_id]
        one.lost, one.left, one.ended = one.lost + one.left, 0, ("revoked", event.timestamp)

    def _payment_recorded(self, event: Any) -> None:
        bill = self.bills.setdefault(event.originator_id, Bill(event.merchant_id))
        bill.payer, bill.at, bill.amount = event.customer_id, event.timestamp, event.amount

    _payment_completed = _payment_recorded

    def _payment_refunded(self, event: Any) -> None:
        self.bills[event.originator_id].back += event.amount

    # -- Questions ---------------------------------------------------------------------------------------------------

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def visit_of(self, use: Use) -> set[int]:
        """The uses of the same visit, by place in `uses`: the same bill, or the same guest at once."""
        guest = use.event.holder_id
        together = set()
        for place, other in enumerate(self.uses):
            if other.event.acceptor_id != use.event.acceptor_id:
                continue
            same_guest = guest is not None and other.event.holder_id == guest
            imports = use.certificate.event.origin.imported and other.certificate.event.origin.imported
            if (
                other is use
                or (use.bill_id is not None and other.bill_id == use.bill_id)
                or (same_guest and other.at == use.at)
                or (same_guest and imports and self.day(other.at) == self.day(use.at))
            ):
                together.add(place)
        return together

    def timeline(self, use: Use) -> tuple[list[Use], list[Bill]]:
        """The guest's other visits with certificates, and the bills that are visits of their own."""
        guest, acceptor = use.event.holder_id, use.event.acceptor_id
        if guest is None:
            return [], []
        mine = [u for u in self.uses if u.event.holder_id == guest and u.event.acceptor_id == acceptor]
        my_bills = {u.bill_id for u in mine}
        bills = [
            bill
            for key, bill in self.bills.items()
            if bill.merchant == acceptor and bill.payer == guest and bill.at is not None and key not in my_bills
        ]
        visit = self.visit_of(use)
        others = [u for u in mine if self.uses.index(u) not in visit]
        return others, [bill for bill in bills if not self.is_bill_of(use, bill)]

    def is_bill_of(self, use: Use, bill: Bill) -> bool:
        assert bill.at is not None
        imported = use.certificate.event.origin.imported
        return bill.at == use.at or (imported and self.day(bill.at) == self.day(use.at))

    def guest(self, use: Use) -> str:
        if use.event.holder_id is None:
            return "unknown"
        others, bills = self.timeline(use)
        seen = [u.at for u in others if u.at < use.at] + [b.at for b in bills if b.at and b.at < use.at]
        if not seen:
            return "new"
        return "lapsed" if use.at - max(seen) >= 180 * DAY else "returning"

    def came_again(self, use: Use, days: int) -> bool:
        others, bills = self.timeline(use)
        later = [u.at for u in others] + [b.at for b in bills if b.at and b.amount and b.back < b.amount]
        return any(timedelta() < at - use.at <= days * DAY for at in later)

    def followed(self, use: Use, days: int) -> list[int]:
        """What bills without a certificate kept, each for the last use before it."""
        carrying = {u.bill_id for u in self.uses}
        keys = {id(bill): key for key, bill in self.bills.items()}
        _, bills = self.timeline(use)
        mine = [
            u
            for u in self.uses
            if u.event.holder_id == use.event.holder_id and u.event.acceptor_id == use.event.acceptor_id
        ]
        found = []
        for bill in bills:
            if keys[id(bill)] in carrying or not bill.amount or bill.back >= bill.amount or bill.at is None:
                continue
            if not timedelta() < bill.at - use.at <= days * DAY:
                continue
            if any(u.order > use.order and (u.at < bill.at or self.is_bill_of(u, bill)) for u in mine):
                continue
            found.append(bill.amount - bill.back)
        return found

    def bill_share(self, use: Use) -> int | None:
        if use.bill_id is None:
            bill: int | None = use.event.bill
            return bill
        together = sorted((u for u in self.uses if u.bill_id == use.bill_id), key=lambda u: u.order)
        bill_row = self.bills.get(use.bill_id)
        whole = bill_row.amount if bill_row else None
        if whole is None:
            announced = [u.event.bill for u in together if u.event.bill is not None]
            if not announced:
                return None
            whole = max(announced)
        whole -= bill_row.back if bill_row else 0
        parts, so_far = {}, Fraction(0)
        total = sum(u.event.amount for u in together)
        for u in together:
            before = _half_up(so_far)
            so_far += Fraction(whole * u.event.amount, total)
            parts[u.event.redemption_id] = _half_up(so_far) - before
        return parts[use.event.redemption_id]

    # -- Sums --------------------------------------------------------------------------------------------------------

    def days(self) -> dict[tuple[UUID, int, date], dict[str, int]]:
        """`{(agreement, version, day): {figure: sum}}`, without zeros."""
        sums: defaultdict[tuple[UUID, int, date], Counter[str]] = defaultdict(Counter)
        for one in self.issued.values():
            self._count_certificate(sums, one)
        for use in self.uses:
            self._count_use(sums[self.place(use.certificate, use.at)], use)
        return {key: found for key, counts in sums.items() if (found := {n: v for n, v in counts.items() if v})}

    def hops(self) -> dict[tuple[UUID, int, date, int], dict[str, int]]:
        """`{(agreement, version, day, hop): {figure: sum}}`, without zeros."""
        sums: defaultdict[tuple[UUID, int, date, int], Counter[str]] = defaultdict(Counter)
        for one in self.issued.values():
            for hop, at in enumerate([one.event.timestamp, *one.passed_on]):
                sums[*self.place(one, at), hop]["reached_count"] += 1
        for use in self.uses:
            standing = [other for other in use.certificate.uses if not other.undone]
            if use is min(standing, key=lambda other: other.order):
                hop, known = sums[*self.place(use.certificate, use.at), use.hop], use.event.holder_id is not None
                first = min(self.visit_of(use), key=lambda place: self.uses[place].order)
                hop["used_count"] += 1
                hop["known_count"] += known
                for horizon in (30, 60, 90):
                    visit = self.uses[first] is use
                    hop[f"again_{horizon}_count"] += visit and known and self.came_again(use, horizon)
        return {key: found for key, counts in sums.items() if (found := {n: v for n, v in counts.items() if v})}

    def waits(self) -> dict[tuple[UUID, int, date], list[int]]:
        """`{(agreement, version, day): whole hours from issue to first use}`, sorted."""
        found: defaultdict[tuple[UUID, int, date], list[int]] = defaultdict(list)
        for one in self.issued.values():
            if standing := [use.at for use in one.uses if not use.undone]:
                hours = max(0, (min(standing) - one.event.timestamp) // timedelta(hours=1))
                found[self.place(one, min(standing))].append(hours if hours < 48 else hours // 24 * 24)
        return {key: sorted(hours) for key, hours in found.items()}

    def place(self, one: Issued, at: datetime) -> tuple[UUID, int, date]:
        return one.event.origin.agreement_id, one.event.origin.agreement_version, self.day(at)

    def _count_certificate(self, sums: defaultdict[tuple[UUID, int, date], Counter[str]], one: Issued) -> None:
        day = sums[self.place(one, one.event.timestamp)]
        day["issued_count"] += 1
        day["issued_value"] += one.event.face
        day["replacements_count"] += one.event.origin.replaces_id is not None
        for at in one.passed_on:
            sums[self.place(one, at)]["passed_on_count"] += 1
        standing = [use.at for use in one.uses if not use.undone]
        if standing:
            sums[self.place(one, min(standing))]["used_count"] += 1
        if one.ended and one.ended[0] == "expired":
            day = sums[self.place(one, one.ended[1] - timedelta(microseconds=1))]
            day["unused_count"] += not standing
            day["lapsed_value"] += one.lost
        if one.ended and one.ended[0] == "revoked":
            day = sums[self.place(one, one.ended[1])]
            day["revoked_count"] += 1
            day["revoked_value"] += one.lost

    def _count_use(self, day: Counter[str], use: Use) -> None:
        event, kept = use.event, use.event.amount - use.back
        first = min(self.visit_of(use), key=lambda place: self.uses[place].order)
        visit = self.uses[first] is use
        day["redemptions_count"] += 1
        day["redeemed_value"] += kept
        day["released_value"] += event.released
        day["visits_count"] += visit
        day[f"{self.guest(use)}_count"] += visit
        values = [(p.debtor, p.amount) for p in event.postings if p.kind == "value"]
        values += [(p.creditor, -p.amount) for p in use.taken_back if p.kind == "value"]
        for payer, amount in values:
            day["issuer_value" if payer == event.issuer_id else "pool_value"] += amount
        day["acceptor_value"] += kept - sum(amount for _, amount in values)
        for posting in event.postings:
            if posting.kind == "commission":
                day["commission_value"] += posting.amount
            if posting.kind == "fee":
                day["issuer_fee_value" if posting.debtor == event.issuer_id else "acceptor_fee_value"] += posting.amount
        share = self.bill_share(use)
        if share is not None:
            day["billed_count"] += 1
            day["bill_value"] += share
            day["billed_redeemed_value"] += kept
            if visit and self.guest(use) == "new":
                day["new_billed_count"] += 1
                day["new_bill_value"] += share
        for horizon in (30, 60, 90):
            followed = self.followed(use, horizon)
            day[f"followed_{horizon}_count"] += len(followed)
            day[f"followed_{horizon}_value"] += sum(followed)
            known = use.event.holder_id is not None
            day[f"again_{horizon}_count"] += visit and known and self.came_again(use, horizon)


def _half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
