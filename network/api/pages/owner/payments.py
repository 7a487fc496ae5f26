"""One payment of a statement: how it is paid, what of it is paid, and saying that it came."""

from typing import Annotated, Any, Final
from uuid import uuid5

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import StringConstraints

from network.api.bodies import Nothing
from network.api.pages import forms
from network.api.pages.commands import done_and_seen, file_of, found
from network.api.pages.forms import Line, Problems, WithCommand, amount_of, typed_amount
from network.api.pages.owner.shops import party_names
from network.api.pages.texts import N_
from network.api.pages.visits import OWNER, Visit, page
from network.api.routes import payouts
from network.api.threads import in_thread
from network.banking.epc_qr import transfer_code
from network.banking.instructions import remittance_of
from network.settlement.payment_files import papers_of

router = APIRouter()
ONE: Final = "/shop/money/payments/{reference}"
_ROUTE: Final = "POST /v1/payouts/{reference}"
VIEWS: Final = ("windows",)
SIDES: Final = {
    "debtor": N_("said by the bank of who pays"),
    "creditor": N_("said by the bank of who receives"),
    "hand": N_("said by a person"),
}


class Confirming(WithCommand):
    """How much came, and how."""

    amount: Annotated[str, StringConstraints(max_length=20)]
    cause: Line


class Withdrawing(WithCommand):
    """Which confirmation was a mistake."""

    line: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{32,36}$")]
    reason: Line


@page(router, f"GET {ONE}", who=(OWNER,))
async def show_payment(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """From the side that pays: to where. From the side that receives: what came."""
    one = await found(visit, payouts.show_payout)
    pays = one["debtor_id"] == str(visit.subject_id)
    names = await party_names(visit)
    to = await in_thread(_where_to, visit, one) if pays and one["missing"] and not one["replaced"] else None
    return await visit.show(
        "owner/payment.html", problems=problems, one=one, pays=pays, to=to,
        other=names.get(one["creditor_id"] if pays else one["debtor_id"], "?"),
        typed=typed_amount(one["missing"], visit.reader.currency) if one["missing"] else "",
        by_hand=_by_hand(visit, one),
        sides={side: visit.gettext(text) for side, text in SIDES.items()},
    )  # fmt: skip


@page(router, f"POST {ONE}/confirm", who=(OWNER,), takes=Confirming, again=show_payment)
async def confirm(visit: Visit, form: Confirming) -> Response:
    """It came in cash, or through a bank that gives no files."""
    question = payouts.Confirming(
        confirmation_id=uuid5(form.command_id, "confirmation"), amount=amount_of(form.amount, visit.reader.currency),
        cause=form.cause,
    )  # fmt: skip
    return await _act(visit, form, payouts.confirm, "/confirmations", question)


@page(router, f"POST {ONE}/withdraw", who=(OWNER,), takes=Withdrawing, again=show_payment)
async def withdraw(visit: Visit, form: Withdrawing) -> Response:
    """It did not come after all."""
    question = payouts.WithdrawingBooking(line=form.line, reason=form.reason)
    return await _act(visit, form, payouts.withdraw, "/withdrawals", question)


@page(router, f"GET {ONE}/bank.xml", who=(OWNER,))
async def bank_file(visit: Visit) -> Response:
    """All that this shop pays of that statement, as its bank imports it."""
    one = await found(visit, payouts.show_payout)
    return await file_of(visit, payouts.bank_file_of, Nothing(), number=one["window_number"], party_id=visit.subject_id)


async def _act(visit: Visit, form: WithCommand, handler: Any, route: str, question: Any) -> Response:
    reference: str = visit.request.path_params["reference"]
    named = _ROUTE.format(reference=reference) + route
    await done_and_seen(visit, handler, named, question, str(form.command_id), VIEWS)
    return visit.go(f"/shop/money/payments/{reference}")


def _where_to(visit: Visit, one: dict[str, Any]) -> dict[str, Any] | None:
    """The bank details that were frozen when it was asked for; None where there were none."""
    papers = papers_of(visit.coalition, one["window_number"])
    payout = next((it for it in papers.payouts if it.end_to_end_id == one["end_to_end_id"]), None)
    digest = payout.creditor_details if payout else None
    details = papers.details.get((payout.creditor, digest)) if payout and digest else None
    if payout is None or details is None:
        return None
    remittance = remittance_of(one["window_number"], one["end_to_end_id"])
    code = None
    if papers.currency == "EUR":
        code = transfer_code(
            holder=details.holder, iban=details.iban, bic=details.bic, amount=one["missing"], remittance=remittance
        )
    return {
        "holder": details.holder,
        "iban": " ".join(details.iban[at : at + 4] for at in range(0, len(details.iban), 4)),
        "bic": details.bic,
        "remittance": remittance,
        "code": code,
        "has_file": papers.why_not(payout) is None,
    }


def _by_hand(visit: Visit, one: dict[str, Any]) -> set[str]:
    """The confirmations that the reader made and may take back."""
    me = str(visit.subject_id)
    return {
        booking["line"]
        for booking in one["bookings"]
        if booking["side"] == "hand" and booking["booked_by"] == me and not booking["withdrawn"]
    }
