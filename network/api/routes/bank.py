"""Bank details of those who pay and are paid, and the banks' answers."""

import hmac
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection
from pydantic import Field, StringConstraints

from network.api.answers.payouts import BankDetailsKnown, BankDetailsShown, BankFileLoaded, PayoutState
from network.api.bodies import Body, Name, Nothing, Query, Upload
from network.api.calls import Call, answered, shown
from network.api.errors import NotYourMerchant
from network.api.looking import looking
from network.api.operations import ORGANIZER, OWNER, operation
from network.api.progress import telling
from network.api.threads import in_thread
from network.api.views import asked_of_views, row, rows, viewed
from network.application import Request
from network.bank_details import BankDetails, find_details, keep_details
from network.bank_lines import find_line, forget_line, lines_after
from network.banking import refusals
from network.banking.instructions import PostalAddress
from network.domain.errors import (
    BankLineAssigned,
    BankLineMisfit,
    BankLineNotFound,
    PartyNotFound,
    PayoutNotFound,
    WindowNotFound,
)
from network.domain.merchant import Merchant
from network.domain.postings import own_parties
from network.projections import bank_files, payouts
from network.settlement.paying import assign_bank_line, load_bank_file, suggestions
from network.unit import Unit

router = APIRouter()
TAG = "bank"
BOTH = (ORGANIZER, OWNER)
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=70)]
WRITTEN = (
    refusals.IbanMalformed, refusals.IbanCountryUnknown, refusals.IbanLengthWrong, refusals.IbanLetterMisplaced,
    refusals.IbanCheckDigitsWrong, refusals.BicMalformed, refusals.PaymentInvalid,
)  # fmt: skip
UNREADABLE = (
    refusals.BankFileTooLarge, refusals.BankFileUnreadable, refusals.BankFileUnknown, refusals.BankFileIncoherent,
    refusals.BankFileOfAnotherIban, refusals.BankFileOfAnotherCurrency, refusals.BankFileLoadedBefore,
)  # fmt: skip


class Address(Body):
    """Structured, as banks demand: town and country (two capital letters) are the least."""

    town: Short
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    street: Short = ""
    building: Annotated[str, StringConstraints(max_length=16)] = ""
    postcode: Annotated[str, StringConstraints(max_length=16)] = ""


class Details(Body):
    """`holder`: as the bank knows the account; left out, the partner's name."""

    iban: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    bic: Annotated[str, StringConstraints(min_length=1, max_length=20)] | None = None
    holder: Name | None = None
    address: Address | None = None


class Assigning(Body):
    """Which payment the line is of."""

    end_to_end_id: Annotated[str, Field(pattern=r"^[A-Z0-9-]{1,35}$")]


class ByLine(Query):
    """A cursor: the last line seen."""

    after: Annotated[str, Field(pattern=r"^[0-9a-f]{0,32}$")] = ""
    limit: int = Field(100, ge=1, le=500)


@operation(
    router, "PUT /v1/bank-details/{party_id}", "Say where a party is paid", tag=TAG, who=BOTH, takes=Details,
    answers=BankDetailsKnown, refusals=(NotYourMerchant, PartyNotFound, *WRITTEN),
)  # fmt: skip
async def set_details(call: Call, asked: Details) -> Response:
    """A partner's own, or any party's by the organizer. They are sealed beside the log; what was instructed before goes
    where it was instructed to.
    """
    party_id = _own(call)
    request = _keyed(call)
    name = await in_thread(_name, call, party_id)
    address = PostalAddress(**asked.address.model_dump()) if asked.address else None
    details = BankDetails.checked(holder=asked.holder or name, iban=asked.iban, bic=asked.bic, address=address)
    digest = await in_thread(keep_details, call.coalition, party_id, details)
    return await call.answer(
        call.application.set_bank_details(request=request, party_id=party_id, digest=digest, by=call.role)
    )


@operation(
    router, "DELETE /v1/bank-details/{party_id}", "Pay a party without a bank", tag=TAG, who=BOTH,
    answers=BankDetailsKnown, refusals=(NotYourMerchant, PartyNotFound),
)  # fmt: skip
async def remove_details(call: Call, asked: Nothing) -> Response:
    """From the next instruction on."""
    party_id = _own(call)
    return await call.answer(
        call.application.set_bank_details(request=call.command(), party_id=party_id, digest=None, by=call.role)
    )


@operation(
    router, "GET /v1/bank-details/{party_id}", "Where a party is paid", tag=TAG, who=BOTH,
    answers=BankDetailsShown, refusals=(NotYourMerchant, PartyNotFound),
)  # fmt: skip
async def show_details(call: Call, asked: Nothing) -> Response:
    """`details` null: it has none."""
    party_id = _own(call)

    def read() -> dict[str, Any]:
        with looking(call.coalition, call.at) as unit:
            digest = _digest(unit, party_id)
        found = find_details(call.coalition, [(party_id, digest)]) if digest else {}
        details = next(iter(found.values()), None)
        return {"party_id": party_id, "details": details}

    return shown(await in_thread(read))


