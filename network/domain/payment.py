"""A bill at a merchant, known by the merchant's own reference: what was deducted, paid, decided and refunded."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID, uuid5

from network.domain.aggregate import Aggregate, Created, Event
from network.domain.draw import RULE, Chance, Drawn, Millionths, PassedOver, Rules
from network.domain.errors import (
    BillAlreadyPaid,
    BillConflict,
    BillCovered,
    InvalidAmount,
    IssueAlreadyDecided,
    PaymentNotFound,
    PaymentRefunded,
    RedemptionConflict,
    RefundConflict,
    RefundTooLarge,
    money_facts,
)
from network.domain.units import MINOR_MAX, BasisPoints, Minor, pro_rata_rounded_half_up


@lru_cache(maxsize=4096)
def payment_id_of(merchant_id: UUID, bill_reference: str) -> UUID:
    """One id for one bill of one merchant, so that the same bill is never on record twice."""
    return uuid5(merchant_id, bill_reference)


@dataclass(frozen=True, slots=True)
class Deduction:
    """What one certificate took off this bill; `returned` came back by refunds."""

    certificate_id: UUID
    amount: Minor
    returned: Minor = 0


@dataclass(frozen=True, slots=True)
class Returned:
    """The certificate part of one refund: `amount` of the deduction of `redemption_id`, after `already`."""

    redemption_id: UUID
    certificate_id: UUID
    amount: Minor
    already: Minor
    whole: Minor


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which agreement the guest of this bill was drawn for; None: the neutral arm. `partners` could have been drawn."""

    agreement_id: UUID | None
    reason: str
    partners: int


