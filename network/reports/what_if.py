"""What other terms would have changed: past certificates go once more through the domain's own rules, with those terms.

**Held fixed:** guests. Whoever came comes again, with the same bill at the same instant, and nobody else does. So a
larger face value draws no more guests here, and a shorter time scares nobody away: it only leaves their certificate
unused. A certificate that would not have been handed out counts as not used, and so does the visit's bill.
**Not held:** limits. A certificate that was issued is taken as within them.
The same past under its own terms is the base, reckoned in the same way.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from network.domain.certificate import Certificate, State
from network.domain.errors import Refusal
from network.domain.postings import Kind, Posting, reserve_postings
from network.domain.terms import Commission, FaceValue, Fee, Funding, Terms
from network.domain.units import BasisPoints, Minor, pro_rata_rounded_half_up, share_rounded_half_up

NOT_ISSUED = "not_issued"


def _(text: str) -> str:
    """Marks a text for the catalogues; it is looked up when it is said."""
    return text


HELD_FIXED = _(
    "Guests: whoever came comes again, with the same bill at the same time, and nobody else does. A certificate that "
    "would not have been handed out, or would have been over, counts as not used, and its visit as not brought. Limits "
    "are not looked at."
)


@dataclass(frozen=True, slots=True)
class Change:
    """What of the terms is another; None leaves it as it was."""

    face: FaceValue | None = None
    smallest_bill_to_issue: Minor | None = None
    smallest_bill_to_redeem: Minor | None = None
    validity_days: int | None = None
    funding: Funding | None = None
    commission: Commission | None = None
    fee: Fee | None = None

    def of(self, terms: Terms) -> Terms:
        """The changed terms. Raises: InvalidTerms."""
        changes = {one.name: value for one in fields(self) if (value := getattr(self, one.name)) is not None}
        if not changes:
            return terms
        changed = replace(terms, **changes)
        changed.check()
        return changed


@dataclass(frozen=True, slots=True)
class Use:
    """A redemption. `bill_left` is what other certificates left of the bill, `bill_share` its part of it after refunds,
    None where that is unknown or it was undone.
    """

    event: Certificate.Redeemed
    bill_left: Minor | None
    bill_share: Minor | None


Act: TypeAlias = Use | Certificate.RedemptionReversed | Certificate.RedemptionRefunded


@dataclass(frozen=True, slots=True)
class Past:
    """A certificate as it was handed out, and what was done with it, in order. `earned` is what its bill had paid in
    money, None where that is unknown.
    """

    issued: Certificate.Issued
    earned: Minor | None
    acts: tuple[Act, ...]


@dataclass(slots=True)
class Outcome:
    """What a past comes to. `*_value` in minor units; `acceptor_cost` = its share, commission, fees; `issuer_cost`: its
    share and fees less commission. `owed`: all that is posted, `reserved`: for what was still in hands at the end.
    `refused`: uses and issues that the terms forbid, by code.
    """

    issued_count: int = 0
    issued_value: Minor = 0
    uses_count: int = 0
    redeemed_value: Minor = 0
    bill_value: Minor = 0
    issuer_value: Minor = 0
    pool_value: Minor = 0
    commission_value: Minor = 0
    acceptor_fee_value: Minor = 0
    issuer_fee_value: Minor = 0
    reserved_value: Minor = 0
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def owed(self) -> Minor:
        """Gross obligations."""
        return (
            self.issuer_value
            + self.pool_value
            + self.commission_value
            + self.acceptor_fee_value
            + self.issuer_fee_value
        )

    @property
    def acceptor_cost(self) -> Minor:
        """What the acceptor bears."""
        own = self.redeemed_value - self.issuer_value - self.pool_value
        return own + self.commission_value + self.acceptor_fee_value

    @property
    def issuer_cost(self) -> Minor:
        """What the issuer bears."""
        return self.issuer_value + self.issuer_fee_value - self.commission_value

    def net_benefit(self, margin: BasisPoints) -> Minor:
        """Margin of the known bills, less the acceptor's cost."""
        return share_rounded_half_up(max(0, self.bill_value), margin) - self.acceptor_cost

    def facts(self, margin: BasisPoints | None) -> dict[str, object]:
        """As JSON values; `net_benefit` None where the margin is not the reader's to know."""
        return {
            **asdict(self),
            "refused": dict(sorted(self.refused.items())),
            "owed": self.owed,
            "acceptor_cost": self.acceptor_cost,
            "issuer_cost": self.issuer_cost,
            "net_benefit": None if margin is None else self.net_benefit(margin),
        }


def outcome_of(past: Iterable[Past], change: Change, *, time_zone: str, until: datetime) -> Outcome:
    """Run the past, in the order of issue, under changed terms. `until`: when what is still in hands is counted.

    Raises: InvalidTerms when the change makes no sense.
    """
    change.of(Terms(face=FaceValue(fixed=1)))  # what is wrong by itself is refused, also when nothing was handed out
    run = _Run(change, time_zone, until)
    for one in past:
        run.take(one)
    return run.outcome


