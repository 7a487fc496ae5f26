"""After payment: the bill goes on record, the network proposes, one tap hands the certificate out."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import StringConstraints

from network.api.bodies import BillReference, Nothing
from network.api.looking import looking
from network.api.pages import forms
from network.api.pages.commands import done
from network.api.pages.forms import Problems, WithCommand, amount_of
from network.api.pages.texts import N_
from network.api.pages.till.noting import noted
from network.api.pages.visits import TILL, Visit, page
from network.api.routes import drawing, payments
from network.api.threads import in_thread
from network.domain.draw import Reason
from network.domain.merchant import Merchant

router = APIRouter()

REASONS: Final = {
    Reason.PINNED: N_("Your shop always offers %(name)s when it fits."),
    Reason.FIXED_SHARE: N_("Your shop keeps a share of its guests for %(name)s, and this is one of them."),
    Reason.ONLY_PARTNER: N_("%(name)s is the one neighbour that fits this bill."),
    Reason.GIVES_BACK: N_("%(name)s sends the street more guests than it gets, so it comes up more often."),
    Reason.EVENS_OUT: N_("A guest for %(name)s brings what the two of you owe each other closer to zero."),
    Reason.WORKS_WELL: N_("Guests who get this certificate are seen to go to %(name)s because of it."),
    Reason.BY_LOT: N_("%(name)s was drawn by lot among %(partners)s neighbours."),
    Reason.NONE_THIS_TIME: N_(
        "No certificate this time: it was drawn so, to see what certificates change. Say thank you."
    ),
    Reason.NOTHING_FITS: N_("No neighbour's certificate fits this bill."),
}


class Paying(WithCommand):
    """A paid bill."""

    amount: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    bill_reference: BillReference


class Issuing(WithCommand):
    """Hand out what was drawn for this payment."""

    payment_id: UUID


async def show_pay(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """The form."""
    return await visit.show("till/pay.html", problems=problems, nothing="")


@page(router, "GET /till/pay", who=(TILL,))
async def ask_payment(visit: Visit) -> Response:
    """Amount and number of the bill."""
    return await show_pay(visit)


@page(router, "POST /till/pay", who=(TILL,), takes=Paying, again=show_pay)
async def record_payment(visit: Visit, form: Paying) -> Response:
    """The bill is on record, and what to offer for it is shown with the reason."""
    amount = amount_of(form.amount, visit.reader.currency)
    key = str(form.command_id)
    asked = payments.Paying(bill_reference=form.bill_reference, amount=amount, currency=visit.reader.currency)
    paid = await done(visit, payments.record_payment, "POST /v1/payments", asked, key)
    payment_id = UUID(paid["payment_id"])
    await noted(visit, key, "pay", payment_id)
    proposal = await done(
        visit, drawing.propose_certificate, "POST /v1/payments/{payment_id}/proposal", Nothing(), f"{key}-p",
        payment_id=payment_id,
    )  # fmt: skip
    return await visit.show(
        "till/proposal.html", payment=paid, certificate=_dated(proposal["certificate"]), reason=_reason(visit, proposal)
    )


@page(router, "POST /till/issue", who=(TILL,), takes=Issuing, again=show_pay)
async def issue(visit: Visit, form: Issuing) -> Response:
    """Once for each bill: the certificate, its QR, its link and its receipt."""
    key = str(form.command_id)
    await noted(visit, key, "issue", form.payment_id)
    asked = drawing.Taking(certificate_id=uuid5(form.command_id, "certificate"))
    answer = await done(
        visit, drawing.issue_drawn, "POST /v1/payments/{payment_id}/proposal/acceptance", asked, key,
        payment_id=form.payment_id,
    )  # fmt: skip
    if not answer["certificates"]:
        return await visit.show("till/pay.html", nothing=_reason(visit, answer))
    certificate = _dated(answer["certificates"][0])
    certificate["acceptor_address"] = await in_thread(_address, visit, UUID(certificate["acceptor_id"]))
    return await visit.show(
        "till/issued.html", certificate=certificate, link=visit.service.link(certificate["token"]), now=visit.at
    )


def _address(visit: Visit, merchant_id: UUID) -> str:
    with looking(visit.coalition, visit.at) as unit:
        return unit.get(Merchant, merchant_id).address


def _reason(visit: Visit, answer: dict[str, Any]) -> str:
    told = answer["reason"]
    return visit.gettext(REASONS[Reason(told["code"])], name=told["name"], partners=told["partners"])


def _dated(certificate: dict[str, Any] | None) -> dict[str, Any]:
    if certificate is None:
        return {}
    return {**certificate, "expires_at": datetime.fromisoformat(certificate["expires_at"])}
