"""What banks answer: load a file, look at the lines that name no payment, and say where everybody is paid."""

from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.bodies import Nothing, Upload
from network.api.pages.commands import Handler, done_and_seen, found
from network.api.pages.console.naming import names_of
from network.api.pages.console.payments import named, show_payments
from network.api.pages.console.windows import HOME
from network.api.pages.forms import FieldProblem, Line, OptionalLine, WithCommand
from network.api.pages.texts import N_
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.progress import told_of
from network.api.routes import bank, payouts
from network.api.threads import in_thread

router = APIRouter()
BANK: Final = f"{HOME}/bank"
VIEWS: Final = ("windows", "bank_files")


class Loading(WithCommand):
    """The file comes beside."""


class Assigning(WithCommand):
    """Which payment a line is of."""

    end_to_end_id: Line


class Account(WithCommand):
    """Where a party is paid. `iban` empty: nowhere any more."""

    party_id: UUID
    iban: OptionalLine = ""
    bic: OptionalLine = ""
    holder: OptionalLine = ""


@page(router, f"POST {BANK}/files", who=(ORGANIZER,), takes=Loading, again=show_payments, uploads=True)
async def load(visit: Visit, form: Loading) -> Response:
    """Books all of a file or nothing, and says line by line what became of it."""
    if not visit.upload:
        raise FieldProblem("file", N_("Choose the file that the bank gave."))
    asking = Upload(digest=sha256(visit.upload).hexdigest(), content=visit.upload)
    with told_of(visit.coalition.coalition_id, form.command_id):
        answer = await done_and_seen(visit, bank.load, "POST /v1/bank-files", asking, str(form.command_id), VIEWS)
    payments = {}
    for number in {one["number"] for one in answer["booked"]}:
        for one in (await found(visit, payouts.list_of_window, number=number))["payouts"]:
            payments[one["end_to_end_id"]] = one
    names = await in_thread(names_of, visit)
    booked = [named(names, {**payments[one["end_to_end_id"]], **one}) for one in answer["booked"]]
    return await visit.show("console/loaded.html", home=HOME, answer=answer, booked=booked)


@page(router, f"POST {BANK}/lines/{{line}}/assignment", who=(ORGANIZER,), takes=Assigning, again=show_payments)
async def assign(visit: Visit, form: Assigning) -> Response:
    """By a person who looked at it."""
    asking = bank.Assigning(end_to_end_id=form.end_to_end_id)
    return await _of_line(visit, form, bank.assign, "POST /v1/bank-lines/{line}/assignment", asking)


@page(router, f"POST {BANK}/lines/{{line}}/dismissal", who=(ORGANIZER,), takes=WithCommand, again=show_payments)
async def dismiss(visit: Visit, form: WithCommand) -> Response:
    """It is none of ours; what it said is gone."""
    return await _of_line(visit, form, bank.dismiss, "DELETE /v1/bank-lines/{line}", Nothing())


@page(router, f"POST {BANK}/accounts", who=(ORGANIZER,), takes=Account, again=show_payments, fresh=True)
async def set_account(visit: Visit, form: Account) -> Response:
    """What was asked for before goes where it was asked to."""
    route = "PUT /v1/bank-details/{party_id}"
    asking: Any = Nothing()
    handler: Handler = bank.remove_details
    if form.iban:
        typed = {"iban": form.iban, "bic": form.bic or None, "holder": form.holder or None}
        asking, handler = bank.Details.model_validate(typed), bank.set_details
    await done_and_seen(visit, handler, route, asking, str(form.command_id), ("bank_details",), party_id=form.party_id)
    return visit.go(f"{HOME}/payments")


async def _of_line(visit: Visit, form: WithCommand, handler: Handler, route: str, asking: Any) -> Response:
    line = visit.request.path_params["line"]
    views = ("windows", "bank_files")
    await done_and_seen(visit, handler, route.replace("{line}", line), asking, str(form.command_id), views)
    return visit.go(f"{HOME}/payments")
