"""A certificate at a till: what a presented copy is worth, redeem it, undo that, and take a certificate back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from network.api.answers.certificates import CertificateState, Redeemed, RedemptionState, Worth
from network.api.bodies import Amount, AmountOrZero, BillReference, Body, Presented, Share
from network.api.calls import Call, shown
from network.api.copies import TypedCodeAmbiguous, presented_copy, worth
from network.api.keys import Copy
from network.api.looking import looking
from network.api.operations import ORGANIZER, OWNER, TILL, WALLET, operation
from network.api.presenting import PRESENTED
from network.api.routes.merchants import WithReason
from network.api.threads import in_thread
from network.domain import errors as refusals
from network.domain.tax import RATES_MAX, AtRate

router = APIRouter()
TAG = "certificates"
DEAD = (
    refusals.CertificateNotFound,
    refusals.CertificateRedeemed,
    refusals.CertificateExpired,
    refusals.CertificateRevoked,
)
DEAD_COPY = (
    *DEAD,
    refusals.CertificatePassedOn,
    refusals.CertificateClaimed,
    refusals.CertificateRebound,
    refusals.CertificatePrinted,
    refusals.UnknownEpoch,
)
NOT_LIVE = (refusals.ProofMissing, refusals.ProofStale, refusals.ProofUsed)


class SoldAtRate(Body):
    """A part of the bill, tax included, and its tax rate."""

    rate: Share
    amount: AmountOrZero


class Redeeming(Presented):
    """`bill` is the whole bill. `amount` is what to deduct; without it, as much as fits. `sold`: the bill by tax rate,
    for a shop that has several.
    """

    redemption_id: UUID
    bill_reference: BillReference
    bill: Amount
    amount: Amount | None = None
    sold: Annotated[tuple[SoldAtRate, ...], Field(max_length=RATES_MAX)] = ()


@operation(
    router, "POST /v1/redemptions", "Redeem", tag=TAG, who=(TILL,), takes=Redeeming, answers=Redeemed,
    refusals=(*PRESENTED, *DEAD_COPY, *NOT_LIVE, TypedCodeAmbiguous, refusals.WrongAcceptor,
              refusals.MerchantNotAdmitted,
              refusals.BillTooSmallToRedeem, refusals.BillCovered, refusals.BillConflict, refusals.InsufficientBalance,
              refusals.MoreThanTheBill, refusals.PartialRedemptionNotAllowed, refusals.RedemptionConflict,
              refusals.RedemptionReversed, refusals.PaymentRefunded, refusals.InvalidAmount, refusals.InvalidTax),
)  # fmt: skip
async def redeem(call: Call, asked: Redeeming) -> Response:
    """Deduct a presented certificate from a bill at this till's merchant."""
    request = call.command()
    copy = await presented_copy(call, asked)
    return await call.answer(
        call.application.redeem_certificate(
            request=request,
            certificate_id=copy.certificate_id,
            epoch=copy.epoch,
            redemption_id=asked.redemption_id,
            acceptor_id=call.subject_id,
            bill_reference=asked.bill_reference,
            bill=asked.bill,
            amount=asked.amount,
            proof=copy.proof,
            sold=tuple(AtRate(part.rate, part.amount) for part in asked.sold),
        )
    )


@operation(
    router, "POST /v1/presented", "What a presented copy is worth here", tag=TAG, who=(TILL, WALLET), takes=Presented,
    answers=Worth, refusals=(*PRESENTED, refusals.CertificateNotFound, TypedCodeAmbiguous), changes=False,
)  # fmt: skip
async def present(call: Call, asked: Presented) -> Response:
    """Changes nothing. A copy that would be refused is shown with the refusal."""
    copy = await presented_copy(call, asked)
    acceptor_id = call.subject_id if call.role == TILL else None

    def question(copy: Copy) -> dict[str, object]:
        with looking(call.coalition, call.at) as unit:
            return worth(unit, copy, acceptor_id=acceptor_id)

    return shown(await in_thread(question, copy))


@operation(
    router, "POST /v1/certificates/{certificate_id}/redemptions/{redemption_id}/reversal", "Undo a redemption", tag=TAG,
    who=(TILL, ORGANIZER), takes=WithReason, answers=RedemptionState,
    refusals=(refusals.CertificateNotFound, refusals.RedemptionNotFound, refusals.WrongAcceptor,
              refusals.RedemptionReversed, refusals.RedemptionRefunded, refusals.ReversalTooLate,
              refusals.PaymentRefunded),
)  # fmt: skip
async def reverse_redemption(call: Call, asked: WithReason) -> Response:
    """By a till of its acceptor within the agreed hours, by the organizer at any time."""
    return await call.answer(
        call.application.reverse_redemption(
            request=call.command(),
            certificate_id=call.id("certificate_id"),
            redemption_id=call.id("redemption_id"),
            acceptor_id=call.subject_id if call.role == TILL else None,
            reason=asked.reason,
        )
    )


@operation(
    router, "POST /v1/certificates/{certificate_id}/revocation", "Take a certificate back", tag=TAG,
    who=(TILL, OWNER, ORGANIZER), takes=WithReason, answers=CertificateState,
    refusals=(*DEAD, refusals.OnlyTheIssuer, refusals.CertificateUsed),
)  # fmt: skip
async def revoke_certificate(call: Call, asked: WithReason) -> Response:
    """By its issuer while it is unused and never passed on, by the organizer for fraud."""
    return await call.answer(
        call.application.revoke_certificate(
            request=call.command(),
            certificate_id=call.id("certificate_id"),
            issuer_id=None if call.role == ORGANIZER else call.subject_id,
            reason=asked.reason,
        )
    )