@operation(
    router, "POST /v1/bank-files", "Load a bank's answer", tag=TAG, who=(ORGANIZER,), takes=Upload,
    answers=BankFileLoaded, refusals=(*UNREADABLE, WindowNotFound, PayoutNotFound),
)  # fmt: skip
async def load(call: Call, asked: Upload) -> Response:
    """camt.053, camt.054 or our CSV, as the body. All of it is booked, or nothing; the same bytes once."""
    request, currency = call.command(), await _currency(call)
    return answered(
        await in_thread(
            load_bank_file,
            call.coalition,
            asked.content,
            currency=currency,
            by="organizer",
            request=request,
            told=telling(),
        )
    )


@operation(router, "GET /v1/bank-files", "The banks' answers that were loaded", tag=TAG, who=(ORGANIZER,))
async def list_files(call: Call, asked: Nothing) -> Response:
    """The newest first."""

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        return {"files": rows(bank_files.all(connection, schema))}

    return await viewed(call, ("bank_files",), question)


@operation(
    router, "GET /v1/bank-lines", "Lines that name no payment", tag=TAG, who=(ORGANIZER,), takes=ByLine
)  # fmt: skip
async def list_lines(call: Call, asked: ByLine) -> Response:
    """Each with `why`, and the payments that it may be, likeliest first. Assign it, or dismiss it."""
    kept = await in_thread(lines_after, call.coalition, asked.after, asked.limit)
    currency = await _currency(call)

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        booked = payouts.lines_booked(connection, schema, [one.line for one in kept])
        return {"booked": booked}

    facts, _ = await asked_of_views(call, ("windows",), question)
    booked = facts["booked"]
    waiting = [one for one in kept if one.line not in booked]
    told = await in_thread(suggestions, call.coalition, waiting, currency)
    lines = [
        {"line": one.line, "file_id": one.file_id, **row(one.told), "why": why.why, "suggestions": why.suggestions}
        for one, why in told
    ]
    after = kept[-1].line if kept else asked.after
    return shown({"lines": lines, "next_after": after, "more": len(kept) == asked.limit})


@operation(
    router, "POST /v1/bank-lines/{line}/assignment", "Say which payment a line is of", tag=TAG, who=(ORGANIZER,),
    takes=Assigning, answers=PayoutState,
    refusals=(BankLineNotFound, BankLineAssigned, BankLineMisfit, PayoutNotFound, WindowNotFound),
)  # fmt: skip
async def assign(call: Call, asked: Assigning) -> Response:
    """It replaces the reference, not the checks of IBAN and currency."""
    request, currency = call.command(), await _currency(call)
    line = call.request.path_params["line"]
    return answered(
        await in_thread(
            assign_bank_line,
            call.coalition,
            line,
            asked.end_to_end_id,
            currency=currency,
            by="organizer",
            request=request,
        )
    )


@operation(
    router, "DELETE /v1/bank-lines/{line}", "Forget a line that is none of ours", tag=TAG, who=(ORGANIZER,),
    refusals=(BankLineNotFound,),
)  # fmt: skip
async def dismiss(call: Call, asked: Nothing) -> Response:
    """What it said is gone; the log never had it."""
    request, line = call.command(), call.request.path_params["line"]
    kept = await in_thread(find_line, call.coalition, line)

    def decide(unit: Unit) -> dict[str, object]:
        if kept is None:
            raise BankLineNotFound()
        return {"line": line, "file_id": kept.file_id}

    answer = await call.committed(call.application.committer.submit(request, decide))
    if not answer.refused:
        await in_thread(forget_line, call.coalition, line)
    return answered(answer)


def _own(call: Call) -> UUID:
    party_id = call.id("party_id")
    if call.role != ORGANIZER and party_id != call.subject_id:
        raise NotYourMerchant()
    return party_id


def _keyed(call: Call) -> Request:
    """The command's name. Its fingerprint is stored in clear, and so few IBANs exist that a plain digest tells one."""
    request = call.command()
    return replace(request, fingerprint=hmac.digest(call.coalition.bank_key, request.fingerprint, "sha256"))


def _name(call: Call, party_id: UUID) -> str:
    """What the party is called. Raises: PartyNotFound."""
    with looking(call.coalition, call.at) as unit:
        merchant = unit.find(Merchant, party_id)
        if merchant is not None:
            return merchant.name
        if party_id not in own_parties(call.coalition.coalition_id):
            raise PartyNotFound()
        return unit.coalition.name


def _digest(unit: Unit, party_id: UUID) -> str | None:
    merchant = unit.find(Merchant, party_id)
    if merchant is not None:
        return merchant.bank_details
    if party_id not in own_parties(unit.coalition.id):
        raise PartyNotFound()
    return unit.coalition.bank_details.get(party_id)


async def _currency(call: Call) -> str:
    def read() -> str:
        with looking(call.coalition, call.at) as unit:
            return unit.coalition.currency

    return await in_thread(read)
