"""One payment between two partners: everything that was said of it; confirm it, take that back, remind."""

from typing import Final
from uuid import uuid5

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel

from network.api.bodies import Nothing
from network.api.pages import forms
from network.api.pages.commands import Handler, done_and_seen, found
from network.api.pages.console.naming import names_of
from network.api.pages.console.payments import ALL, STANDINGS, named, words
from network.api.pages.console.windows import HOME
from network.api.pages.forms import FieldProblem, Line, Problems, WithCommand, amount_of
from network.api.pages.texts import N_
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.routes import payouts
from network.api.threads import in_thread

router = APIRouter()
ONE: Final = f"{ALL}/{{reference}}"
SIDES: Final = {
    "creditor": N_("by the bank of who gets it"),
    "debtor": N_("by the bank of who pays it"),
    "hand": N_("by hand"),
}


class Confirming(WithCommand):
    """How much arrived, and how."""

    amount: Line
    cause: Line
    back: str = ""
    """Any text: it was given back."""


class Withdrawing(WithCommand):
    """Which line was a mistake, and why."""

    line: Line
    reason: Line


@page(router, f"GET {ONE}", who=(ORGANIZER,))
async def show_payment(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """Everything that was said of it, in the order of the log."""
    payment = await found(visit, payouts.show_payout)
    return await visit.show(
        "console/payment.html", problems=problems, home=HOME, here=f"{ALL}/{payment['end_to_end_id']}",
        payment=named(await in_thread(names_of, visit), payment), standings=words(visit, STANDINGS),
        sides=words(visit, SIDES),
    )  # fmt: skip


@page(router, f"POST {ONE}/confirmations", who=(ORGANIZER,), takes=Confirming, again=show_payment)
async def confirm(visit: Visit, form: Confirming) -> Response:
    """In cash, or through a bank that gives no files."""
    amount = amount_of(form.amount, visit.reader.currency)
    asking = payouts.Confirming(
        confirmation_id=uuid5(form.command_id, "confirmation"), amount=-amount if form.back else amount,
        cause=form.cause,
    )  # fmt: skip
    return await _said(visit, form, payouts.confirm, "confirmations", asking)


@page(router, f"POST {ONE}/withdrawals", who=(ORGANIZER,), takes=Withdrawing, again=show_payment)
async def withdraw(visit: Visit, form: Withdrawing) -> Response:
    """What a person had confirmed or assigned."""
    if not 32 <= len(form.line) <= 36:
        raise FieldProblem("line", N_("Choose one from the list."))
    asking = payouts.WithdrawingBooking(line=form.line, reason=form.reason)
    return await _said(visit, form, payouts.withdraw, "withdrawals", asking)


@page(router, f"POST {ONE}/reminders", who=(ORGANIZER,), takes=WithCommand, again=show_payment)
async def remind(visit: Visit, form: WithCommand) -> Response:
    """At most once a day."""
    return await _said(visit, form, payouts.remind, "reminders", Nothing())


async def _said(visit: Visit, form: WithCommand, handler: Handler, what: str, asking: BaseModel) -> Response:
    reference: str = visit.request.path_params["reference"]
    route = f"POST /v1/payouts/{reference}/{what}"
    await done_and_seen(visit, handler, route, asking, str(form.command_id), ("windows", "bank_files"))
    return visit.go(f"{ALL}/{reference}")
