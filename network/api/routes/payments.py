"""Bills at a till: put on record, what to hand out for them, the issue decision, refunds."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection
from pydantic import Field

from network.api.answers.payments import Issued, PaymentState, Refunded
from network.api.bodies import Amount, BillReference, Body, Currency, Nothing, Reason
from network.api.calls import Call
from network.api.operations import TILL, operation
from network.api.options import options_of
from network.api.views import viewed
from network.application.base import Facts
from network.application.issuing import Choice
from network.domain.errors import (
    AgreementNotActive,
    AgreementNotFound,
    AllotmentEnded,
    AllotmentExhausted,
    AllotmentNotFound,
    BillConflict,
    BillTooSmallToIssue,
    CapReached,
    CertificateConflict,
    InvalidAmount,
    InvalidCurrency,
    IssueAlreadyDecided,
    MerchantNotAdmitted,
    NotAParty,
    NotCombinable,
    OnlyTheIssuer,
    PaymentNotFound,
    PaymentRefunded,
    RefundConflict,
    RefundTooLarge,
    WalletErased,
    WalletNotFound,
)

router = APIRouter()
TAG = "payments"
TILLS = (TILL,)


class Paying(Body):
    """A paid bill: `amount` is the whole bill before certificates, `customer_id` the guest's wallet if it was shown."""

    bill_reference: BillReference
    amount: Amount
    currency: Currency
    customer_id: UUID | None = None


class ChosenCertificate(Body):
    """One certificate to hand out, under an agreement or from a stock."""

    certificate_id: UUID
    agreement_id: UUID
    allotment_id: UUID | None = None


class Issuing(Body):
    """The decision by hand. No choice at all is a decision too. `holder_id`: into this wallet; without it, as paper.

    `override_reason`: why not what was drawn, where something was.
    """

    choices: Annotated[tuple[ChosenCertificate, ...], Field(max_length=20)]
    holder_id: UUID | None = None
    override_reason: Reason | None = None


class Refunding(Body):
    """Part or all of the bill goes back."""

    refund_id: UUID
    amount: Amount


@operation(
    router, "POST /v1/payments", "Put a paid bill on record", tag=TAG, who=TILLS, takes=Paying, answers=PaymentState,
    refusals=(BillConflict, InvalidAmount, InvalidCurrency, MerchantNotAdmitted, WalletNotFound, WalletErased),
)  # fmt: skip
async def record_payment(call: Call, asked: Paying) -> Response:
    """The same bill with the same details, under whatever key, is on record once."""
    return await call.answer(
        call.application.record_payment(
            request=call.command(),
            merchant_id=call.subject_id,
            bill_reference=asked.bill_reference,
            amount=asked.amount,
            currency=asked.currency,
            customer_id=asked.customer_id,
        )
    )


@operation(
    router, "GET /v1/payments/{payment_id}/options", "What to hand out for this bill", tag=TAG, who=TILLS,
    refusals=(PaymentNotFound,),
)  # fmt: skip
async def show_options(call: Call, asked: Nothing) -> Response:
    """Every agreement and stock of this merchant: those that fit now, best first, then the others with the reason."""
    payment_id = call.id("payment_id")

    def question(connection: Connection, schema: str) -> Facts:
        return options_of(call.coalition, connection, call.subject_id, payment_id, call.at)

    return await viewed(call, ("agreements", "allotments"), question)


@operation(
    router, "POST /v1/payments/{payment_id}/certificates", "Hand out certificates", tag=TAG, who=TILLS, takes=Issuing,
    answers=Issued,
    refusals=(PaymentNotFound, IssueAlreadyDecided, PaymentRefunded, NotAParty, AgreementNotFound, AgreementNotActive,
              BillTooSmallToIssue, NotCombinable, MerchantNotAdmitted, AllotmentNotFound, AllotmentExhausted,
              AllotmentEnded, OnlyTheIssuer, CapReached, CertificateConflict, WalletErased,
              WalletNotFound, InvalidAmount),
)  # fmt: skip
async def issue_certificates(call: Call, asked: Issuing) -> Response:
    """Once for each bill. Answers with the tokens and typed codes to print or show."""
    choices = tuple(Choice(one.certificate_id, one.agreement_id, one.allotment_id) for one in asked.choices)
    return await call.answer_with_copies(
        call.application.issue_certificates(
            request=call.command(),
            merchant_id=call.subject_id,
            payment_id=call.id("payment_id"),
            choices=choices,
            holder_id=asked.holder_id,
            override_reason=asked.override_reason or "",
        )
    )


@operation(
    router, "POST /v1/payments/{payment_id}/refunds", "Refund a bill", tag=TAG, who=TILLS, takes=Refunding,
    answers=Refunded, refusals=(PaymentNotFound, RefundTooLarge, RefundConflict, InvalidAmount),
)  # fmt: skip
async def refund_payment(call: Call, asked: Refunding) -> Response:
    """Cash for what was paid in cash, a new certificate for what a certificate paid."""
    return await call.answer_with_copies(
        call.application.refund_payment(
            request=call.command(),
            merchant_id=call.subject_id,
            payment_id=call.id("payment_id"),
            refund_id=asked.refund_id,
            amount=asked.amount,
        )
    )
