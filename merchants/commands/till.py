"""What a cashier does: a bill paid, certificates handed out, one taken off a bill, undone, or refunded.

The functions write a command down, for an outbox; the methods of `TillCommands` send it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from merchants.answers import (
    CertificateShown,
    Issued,
    Option,
    PaymentRecorded,
    Proposal,
    Redeemed,
    Refunded,
    View,
    Worth,
    listed_as,
    shown_as,
)
from merchants.commands.base import Command, Commands, Id, segment, text_of, without_none


@dataclass(frozen=True, slots=True)
class Choice:
    """One certificate to hand out, from an agreement or from a stock; the caller makes its id."""

    certificate_id: UUID
    agreement_id: UUID
    allotment_id: UUID | None = None


def payment_command(*, bill_reference: str, amount: int, currency: str, customer_id: Id | None = None) -> Command:
    """A paid bill; `amount` is the whole bill before certificates."""
    body = {
        "bill_reference": bill_reference,
        "amount": amount,
        "currency": currency,
        "customer_id": text_of(customer_id),
    }
    return Command("record_payment", "POST", "/v1/payments", without_none(body))


def issue_command(
    *, payment_id: Id, choices: Sequence[Choice], holder_id: Id | None = None, override_reason: str | None = None
) -> Command:
    """The issue decision for a bill by hand; no choices is the decision to give none. `override_reason`: why not what
    the network had drawn.
    """
    chosen = [
        without_none(
            {
                "certificate_id": str(choice.certificate_id),
                "agreement_id": str(choice.agreement_id),
                "allotment_id": text_of(choice.allotment_id),
            }
        )
        for choice in choices
    ]
    body = without_none({"choices": chosen, "holder_id": text_of(holder_id), "override_reason": override_reason})
    return Command("issue_certificates", "POST", f"/v1/payments/{segment(payment_id)}/certificates", body)


def issue_drawn_command(*, payment_id: Id, certificate_id: Id, holder_id: Id | None = None) -> Command:
    """The issue decision for a bill by the network's draw."""
    body = without_none({"certificate_id": str(certificate_id), "holder_id": text_of(holder_id)})
    return Command("issue_certificates", "POST", f"/v1/payments/{segment(payment_id)}/proposal/acceptance", body)


def redeem_command(
    *,
    redemption_id: Id,
    bill_reference: str,
    bill: int,
    token: str | None = None,
    typed_code: str | None = None,
    amount: int | None = None,
) -> Command:
    """A certificate taken off a bill; `bill` is the whole bill, `amount` None takes as much as fits."""
    body = {
        "redemption_id": str(redemption_id),
        "token": token,
        "typed_code": typed_code,
        "bill_reference": bill_reference,
        "bill": bill,
        "amount": amount,
    }
    return Command("redeem", "POST", "/v1/redemptions", without_none(body))


def reversal_command(*, certificate_id: Id, redemption_id: Id, reason: str) -> Command:
    """A redemption undone."""
    route = f"/v1/certificates/{segment(certificate_id)}/redemptions/{segment(redemption_id)}/reversal"
    return Command("reverse_redemption", "POST", route, {"reason": reason})


def refund_command(*, payment_id: Id, refund_id: Id, amount: int) -> Command:
    """Part or all of a bill goes back."""
    body = {"refund_id": str(refund_id), "amount": amount}
    return Command("refund", "POST", f"/v1/payments/{segment(payment_id)}/refunds", body)


