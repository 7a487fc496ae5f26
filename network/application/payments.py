"""Commands on bills: record what was paid, and refund it."""

from concurrent.futures import Future
from uuid import UUID, uuid5

from network.application.base import Answer, Commands, Facts, Request
from network.domain.certificate import Certificate, Origin, State
from network.domain.errors import InvalidCurrency, PaymentNotFound
from network.domain.merchant import Merchant
from network.domain.payment import Payment, Returned, payment_id_of
from network.domain.wallet import Wallet
from network.unit import Unit


class PaymentCommands(Commands):
    """A bill is known by the merchant's own reference."""

    def record_payment(
        self,
        *,
        request: Request,
        merchant_id: UUID,
        bill_reference: str,
        amount: int,
        currency: str,
        customer_id: UUID | None,
        imported: bool = False,
    ) -> Future[Answer]:
        """Put a paid bill on record; `amount` is the whole bill before certificates. The same bill with the same
        details, under whatever request key, is on record once. Raises: BillConflict, InvalidAmount, InvalidCurrency,
        MerchantNotAdmitted, WalletNotFound, WalletErased.
        """
        payment_id = payment_id_of(merchant_id, bill_reference)

        def decide(unit: Unit) -> Facts:
            unit.get(Merchant, merchant_id).must_trade()
            if currency != unit.coalition.currency:
                raise InvalidCurrency(reason=f"Bills here are in {unit.coalition.currency}.")
            payment = unit.find(Payment, payment_id)
            if customer_id is not None and (payment is None or payment.customer_id != customer_id):
                unit.get(Wallet, customer_id).must_exist()
            if payment is None:
                payment = Payment.record(
                    merchant_id=merchant_id,
                    bill_reference=bill_reference,
                    amount=amount,
                    currency=currency,
                    customer_id=customer_id,
                    at=unit.at,
                    imported=imported,
                )
                unit.add(payment)
            else:
                payment.complete(amount=amount, customer_id=customer_id, at=unit.at)
            return _payment(payment)

        loads = (merchant_id, *((customer_id,) if customer_id else ()))
        return self.committer.submit(request, decide, loads=loads, makes=(payment_id,))

    def refund_payment(
        self, *, request: Request, merchant_id: UUID, payment_id: UUID, refund_id: UUID, amount: int
    ) -> Future[Answer]:
        """Give back part or all of a bill (DOMAIN 4.4.7): cash for what was paid in cash, a new certificate with the
        old last day for what a certificate paid. If too little of the bill is left to have earned the certificates it
        was the cause of, unused ones are revoked and used ones flagged. Raises: PaymentNotFound, RefundTooLarge.
        """

        def decide(unit: Unit) -> Facts:
            payment = unit.get(Payment, payment_id)
            if payment.merchant_id != merchant_id:
                raise PaymentNotFound()
            cash, returned = payment.refund(refund_id=refund_id, amount=amount, at=unit.at)
            replacements = [self._replace(unit, refund_id, part) for part in returned]
            revoked, standing = self._undo_cause(unit, payment)
            return {
                "refund_id": refund_id,
                "payment_id": payment_id,
                "amount": amount,
                "cash": cash,
                "currency": payment.currency,
                "certificates": [self.shown_in(unit, one) for one in replacements if one is not None],
                "revoked": revoked,
                "standing": standing,
            }

        return self._simple(request, decide, merchant_id, payment_id)

    def _replace(self, unit: Unit, refund_id: UUID, part: Returned) -> Certificate | None:
        """The new certificate for what comes back; none when the old one's time is over or it was revoked, or when a
        till without a network took it and that did not count.
        """
        old = unit.get(Certificate, part.certificate_id)
        redemption = old.redemptions.get(part.redemption_id)
        if redemption is None or redemption.reversed:
            return None
        alive = unit.at < old.expires_at and old.state is not State.REVOKED
        new_id = uuid5(refund_id, str(part.redemption_id)) if alive else None
        old.refund(
            redemption_id=part.redemption_id, part=part.amount, already=part.already, replacement_id=new_id, at=unit.at
        )
        if new_id is None:
            return None
        origin = Origin(
            old.origin.payment_id, old.origin.agreement_id, old.origin.agreement_version, replaces_id=old.id
        )
        new = Certificate.issue(
            certificate_id=new_id,
            coalition_id=self.coalition_id,
            issuer_id=old.issuer_id,
            acceptor_id=old.acceptor_id,
            origin=origin,
            terms=old.terms,
            face=part.amount,
            currency=old.currency,
            holder_id=old.holder_id,
            expires_at=old.expires_at,
            status_index=unit.status_index(old.expires_at),
            at=unit.at,
            tax=old.tax,
        )
        unit.add(new)
        return new

    @staticmethod
    def _undo_cause(unit: Unit, payment: Payment) -> tuple[list[UUID], list[UUID]]:
        revoked: list[UUID] = []
        standing: list[UUID] = []
        caused = [i for decision in payment.decisions.values() for i in decision]
        while caused:
            certificate_id = caused.pop(0)
            certificate = unit.get(Certificate, certificate_id)
            caused += certificate.replacement_ids
            if payment.kept < max(1, certificate.terms.smallest_bill_to_issue):
                if certificate.refund_cause(payment_id=payment.id, at=unit.at):
                    revoked.append(certificate_id)
                elif certificate.used:
                    standing.append(certificate_id)
        return revoked, standing


def _payment(payment: Payment) -> Facts:
    return {
        "payment_id": payment.id,
        "merchant_id": payment.merchant_id,
        "bill_reference": payment.bill_reference,
        "amount": payment.amount,
        "deducted": payment.deducted,
        "paid": payment.paid,
        "currency": payment.currency,
    }