class _Run:
    def __init__(self, change: Change, time_zone: str, until: datetime) -> None:
        self._change = change
        self._time_zone = time_zone
        self._until = until
        self._parts: dict[UUID, Minor] = {}
        self._whole: dict[UUID, Minor] = {}
        self._back: dict[UUID, Minor] = {}
        self.outcome = Outcome()

    def take(self, one: Past) -> None:
        """One certificate from its issue to its end."""
        terms = self._change.of(one.issued.terms)
        try:
            certificate = self._issued(one, terms)
        except Refusal as refusal:
            self.outcome.refused[refusal.code] += 1
            certificate = None
        if certificate is None:
            return
        self.outcome.issued_count += 1
        self.outcome.issued_value += certificate.face
        for act in one.acts:
            try:
                self._act(certificate, act)
            except Refusal as refusal:
                self.outcome.refused[refusal.code] += 1
        self._count(certificate, one.acts)
        if certificate.state is State.ACTIVE and self._until < certificate.expires_at:
            reserved = reserve_postings(terms, certificate.parties, before=0, after=certificate.outstanding)
            self.outcome.reserved_value += sum(posting.amount for posting in reserved)

    def _issued(self, one: Past, terms: Terms) -> Certificate | None:
        issued, change = one.issued, self._change
        face, expires_at = issued.face, issued.expires_at
        if issued.origin.replaces_id is not None:
            face = self._parts.get(issued.originator_id, 0)
            if not face:  # what it came back for was not used under these terms
                return None
        elif change.face is not None and one.earned is not None:
            face = terms.face.of(one.earned)
        smallest = change.smallest_bill_to_issue
        if smallest is not None and one.earned is not None and one.earned < smallest:
            self.outcome.refused[NOT_ISSUED] += 1
            return None
        if change.validity_days is not None and issued.origin.replaces_id is None:
            expires_at = terms.expires_at(issued.timestamp, self._time_zone)
        return Certificate.issue(
            certificate_id=issued.originator_id,
            coalition_id=issued.coalition_id,
            issuer_id=issued.issuer_id,
            acceptor_id=issued.acceptor_id,
            origin=issued.origin,
            terms=terms,
            face=face,
            currency=issued.currency,
            holder_id=issued.holder_id,
            expires_at=expires_at,
            status_index=0,
            at=issued.timestamp,
        )

    def _act(self, certificate: Certificate, act: Act) -> None:
        """Raises: the refusal of what these terms forbid."""
        match act:
            case Use():
                self._use(certificate, act)
            case Certificate.RedemptionReversed():
                if act.redemption_id not in certificate.redemptions:
                    return
                certificate.reverse(
                    redemption_id=act.redemption_id, by="organizer", reason=act.reason, at=act.timestamp
                )
            case Certificate.RedemptionRefunded():
                self._refund(certificate, act)
            case _:
                assert_never(act)

    def _use(self, certificate: Certificate, use: Use) -> None:
        """As it was asked for; a sum that no longer fits is as much as fits."""
        event = use.event
        requested = event.requested if certificate.terms.partial_redemption else None
        if requested is not None:
            requested = min(requested, certificate.outstanding) or None
        certificate.redeem(
            redemption_id=event.redemption_id,
            acceptor_id=certificate.acceptor_id,
            epoch=certificate.epoch,
            bill_reference=event.bill_reference,
            bill=event.bill,
            bill_left=use.bill_left,
            requested=requested,
            guest=event.guest,
            at=event.timestamp,
        )
        self._whole[event.redemption_id] = event.amount

    def _refund(self, certificate: Certificate, event: Certificate.RedemptionRefunded) -> None:
        """In proportion to what it deducts under these terms; what comes back as a certificate is remembered."""
        redemption = certificate.redemptions.get(event.redemption_id)
        if redemption is None:
            return
        whole, back = self._whole[event.redemption_id], self._back.get(event.redemption_id, 0)
        self._back[event.redemption_id] = back + event.amount
        before = pro_rata_rounded_half_up(redemption.amount, back, whole)
        part = pro_rata_rounded_half_up(redemption.amount, back + event.amount, whole) - before
        if not part:
            return
        known = len(certificate.pending_events)
        certificate.refund(
            redemption_id=event.redemption_id, part=part, already=before, replacement_id=None, at=event.timestamp
        )
        for one in certificate.pending_events[known:]:
            self._bear(certificate.issuer_id, [posting.reversed() for posting in _postings(one)], -1)
        if event.replacement_id is not None:
            self._parts[event.replacement_id] = part

    def _count(self, certificate: Certificate, acts: Iterable[Act]) -> None:
        """What stands in the end."""
        outcome = self.outcome
        shares = {act.event.redemption_id: act.bill_share for act in acts if isinstance(act, Use)}
        for redemption_id, redemption in certificate.redemptions.items():
            if not redemption.reversed:
                outcome.uses_count += 1
                outcome.redeemed_value += redemption.amount - redemption.refunded
                outcome.bill_value += shares[redemption_id] or 0
                self._bear(certificate.issuer_id, redemption.postings, 1)

    def _bear(self, issuer_id: UUID, postings: Sequence[Posting], sign: int) -> None:
        outcome = self.outcome
        for posting in postings:
            amount, by_issuer = sign * posting.amount, posting.debtor == issuer_id
            if posting.kind is Kind.VALUE and by_issuer:
                outcome.issuer_value += amount
            elif posting.kind is Kind.VALUE:
                outcome.pool_value += amount
            elif posting.kind is Kind.COMMISSION:
                outcome.commission_value += amount
            elif posting.kind is Kind.FEE and by_issuer:
                outcome.issuer_fee_value += amount
            elif posting.kind is Kind.FEE:
                outcome.acceptor_fee_value += amount


def _postings(event: object) -> Sequence[Posting]:
    found: Sequence[Posting] = getattr(event, "postings", ())
    return found
