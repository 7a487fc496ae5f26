"""Payments between partners: ask for them, take the files to the bank, confirm by hand, remind."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection
from pydantic import Field

from network.api.answers.payouts import Instructed, PayoutShown, PayoutState
from network.api.bodies import Body, Day, Nothing, Query, Reason
from network.api.calls import Call, answered
from network.api.errors import NotYourMerchant
from network.api.operations import ORGANIZER, OWNER, operation
from network.api.threads import in_thread
from network.api.views import row, rows, viewed
from network.bank_lines import find_line
from network.banking import ids
from network.domain.errors import (
    BookingConflict,
    Invalid,
    NoPaymentFile,
    NothingToRemind,
    NotYourPayment,
    PayoutNotFound,
    RemindedAlready,
    WindowNotFound,
    WindowStateForbids,
)
from network.domain.exposure import local_day
from network.domain.units import MINOR_MAX
from network.projections import coalition as coalition_view
from network.projections import payouts
from network.settlement.paying import instruct_window
from network.settlement.payment_files import PaymentPapers, papers_of
from network.settlement.reading import names_of

router = APIRouter()
TAG = "payouts"
BOTH = (ORGANIZER, OWNER)
VIEWS = ("windows", "coalition", "merchants")
_SEALED = ("debtor_details", "creditor_details", "window_id", "back_sent", "back_received", "back_by_hand")


class Instructing(Body):
    """`due_on` left out: as many days from now as the schedule says."""

    due_on: Day | None = None


class Confirming(Body):
    """`amount` in minor units; below zero it was given back. `cause`: how it came, as "in cash"."""

    confirmation_id: UUID
    amount: Annotated[int, Field(ge=-MINOR_MAX, le=MINOR_MAX)]
    cause: Reason


class WithdrawingBooking(Body):
    """`line`: the id of the confirmation, or the line that was assigned."""

    line: Annotated[str, Field(pattern=r"^[0-9a-f-]{32,36}$")]
    reason: Reason


class Which(Query):
    """`late`: only what should have been paid before today."""

    late: bool = False


@operation(
    router, "POST /v1/windows/{number}/instruction", "Ask for a window's payments", tag=TAG, who=(ORGANIZER,),
    takes=Instructing, answers=Instructed, refusals=(WindowNotFound, WindowStateForbids, Invalid),
)  # fmt: skip
async def instruct(call: Call, asked: Instructing) -> Response:
    """Once, when it is agreed. `without_bank` counts the payments that no bank file can hold."""
    request, number = call.command(), call.number("number")
    due_on = date.fromisoformat(asked.due_on) if asked.due_on else None
    return answered(
        await in_thread(instruct_window, call.coalition, number, due_on=due_on, by="organizer", request=request)
    )


@operation(
    router, "GET /v1/windows/{number}/payouts", "The payments of a window", tag=TAG, who=BOTH,
)  # fmt: skip
async def list_of_window(call: Call, asked: Nothing) -> Response:
    """Who pays whom, how much of it is confirmed, and why a payment is in no bank file, if so."""
    number = call.number("number")
    papers = await in_thread(_papers_or_none, call, number)
    by_hand = {one.end_to_end_id: papers.why_not(one) for one in papers.payouts} if papers else {}

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        found = _of_caller(call, payouts.of_window(connection, schema, number))
        shown = _listed(call, connection, found)
        return {"payouts": [{**one, "not_by_bank": by_hand.get(one["end_to_end_id"])} for one in shown]}

    return await viewed(call, VIEWS, question)


@operation(
    router, "GET /v1/windows/{number}/payouts.csv", "The payments of a window as a table", tag=TAG, who=BOTH,
    refusals=(WindowNotFound, WindowStateForbids), media_type="text/csv",
)  # fmt: skip
async def table(call: Call, asked: Nothing) -> Response:
    """An owner's: what it pays. Payments without an IBAN are in it too."""
    number = call.number("number")
    papers = await in_thread(papers_of, call.coalition, number)
    content = papers.table(None if call.role == ORGANIZER else call.subject_id)
    return _file(content, "text/csv; charset=utf-8", f"window-{number}-payments.csv")


@operation(
    router, "GET /v1/windows/{number}/payouts/{party_id}/pain.001.xml", "What a debtor's bank imports", tag=TAG,
    who=BOTH, refusals=(NotYourMerchant, WindowNotFound, WindowStateForbids, NoPaymentFile),
    media_type="application/xml",
)  # fmt: skip
async def bank_file_of(call: Call, asked: Nothing) -> Response:
    """ISO 20022 pain.001.001.09: the same bytes each time, so that a bank refuses a second upload."""
    number, party_id = call.number("number"), call.id("party_id")
    if call.role != ORGANIZER and party_id != call.subject_id:
        raise NotYourMerchant()
    papers = await in_thread(papers_of, call.coalition, number)
    return _file(papers.pain001(party_id), "application/xml", f"window-{number}-{party_id}.pain.001.xml")


