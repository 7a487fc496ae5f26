"""Commands of an import: decisions that were taken elsewhere, with their recorded times."""

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from network.application.base import Answer, Commands, Facts, Request
from network.domain.agreement import Agreement
from network.domain.certificate import Certificate, Origin
from network.domain.errors import CertificateConflict, NotAParty, PaymentNotFound
from network.domain.merchant import Merchant
from network.domain.payment import Payment
from network.domain.tax import issue_tax
from network.domain.wallet import Wallet
from network.unit import Unit


@dataclass(frozen=True, slots=True)
class Imported:
    """A certificate as another system decided it."""

    certificate_id: UUID
    agreement_id: UUID
    face: int
    expires_at: datetime


class ImportCommands(Commands):
    """What the file says was handed out is taken as decided there; every other rule holds."""

    def import_certificates(
        self,
        *,
        request: Request,
        merchant_id: UUID,
        payment_id: UUID,
        campaign: str,
        holder_id: UUID,
        certificates: tuple[Imported, ...],
    ) -> Future[Answer]:
        """One campaign's decision for one payment, at the recorded time of the request. Answers without tokens: those
        are made when a holder asks. Raises: PaymentNotFound, IssueAlreadyDecided, NotAParty, AgreementNotActive,
        CertificateConflict, WalletNotFound, WalletErased, CapReached.
        """

        def decide(unit: Unit) -> Facts:
            payment = unit.get(Payment, payment_id)
            if payment.merchant_id != merchant_id:
                raise PaymentNotFound()
            unit.get(Wallet, holder_id).must_exist()
            payment.decide_issue(
                certificate_ids=tuple(c.certificate_id for c in certificates), campaign=campaign, at=unit.at
            )
            for one in certificates:
                self._import(unit, one, payment, holder_id)
            return {"payment_id": payment_id, "certificates": [one.certificate_id for one in certificates]}

        loads = [i for one in certificates for i in (one.certificate_id, one.agreement_id)]
        return self._simple(request, decide, merchant_id, payment_id, holder_id, *loads)

    def _import(self, unit: Unit, one: Imported, payment: Payment, holder_id: UUID) -> None:
        agreement = unit.get(Agreement, one.agreement_id)
        if agreement.issuer_id != payment.merchant_id:
            raise NotAParty()
        for merchant_id in (agreement.issuer_id, agreement.acceptor_id):
            unit.get(Merchant, merchant_id).must_trade()
        version, terms = agreement.terms_in_force()
        if not unit.is_free(one.certificate_id):
            raise CertificateConflict(certificate_id=one.certificate_id)
        unit.add(
            Certificate.issue(
                certificate_id=one.certificate_id,
                coalition_id=self.coalition_id,
                issuer_id=agreement.issuer_id,
                acceptor_id=agreement.acceptor_id,
                origin=Origin(payment.id, agreement.id, version, imported=True),
                terms=terms,
                face=one.face,
                currency=unit.coalition.currency,
                holder_id=holder_id,
                expires_at=one.expires_at,
                status_index=unit.status_index(one.expires_at),
                at=unit.at,
                tax=issue_tax(terms, unit.seller(agreement.acceptor_id)),
            )
        )
