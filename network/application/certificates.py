"""Commands on a certificate in somebody's hands: claim, pass on, redeem, reverse, revoke, expire."""

from collections.abc import Iterator
from concurrent.futures import Future
from uuid import UUID

from network.application.base import Answer, Commands, Facts, Request, summary
from network.domain.certificate import Certificate, Proof, Redemption
from network.domain.errors import OnlyTheIssuer, WrongAcceptor
from network.domain.merchant import Merchant
from network.domain.payment import Payment, payment_id_of
from network.domain.tax import AtRate
from network.domain.terms import Guest, guest_status
from network.domain.wallet import Wallet
from network.unit import Unit, WorkingSet


class CertificateCommands(Commands):
    """A copy is named by certificate and epoch, which the caller has read from a verified token or a typed code."""

    def claim_certificate(
        self, *, request: Request, certificate_id: UUID, epoch: int, wallet_id: UUID, holder_key: str | None = None
    ) -> Future[Answer]:
        """Put the presented copy into a wallet; the copy dies. With a `holder_key` it lives in that phone.

        Raises: CertificateNotFound, AlreadyHeld, CertificatePassedOn, CertificateClaimed, CertificateRedeemed,
        CertificateExpired, CertificateRevoked.
        """

        def decide(unit: Unit) -> Facts:
            certificate = unit.get(Certificate, certificate_id)
            unit.get(Wallet, wallet_id).must_exist()
            certificate.claim(
                epoch=epoch,
                holder_id=wallet_id,
                status_index=unit.status_index(certificate.expires_at),
                at=unit.at,
                holder_key=holder_key,
            )
            return self.shown_in(unit, certificate)

        return self._simple(request, decide, certificate_id, wallet_id)

    def rebind_certificate(
        self, *, request: Request, certificate_id: UUID, wallet_id: UUID, holder_key: str
    ) -> Future[Answer]:
        """Let its holder's phone show it with this key from now on; the copy before dies. Raises: CertificateNotFound,
        NotTheHolder, and the refusals of a certificate that has ended.
        """

        def decide(unit: Unit) -> Facts:
            certificate = unit.get(Certificate, certificate_id)
            certificate.rebind(
                holder_id=wallet_id,
                holder_key=holder_key,
                status_index=unit.status_index(certificate.expires_at),
                at=unit.at,
            )
            return self.shown_in(unit, certificate)

        return self._simple(request, decide, certificate_id)

    def print_certificate(self, *, request: Request, certificate_id: UUID, wallet_id: UUID) -> Future[Answer]:
        """Put it on paper, whose bearer uses it; the phone's copy dies at once. Raises: as `rebind_certificate`."""

        def decide(unit: Unit) -> Facts:
            certificate = unit.get(Certificate, certificate_id)
            certificate.put_on_paper(
                holder_id=wallet_id, status_index=unit.status_index(certificate.expires_at), at=unit.at
            )
            return self.shown_in(unit, certificate)

        return self._simple(request, decide, certificate_id)

    def pass_on_certificate(self, *, request: Request, certificate_id: UUID, wallet_id: UUID) -> Future[Answer]:
        """Give it away by a link; the giver's copy dies at once. Raises: CertificateNotFound, NotTheHolder,
        NotTransferable, and the refusals of a certificate that has ended.
        """

        def decide(unit: Unit) -> Facts:
            certificate = unit.get(Certificate, certificate_id)
            certificate.pass_on(holder_id=wallet_id, status_index=unit.status_index(certificate.expires_at), at=unit.at)
            return self.shown_in(unit, certificate)

        return self._simple(request, decide, certificate_id)

    def redeem_certificate(
        self,
        *,
        request: Request,
        certificate_id: UUID,
        epoch: int,
        redemption_id: UUID,
        acceptor_id: UUID,
        bill_reference: str | None,
        bill: int | None,
        amount: int | None = None,
        proof: Proof | None = None,
        sold: tuple[AtRate, ...] = (),
    ) -> Future[Answer]:
        """Deduct a certificate from a bill at its acceptor. `amount` None takes as much as fits; `bill` None is an
        import whose bill is unknown; `sold` is the bill by tax rate. `proof` is what the holder's phone signed.

        Raises: WrongAcceptor, MerchantNotAdmitted, BillTooSmallToRedeem, BillCovered, InsufficientBalance,
        MoreThanTheBill, PartialRedemptionNotAllowed, RedemptionConflict, BillConflict, InvalidTax, ProofMissing,
        ProofStale, ProofUsed, and the refusals of a copy that is dead.
        """
        payment_id = payment_id_of(acceptor_id, bill_reference) if bill_reference is not None else None

        def decide(unit: Unit) -> Facts:
            certificate = unit.get(Certificate, certificate_id)
            unit.get(Merchant, acceptor_id).must_trade()
            payment = unit.find(Payment, payment_id) if payment_id else None
            left = payment.left_of(bill, redemption_id) if payment and bill is not None else bill
            redemption = certificate.redeem(
                redemption_id=redemption_id,
                acceptor_id=acceptor_id,
                epoch=epoch,
                bill_reference=bill_reference,
                bill=bill,
                bill_left=left,
                requested=amount,
                guest=_guest(unit, certificate),
                at=unit.at,
                proof=proof,
                seller=unit.seller(acceptor_id),
                sold=sold,
            )
            if bill_reference is not None:
                self._deduct(unit, certificate, redemption_id, redemption.amount, bill_reference, payment)
            return {
                **_redemption(certificate, redemption_id, redemption),
                "bill": bill,
                "to_pay": None if left is None else left - redemption.amount,
            }

        def visits(working: WorkingSet) -> Iterator[tuple[UUID, UUID]]:
            certificate = working.aggregates.get(certificate_id)
            if isinstance(certificate, Certificate) and certificate.holder_id is not None:
                yield certificate.acceptor_id, certificate.holder_id

        makes = (payment_id,) if payment_id else ()
        loads = (certificate_id, acceptor_id)
        return self.committer.submit(request, decide, loads=loads, makes=makes, visits=visits)

    def reverse_redemption(
        self,
        *,
        request: Request,
        certificate_id: UUID,
        redemption_id: UUID,
        acceptor_id: UUID | None,
        reason: str,
    ) -> Future[Answer]:
        """Undo a redemption: its acceptor within the agreed hours, the organizer (`acceptor_id` None) at any time.

        `to_pay` in the answer is what the guest now owes in money, if the bill is already paid.

        Raises: CertificateNotFound, RedemptionNotFound, WrongAcceptor, RedemptionReversed, RedemptionRefunded,
        ReversalTooLate, PaymentRefunded.
        """

        def decide(unit: Unit) -> Facts:
            certificate = unit.get(Certificate, certificate_id)
            if acceptor_id is not None and certificate.acceptor_id != acceptor_id:
                raise WrongAcceptor()
            by = "organizer" if acceptor_id is None else "acceptor"
            redemption = certificate.reverse(redemption_id=redemption_id, by=by, reason=reason, at=unit.at)
            bill_reference = redemption.asked[1]
            to_pay = None
            if bill_reference is not None:
                payment = unit.get(Payment, payment_id_of(certificate.acceptor_id, bill_reference))
                payment.reverse_deduction(redemption_id=redemption_id, at=unit.at)
                to_pay = redemption.amount if payment.amount is not None else None
            return {**_redemption(certificate, redemption_id, redemption), "to_pay": to_pay}

        return self._simple(request, decide, certificate_id)

    def revoke_certificate(
        self, *, request: Request, certificate_id: UUID, issuer_id: UUID | None, reason: str
    ) -> Future[Answer]:
        """Take it back: its issuer while it is unused and never passed on, the organizer (`issuer_id` None) for fraud.

        Raises: CertificateNotFound, OnlyTheIssuer, CertificateUsed, and the refusals of one that has ended.
        """

        def decide(unit: Unit) -> Facts:
            certificate = unit.get(Certificate, certificate_id)
            if issuer_id is not None and certificate.issuer_id != issuer_id:
                raise OnlyTheIssuer()
            by = "organizer" if issuer_id is None else "issuer"
            certificate.revoke(by=by, reason=reason, at=unit.at)
            return summary(certificate)

        return self._simple(request, decide, certificate_id)

    def expire_certificate(self, *, request: Request, certificate_id: UUID) -> Future[Answer]:
        """Write down that its time is over. Raises: NotYetExpired, and the refusals of one that has ended."""

        def decide(unit: Unit) -> Facts:
            certificate = unit.get(Certificate, certificate_id)
            certificate.expire(at=unit.at)
            return summary(certificate)

        return self._simple(request, decide, certificate_id)

    @staticmethod
    def _deduct(
        unit: Unit,
        certificate: Certificate,
        redemption_id: UUID,
        deducted: int,
        bill_reference: str,
        payment: Payment | None,
    ) -> None:
        if payment is not None:
            payment.deduct(redemption_id=redemption_id, certificate_id=certificate.id, deducted=deducted, at=unit.at)
        else:
            unit.add(
                Payment.announce(
                    merchant_id=certificate.acceptor_id,
                    bill_reference=bill_reference,
                    currency=certificate.currency,
                    redemption_id=redemption_id,
                    certificate_id=certificate.id,
                    deducted=deducted,
                    at=unit.at,
                )
            )


def _guest(unit: Unit, certificate: Certificate) -> Guest:
    holder_id = certificate.holder_id
    last = unit.last_paid_at(certificate.acceptor_id, holder_id) if holder_id is not None else None
    return guest_status(last_paid_at=last, at=unit.at, known=holder_id is not None)


def _redemption(certificate: Certificate, redemption_id: UUID, redemption: Redemption) -> Facts:
    return {
        "redemption_id": redemption_id,
        "deducted": redemption.amount,
        "released": redemption.released,
        **summary(certificate),
    }