class TillCommands(Commands):
    """Amounts are integers of the currency's minor unit."""

    def record_payment(
        self,
        *,
        bill_reference: str,
        amount: int,
        currency: str,
        customer_id: Id | None = None,
        key: str | None = None,
    ) -> PaymentRecorded:
        """Put a paid bill on record; `amount` is the whole bill before certificates."""
        command = payment_command(
            bill_reference=bill_reference, amount=amount, currency=currency, customer_id=customer_id
        )
        return self._do(PaymentRecorded, command, key)

    def options(self, *, payment_id: Id) -> tuple[Option, ...]:
        """Which certificates fit this bill now."""
        return listed_as(Option, self.transport.read(f"/v1/payments/{segment(payment_id)}/options"), "options")

    def propose(self, *, payment_id: Id, key: str | None = None) -> Proposal:
        """Let the network draw a neighbour for this bill. The first draw stands, however often it is asked."""
        return self._post(Proposal, f"/v1/payments/{segment(payment_id)}/proposal", {}, key)

    def issue_drawn(
        self, *, payment_id: Id, certificate_id: Id, holder_id: Id | None = None, key: str | None = None
    ) -> Issued:
        """Hand out what the network draws for this bill: one certificate, or none this time."""
        command = issue_drawn_command(payment_id=payment_id, certificate_id=certificate_id, holder_id=holder_id)
        return self._do(Issued, command, key)

    def issue_certificates(
        self,
        *,
        payment_id: Id,
        choices: Sequence[Choice],
        holder_id: Id | None = None,
        override_reason: str | None = None,
        key: str | None = None,
    ) -> Issued:
        """Hand out the chosen certificates for a bill, to a wallet or as paper (`holder_id` None)."""
        command = issue_command(
            payment_id=payment_id, choices=choices, holder_id=holder_id, override_reason=override_reason
        )
        return self._do(Issued, command, key)

    def till_kit(self) -> dict[str, Any]:
        """What this till needs to judge certificates without the network."""
        return dict(self._read("/v1/till/kit").raw)

    def register_till_key(self, *, key: dict[str, Any], signature: str, id_key: str | None = None) -> dict[str, Any]:
        """Name the device key that receipts are signed with, and prove that it is here. Returns its journal."""
        body = {"key": key, "signature": signature}
        return dict(self.transport.command("PUT", "/v1/till/key", body, key=id_key or str(uuid4())).body)

    def deliver_receipts(self, *, receipts: Sequence[str], key: str | None = None) -> dict[str, Any]:
        """Bring what was taken without the network. Repeating it is harmless, with any key."""
        body = {"receipts": list(receipts)}
        return dict(self.transport.command("POST", "/v1/till/receipts", body, key=key or str(uuid4())).body)

    def present(self, *, token: str | None = None, typed_code: str | None = None) -> Worth:
        """What a presented copy is worth here; changes nothing."""
        body = without_none({"token": token, "typed_code": typed_code})
        return shown_as(Worth, self.transport.command("POST", "/v1/presented", body, key=None))

    def redeem(
        self,
        *,
        bill_reference: str,
        bill: int,
        token: str | None = None,
        typed_code: str | None = None,
        redemption_id: Id | None = None,
        amount: int | None = None,
        key: str | None = None,
    ) -> Redeemed:
        """Take a certificate off a bill. Keep `redemption_id` and `key` when you may have to ask again."""
        command = redeem_command(
            redemption_id=redemption_id or uuid4(),
            bill_reference=bill_reference,
            bill=bill,
            token=token,
            typed_code=typed_code,
            amount=amount,
        )
        return self._do(Redeemed, command, key)

    def reverse_redemption(
        self, *, certificate_id: Id, redemption_id: Id, reason: str, key: str | None = None
    ) -> Redeemed:
        """Undo a redemption, within the hours that the agreement names."""
        command = reversal_command(certificate_id=certificate_id, redemption_id=redemption_id, reason=reason)
        return self._do(Redeemed, command, key)

    def refund(self, *, payment_id: Id, amount: int, refund_id: Id | None = None, key: str | None = None) -> Refunded:
        """Give back part or all of a bill: cash for what was cash, a new certificate for what a certificate paid."""
        command = refund_command(payment_id=payment_id, refund_id=refund_id or uuid4(), amount=amount)
        return self._do(Refunded, command, key)

    def revoke_certificate(self, *, certificate_id: Id, reason: str, key: str | None = None) -> CertificateShown:
        """Take an unused certificate back (its issuer), or any (the organizer)."""
        route = f"/v1/certificates/{segment(certificate_id)}/revocation"
        return self._post(CertificateShown, route, {"reason": reason}, key)

    def history(self, *, certificate_id: Id) -> View:
        """What happened to a certificate, for its two merchants, its holder and the organizer."""
        return self._read(f"/v1/certificates/{segment(certificate_id)}/history")

    def qr_png(self, *, token: str) -> bytes:
        """The QR as a picture, drawn by the network."""
        return self.transport.command("POST", "/v1/qr.png", {"token": token}, key=None).content

    def qr_svg(self, *, token: str) -> str:
        """The QR as SVG, drawn by the network."""
        return self.transport.command("POST", "/v1/qr.svg", {"token": token}, key=None).content.decode()