class Payment(Aggregate):
    """A bill and what became of it. The cause of an issue decision, and the bill that redemptions lower."""

    TOPIC = "Payment"

    class Recorded(Created):
        """A paid bill arrives. `amount` is the whole bill, before certificates."""

        TOPIC = "Payment.Recorded"
        merchant_id: UUID
        bill_reference: str
        amount: Minor
        currency: str
        customer_id: UUID | None
        imported: bool

    class Announced(Created):
        """A certificate is taken off a bill that is about to be paid."""

        TOPIC = "Payment.Announced"
        merchant_id: UUID
        bill_reference: str
        currency: str
        redemption_id: UUID
        certificate_id: UUID
        deducted: Minor

        def apply(self, payment: "Payment") -> None:
            payment.deductions[self.redemption_id] = Deduction(self.certificate_id, self.deducted)

    class Deducted(Event):
        """Another certificate is taken off the same bill."""

        TOPIC = "Payment.Deducted"
        merchant_id: UUID
        redemption_id: UUID
        certificate_id: UUID
        deducted: Minor

        def apply(self, payment: "Payment") -> None:
            payment.deductions[self.redemption_id] = Deduction(self.certificate_id, self.deducted)

    class DeductionReversed(Event):
        """The redemption was undone, so the bill is whole again by that much."""

        TOPIC = "Payment.DeductionReversed"
        merchant_id: UUID
        redemption_id: UUID

        def apply(self, payment: "Payment") -> None:
            del payment.deductions[self.redemption_id]

    class Completed(Event):
        """An announced bill is paid. `amount` is the whole bill, before certificates."""

        TOPIC = "Payment.Completed"
        merchant_id: UUID
        amount: Minor
        customer_id: UUID | None

        def apply(self, payment: "Payment") -> None:
            payment.amount = self.amount
            payment.customer_id = self.customer_id

    class Assigned(Event):
        """The draw for this bill, with everything it followed from (`network.domain.draw`).

        `rule` is the version of the formulas, `policy_version` that of the merchant's rules, of which `neutral` and
        `exploration` are repeated here. `seen_at`: the log position of the views that the candidates' figures are
        from. `agreement_id` None is the neutral arm. `randomised` False: the merchant's hand left one outcome.
        """

        TOPIC = "Payment.Assigned"
        merchant_id: UUID
        customer_id: UUID | None
        rule: int
        policy_version: int
        neutral: BasisPoints
        exploration: BasisPoints
        seed: str
        seen_at: int
        chances: tuple[Chance, ...]
        passed_over: tuple[PassedOver, ...]
        neutral_probability: Millionths
        agreement_id: UUID | None
        reason: str
        randomised: bool

        def apply(self, payment: "Payment") -> None:
            partners = sum(chance.probability > 0 for chance in self.chances)
            payment.assignment = Assignment(self.agreement_id, self.reason, partners)

    class Overridden(Event):
        """The cashier gave something else than was drawn: `given` agreements. The draw stands for the estimates."""

        TOPIC = "Payment.Overridden"
        merchant_id: UUID
        drawn: UUID | None
        given: tuple[UUID, ...]
        reason: str

    class IssueDecided(Event):
        """What the guest gets for this bill. `campaign` is empty at the till, a name in imports."""

        TOPIC = "Payment.IssueDecided"
        merchant_id: UUID
        campaign: str
        certificate_ids: tuple[UUID, ...]

        def apply(self, payment: "Payment") -> None:
            payment.decisions[self.campaign] = self.certificate_ids

    class Refunded(Event):
        """Part or all of the bill goes back: `cash` in money, the rest as certificates again."""

        TOPIC = "Payment.Refunded"
        merchant_id: UUID
        refund_id: UUID
        amount: Minor
        cash: Minor
        returned: tuple[Returned, ...]

        def apply(self, payment: "Payment") -> None:
            payment.refund_ids.add(self.refund_id)
            payment.refunded += self.amount
            for part in self.returned:
                payment.deductions[part.redemption_id] = Deduction(
                    part.certificate_id, part.whole, part.already + part.amount
                )

    def __init__(
        self,
        merchant_id: UUID,
        bill_reference: str,
        currency: str,
        amount: Minor | None = None,
        customer_id: UUID | None = None,
    ) -> None:
        self.merchant_id = merchant_id
        self.bill_reference = bill_reference
        self.currency = currency
        self.amount = amount
        self.customer_id = customer_id
        self.deductions: dict[UUID, Deduction] = {}
        self.decisions: dict[str, tuple[UUID, ...]] = {}
        self.refunded: Minor = 0
        self.refund_ids: set[UUID] = set()
        self.assignment: Assignment | None = None

    @property
    def deducted(self) -> Minor:
        """What certificates took off this bill."""
        return sum(deduction.amount for deduction in self.deductions.values())

    @classmethod
    def record(
        cls,
        *,
        merchant_id: UUID,
        bill_reference: str,
        amount: Minor,
        currency: str,
        customer_id: UUID | None,
        at: datetime,
        imported: bool = False,
    ) -> "Payment":
        """A paid bill that no certificate has lowered before. Raises: InvalidAmount."""
        _must_be_a_bill(amount)
        return cls._create(
            cls.Recorded,
            id=payment_id_of(merchant_id, bill_reference),
            timestamp=at,
            merchant_id=merchant_id,
            bill_reference=bill_reference,
            amount=amount,
            currency=currency,
            customer_id=customer_id,
            imported=imported,
        )

    @classmethod
    def announce(
        cls,
        *,
        merchant_id: UUID,
        bill_reference: str,
        currency: str,
        redemption_id: UUID,
        certificate_id: UUID,
        deducted: Minor,
        at: datetime,
    ) -> "Payment":
        """A bill that a certificate lowers before it is paid."""
        return cls._create(
            cls.Announced,
            id=payment_id_of(merchant_id, bill_reference),
            timestamp=at,
            merchant_id=merchant_id,
            bill_reference=bill_reference,
            currency=currency,
            redemption_id=redemption_id,
            certificate_id=certificate_id,
            deducted=deducted,
        )

    def complete(self, *, amount: Minor, customer_id: UUID | None, at: datetime) -> None:
        """The bill is paid. The same details again change nothing. Raises: BillConflict, InvalidAmount."""
        if self.amount is not None:
            if (amount, customer_id) != (self.amount, self.customer_id):
                raise BillConflict(bill_reference=self.bill_reference)
            return
        _must_be_a_bill(amount)
        if amount < self.deducted:
            raise BillConflict(bill_reference=self.bill_reference)
        self.trigger_event(
            self.Completed, merchant_id=self.merchant_id, amount=amount, customer_id=customer_id, timestamp=at
        )

    @property
    def paid(self) -> Minor:
        """What the guest paid in money: the bill less certificates."""
        return (self.amount or 0) - self.deducted

    @property
    def refundable(self) -> Minor:
        """What of the bill can still go back, in money and certificates."""
        return (self.amount or 0) - self.refunded

    @property
    def kept(self) -> Minor:
        """What the guest paid in money and has not got back: what earned the certificates given for this bill."""
        returned = sum(deduction.returned for deduction in self.deductions.values())
        return self.paid - (self.refunded - returned)

    def left_of(self, bill: Minor, redemption_id: UUID) -> Minor:
        """What the other certificates leave of the bill.

        Raises: BillCovered, and BillAlreadyPaid: what was paid in money does not come back as money for a certificate.
        """
        if self.amount is not None and redemption_id not in self.deductions:
            raise BillAlreadyPaid(bill_reference=self.bill_reference)
        left = bill - sum(d.amount for r, d in self.deductions.items() if r != redemption_id)
        if left <= 0:
            raise BillCovered()
        return left

    def deduct(self, *, redemption_id: UUID, certificate_id: UUID, deducted: Minor, at: datetime) -> None:
        """Take another certificate off this bill; the same one again changes nothing. `left_of` has said how much fits,
        if the bill was named. Raises: RedemptionConflict when another certificate has that redemption id,
        BillAlreadyPaid.
        """
        earlier = self.deductions.get(redemption_id)
        if earlier is not None:
            if earlier.certificate_id != certificate_id:
                raise RedemptionConflict(redemption_id=redemption_id)
            return
        if self.amount is not None:
            raise BillAlreadyPaid(bill_reference=self.bill_reference)
        self._take_off(redemption_id, certificate_id, deducted, at)

    def deduct_taken(self, *, redemption_id: UUID, certificate_id: UUID, deducted: Minor, at: datetime) -> bool:
        """Put on this bill what a till without a network took off it, though it was told of later. False, and nothing
        changes, when the bill is paid and has no room for it, or money of it already went back: what goes back later is
        counted by what was deducted when the first of it did.
        """
        if self.refunded or (self.amount is not None and self.deducted + deducted > self.amount):
            return False
        self._take_off(redemption_id, certificate_id, deducted, at)
        return True

    def _take_off(self, redemption_id: UUID, certificate_id: UUID, deducted: Minor, at: datetime) -> None:
        self.trigger_event(
            self.Deducted,
            merchant_id=self.merchant_id,
            redemption_id=redemption_id,
            certificate_id=certificate_id,
            deducted=deducted,
            timestamp=at,
        )

    def reverse_deduction(self, *, redemption_id: UUID, at: datetime) -> None:
        """The redemption was undone. Raises: PaymentRefunded when money of this bill already went back."""
        if self.refunded:
            raise PaymentRefunded()
        self.trigger_event(
            self.DeductionReversed, merchant_id=self.merchant_id, redemption_id=redemption_id, timestamp=at
        )

    def assign(
        self,
        drawn: Drawn,
        *,
        rules: Rules,
        policy_version: int,
        seed: str,
        seen_at: int,
        passed_over: tuple[PassedOver, ...],
        at: datetime,
    ) -> None:
        """Put the draw for this bill on record, once: later ones change nothing.

        Raises: PaymentNotFound while the bill is unpaid, IssueAlreadyDecided, PaymentRefunded.
        """
        self.must_be_undecided()
        if self.assignment is not None:
            return
        self.trigger_event(
            self.Assigned,
            merchant_id=self.merchant_id,
            customer_id=self.customer_id,
            rule=RULE,
            policy_version=policy_version,
            neutral=rules.neutral,
            exploration=rules.exploration,
            seed=seed,
            seen_at=seen_at,
            chances=drawn.chances,
            passed_over=passed_over,
            neutral_probability=drawn.neutral_probability,
            agreement_id=drawn.agreement_id,
            reason=drawn.reason.value,
            randomised=drawn.randomised,
            timestamp=at,
        )

    def must_be_undecided(self, campaign: str = "") -> None:
        """Raises: PaymentNotFound while the bill is unpaid, IssueAlreadyDecided, PaymentRefunded."""
        if self.amount is None:
            raise PaymentNotFound()
        if campaign in self.decisions:
            raise IssueAlreadyDecided()
        if self.refunded:
            raise PaymentRefunded()

    def decide_issue(self, *, certificate_ids: tuple[UUID, ...], campaign: str = "", at: datetime) -> None:
        """Hand out certificates for this bill, once. An empty tuple is the decision to give none.

        Raises: PaymentNotFound while the bill is unpaid, IssueAlreadyDecided, PaymentRefunded.
        """
        self.must_be_undecided(campaign)
        self.trigger_event(
            self.IssueDecided,
            merchant_id=self.merchant_id,
            campaign=campaign,
            certificate_ids=certificate_ids,
            timestamp=at,
        )

    def follow_or_override(self, *, given: tuple[UUID, ...], reason: str, at: datetime) -> None:
        """Note it when the agreements that certificates are given under are not what was drawn for this bill."""
        if self.assignment is None:
            return
        drawn = self.assignment.agreement_id
        if set(given) != ({drawn} if drawn else set()):
            self.trigger_event(
                self.Overridden, merchant_id=self.merchant_id, drawn=drawn, given=given, reason=reason, timestamp=at
            )

    def refund(self, *, refund_id: UUID, amount: Minor, at: datetime) -> tuple[Minor, tuple[Returned, ...]]:
        """Give back `amount` of the bill: the cash part, and the certificate parts in the order of redemption.

        The certificates' part is `amount * deducted / bill`, rounded half-up over all refunds so far (DOMAIN 4.4.7),
        so cash never exceeds what was paid in cash. Raises: RefundConflict when the id was used before,
        PaymentNotFound, RefundTooLarge, InvalidAmount.
        """
        if refund_id in self.refund_ids:
            raise RefundConflict(refund_id=refund_id)
        if self.amount is None:
            raise PaymentNotFound()
        _must_be_a_bill(amount)
        if amount > self.refundable:
            raise RefundTooLarge(**money_facts(self.currency, refundable=self.refundable, requested=amount))
        due = pro_rata_rounded_half_up(self.deducted, self.refunded + amount, self.amount)
        done = sum(deduction.returned for deduction in self.deductions.values())
        returned = self._returned_in_order(due - done)
        cash = amount - (due - done)
        assert cash >= 0, "a refund never takes money from the guest"
        self.trigger_event(
            self.Refunded,
            merchant_id=self.merchant_id,
            refund_id=refund_id,
            amount=amount,
            cash=cash,
            returned=returned,
            timestamp=at,
        )
        return cash, returned

    def _returned_in_order(self, part: Minor) -> tuple[Returned, ...]:
        parts = []
        for redemption_id, deduction in self.deductions.items():
            taken = min(part, deduction.amount - deduction.returned)
            if taken:
                parts.append(
                    Returned(redemption_id, deduction.certificate_id, taken, deduction.returned, deduction.amount)
                )
            part -= taken
        return tuple(parts)


def _must_be_a_bill(amount: Minor) -> None:
    if not 0 < amount <= MINOR_MAX:
        raise InvalidAmount(reason="A bill is more than zero.")
