"""The issue decision: which certificates a guest gets for one paid bill."""

from concurrent.futures import Future
from dataclasses import dataclass
from uuid import UUID

from network.application.base import Answer, Commands, Facts, Request
from network.domain.agreement import Agreement
from network.domain.allotment import Allotment
from network.domain.certificate import Certificate, Origin
from network.domain.errors import (
    BillTooSmallToIssue,
    CertificateConflict,
    NotAParty,
    NotCombinable,
    PaymentNotFound,
    money_facts,
)
from network.domain.exposure import local_day
from network.domain.merchant import Merchant
from network.domain.payment import Payment
from network.domain.tax import issue_tax
from network.domain.terms import Terms
from network.domain.wallet import Wallet
from network.unit import Unit


@dataclass(frozen=True, slots=True)
class Choice:
    """One certificate to hand out: under an agreement, or from a stock that the acceptor set aside."""

    certificate_id: UUID
    agreement_id: UUID
    allotment_id: UUID | None = None


class IssueCommands(Commands):
    """One decision per paid bill, whatever is retried."""

    def issue_certificates(
        self,
        *,
        request: Request,
        merchant_id: UUID,
        payment_id: UUID,
        choices: tuple[Choice, ...],
        holder_id: UUID | None,
        override_reason: str = "",
    ) -> Future[Answer]:
        """Hand out the chosen certificates for a bill, to a wallet, or as paper (`holder_id` None).

        No choice at all is a decision too: this bill leads to none. Where something else was drawn for this bill, that
        stays on record beside what is given, with `override_reason`. Raises: PaymentNotFound, IssueAlreadyDecided,
        PaymentRefunded, NotAParty, AgreementNotActive, BillTooSmallToIssue, NotCombinable, MerchantNotAdmitted,
        AllotmentExhausted, AllotmentEnded, CapReached.
        """

        def decide(unit: Unit) -> Facts:
            issuer = unit.get(Merchant, merchant_id)
            issuer.must_trade()
            payment = unit.get(Payment, payment_id)
            if payment.merchant_id != merchant_id:
                raise PaymentNotFound()
            if holder_id is not None:
                unit.get(Wallet, holder_id).must_exist()
            payment.follow_or_override(given=tuple(c.agreement_id for c in choices), reason=override_reason, at=unit.at)
            payment.decide_issue(certificate_ids=tuple(c.certificate_id for c in choices), at=unit.at)
            terms = [terms_for(unit, choice.agreement_id, issuer, payment) for choice in choices]
            _must_combine(choices, terms)
            issued = [
                self._issue(unit, choice, one, payment, holder_id) for choice, one in zip(choices, terms, strict=True)
            ]
            return {"payment_id": payment_id, "certificates": [self.shown_in(unit, one) for one in issued]}

        agreements = [choice.agreement_id for choice in choices]
        allotments = [choice.allotment_id for choice in choices if choice.allotment_id]
        certificates = [choice.certificate_id for choice in choices]
        holder = [holder_id] if holder_id else []
        loads = (merchant_id, payment_id, *agreements, *allotments, *holder)
        return self.committer.submit(request, decide, loads=loads, makes=certificates)

    def _issue(
        self, unit: Unit, choice: Choice, agreed: tuple[int, Terms], payment: Payment, holder_id: UUID | None
    ) -> Certificate:
        agreement = unit.get(Agreement, choice.agreement_id)
        if not unit.is_free(choice.certificate_id):
            raise CertificateConflict(certificate_id=choice.certificate_id)
        face = agreed[1].face.of(payment.paid)
        if choice.allotment_id is not None:
            allotment = unit.get(Allotment, choice.allotment_id)
            if allotment.agreement_id != agreement.id:
                raise NotAParty()
            allotment.hand_out(
                partner_id=agreement.issuer_id,
                certificate_id=choice.certificate_id,
                on=local_day(unit.at, unit.coalition.time_zone),
                at=unit.at,
            )
            face = allotment.face
        certificate = certificate_of(unit, choice, agreed, payment, holder_id, face=face, for_good=True)
        unit.add(certificate)
        return certificate


def certificate_of(
    unit: Unit,
    choice: Choice,
    agreed: tuple[int, Terms],
    payment: Payment,
    holder_id: UUID | None,
    *,
    face: int,
    for_good: bool = False,
) -> Certificate:
    """The certificate that a choice leads to, not yet recorded; `for_good` takes a place in the status list for it."""
    version, terms = agreed
    agreement = unit.get(Agreement, choice.agreement_id)
    expires_at = terms.expires_at(unit.at, unit.coalition.time_zone)
    return Certificate.issue(
        certificate_id=choice.certificate_id,
        coalition_id=unit.coalition.id,
        issuer_id=agreement.issuer_id,
        acceptor_id=agreement.acceptor_id,
        origin=Origin(payment.id, agreement.id, version, choice.allotment_id),
        terms=terms,
        face=face,
        currency=unit.coalition.currency,
        holder_id=holder_id,
        expires_at=expires_at,
        status_index=unit.status_index(expires_at) if for_good else 0,
        at=unit.at,
        tax=issue_tax(terms, unit.seller(agreement.acceptor_id)),
    )


def terms_for(unit: Unit, agreement_id: UUID, issuer: Merchant, payment: Payment) -> tuple[int, Terms]:
    """The version in force, if this bill earns a certificate under it. Raises: AgreementNotFound, NotAParty,
    MerchantNotAdmitted, AgreementNotActive, BillTooSmallToIssue.
    """
    agreement = unit.get(Agreement, agreement_id)
    if agreement.issuer_id != issuer.id:
        raise NotAParty()
    unit.get(Merchant, agreement.acceptor_id).must_trade()
    version, terms = agreement.terms_in_force()
    if payment.paid < terms.smallest_bill_to_issue:
        raise BillTooSmallToIssue(
            **money_facts(payment.currency, bill=payment.paid, smallest=terms.smallest_bill_to_issue)
        )
    return version, terms


def _must_combine(choices: tuple[Choice, ...], terms: list[tuple[int, Terms]]) -> None:
    alone = len(choices) == 1
    if not alone and not all(one.combinable for _, one in terms):
        raise NotCombinable()
    if len({choice.agreement_id for choice in choices}) < len(choices):
        raise NotCombinable()