@operation(router, "GET /v1/payouts", "What is due, and what is late", tag=TAG, who=BOTH, takes=Which)
async def list_missing(call: Call, asked: Which) -> Response:
    """Everything that was asked for and is not paid, the longest due first; an owner's own, on both sides."""

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        about = coalition_view.find(connection, schema)
        today = local_day(call.at, about.time_zone if about else "UTC")
        found = payouts.missing(connection, schema, None if call.role == ORGANIZER else call.subject_id)
        shown = _listed(call, connection, [one for one in found if not asked.late or one.due_on < today])
        for one in shown:
            one["days_late"] = max(0, (date.fromisoformat(today) - date.fromisoformat(one["due_on"])).days)
        return {"today": today, "currency": about.currency if about else None, "payouts": shown}

    return await viewed(call, VIEWS, question)


@operation(
    router, "GET /v1/payouts/{reference}", "One payment, and what was said of it", tag=TAG, who=BOTH,
    answers=PayoutShown, refusals=(PayoutNotFound,),
)  # fmt: skip
async def show_payout(call: Call, asked: Nothing) -> Response:
    """Every confirmation and return, in the order of the log."""
    reference = call.request.path_params["reference"]

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        found = payouts.find(connection, schema, reference)
        if found is None or not _of_caller(call, [found]):
            raise PayoutNotFound()
        (shown,) = _listed(call, connection, [found])
        return {**shown, "bookings": rows(payouts.bookings(connection, schema, reference))}

    return await viewed(call, VIEWS, question)


@operation(
    router, "POST /v1/payouts/{reference}/confirmations", "Say that money arrived", tag=TAG, who=BOTH,
    takes=Confirming, answers=PayoutState,
    refusals=(PayoutNotFound, WindowNotFound, NotYourPayment, BookingConflict, Invalid),
)  # fmt: skip
async def confirm(call: Call, asked: Confirming) -> Response:
    """In cash, or through a bank that gives no files. By who receives it, or the organizer."""
    reference, number = _reference(call)
    return await call.answer(
        call.application.confirm_payout(
            request=call.command(),
            number=number,
            reference=reference,
            confirmation_id=asked.confirmation_id,
            amount=asked.amount,
            cause=asked.cause,
            by=_by(call),
        )
    )


@operation(
    router, "POST /v1/payouts/{reference}/withdrawals", "Take a confirmation back", tag=TAG, who=BOTH,
    takes=WithdrawingBooking, answers=PayoutState, refusals=(PayoutNotFound, WindowNotFound, NotYourPayment, Invalid),
)  # fmt: skip
async def withdraw(call: Call, asked: WithdrawingBooking) -> Response:
    """What a person confirmed or assigned; an assigned line waits again. A bank's own word stands."""
    reference, number = _reference(call)
    request = call.command()
    kept = await in_thread(find_line, call.coalition, asked.line)
    return await call.answer(
        call.application.withdraw_booking(
            request=request,
            number=number,
            reference=reference,
            line=asked.line,
            file_id=kept.file_id if kept else None,
            reason=asked.reason,
            by=_by(call),
        )
    )


@operation(
    router, "POST /v1/payouts/{reference}/reminders", "Remind the debtor", tag=TAG, who=(ORGANIZER,),
    answers=PayoutState, refusals=(PayoutNotFound, WindowNotFound, NothingToRemind, RemindedAlready),
)  # fmt: skip
async def remind(call: Call, asked: Nothing) -> Response:
    """At most once a day; the debtor's feed and webhooks have it as `Window.Reminded`."""
    reference, number = _reference(call)
    return await call.answer(
        call.application.remind_payout(
            request=call.command(), number=number, reference=reference, step=None, by="organizer"
        )
    )


def _papers_or_none(call: Call, number: int) -> PaymentPapers | None:
    try:
        return papers_of(call.coalition, number)
    except (WindowNotFound, WindowStateForbids):
        return None


def _reference(call: Call) -> tuple[str, int]:
    """The payment's id, and the window that it names. Raises: PayoutNotFound."""
    reference: str = call.request.path_params["reference"]
    numbers = ids.windows_in(reference)
    if len(numbers) != 1:
        raise PayoutNotFound()
    return reference, numbers.pop()


def _by(call: Call) -> str:
    return "organizer" if call.role == ORGANIZER else str(call.subject_id)


def _of_caller(call: Call, found: list[payouts.PayoutRow]) -> list[payouts.PayoutRow]:
    if call.role == ORGANIZER:
        return found
    return [one for one in found if call.subject_id in (one.debtor_id, one.creditor_id)]


def _listed(call: Call, connection: Connection, found: list[payouts.PayoutRow]) -> list[dict[str, Any]]:
    names = names_of(connection, call.coalition)
    return [
        row(one, *_SEALED) | {"debtor": names.get(one.debtor_id, ""), "creditor": names.get(one.creditor_id, "")}
        for one in found
    ]


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, 200, {"Content-Disposition": f'attachment; filename="{name}"'}, media_type)
