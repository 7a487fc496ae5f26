"""Without a network: the page that stands in for the till's others, and what its scripts ask for and deliver.

The same handlers as the API's routes of a till, reached with the till's cookie; `static/till` does the rest.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from fastapi import APIRouter
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import StringConstraints

from network.access.deeds import note_later
from network.access.people import TILL_ROLES, people_of
from network.api.bodies import BillReference, read_query, understood
from network.api.errors import status_of
from network.api.pages.commands import asked, done
from network.api.pages.forms import FieldProblem, Form, OptionalLine, WithCommand, amount_of
from network.api.pages.till.noting import noted
from network.api.pages.till.words import spoken
from network.api.pages.visits import CAMERA_POLICY, TILL, Visit, page
from network.api.routes import offline, payments, status_lists
from network.api.static_files import FILES
from network.api.threads import in_thread
from network.domain.errors import Refusal

router = APIRouter()
_POLICY: Final = "default-src 'none'; connect-src 'self'; script-src 'self'"
_RECEIPTS_MAX: Final = 60_000


class NewKey(Form):
    """The device's public key as a browser exports it, and its proof that it holds the other part."""

    kty: str
    crv: str
    x: str
    y: OptionalLine = ""
    signature: Annotated[str, StringConstraints(max_length=100)]


class Delivering(Form):
    """Receipts in base64url with spaces between them, and in `by` who took each, for the shift report."""

    till_id: UUID
    receipts: Annotated[str, StringConstraints(max_length=_RECEIPTS_MAX)]
    by: Annotated[str, StringConstraints(max_length=_RECEIPTS_MAX)]
    delivery_id: UUID


class Paid(WithCommand):
    """A bill that was paid while there was no network."""

    amount: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    bill_reference: BillReference


class TakenBy(msgspec.Struct):
    """Who took what a receipt says, by the till's own word."""

    kid: str
    sequence: int
    person: str
    shift: str
    taken_at: int


@page(router, "GET /till/offline", who=(TILL,), cashier=False, by_script=True)
async def stand_in(visit: Visit) -> Response:
    """Kept on the device, for every page that the network does not give; also without a cashier."""
    return await visit.show("till/offline.html", words=spoken(visit), policy=CAMERA_POLICY)


@page(router, "GET /till/deliveries", who=(TILL,))
async def show_deliveries(visit: Visit) -> Response:
    """What was taken without a network, and what became of it."""
    return await visit.show("till/offline.html", words=spoken(visit), policy=CAMERA_POLICY)


@router.get("/till/worker.js", include_in_schema=False)
async def keep_for_later() -> Response:
    """From here, because a worker rules over the folder that it comes from."""
    headers = {
        "Cache-Control": "no-cache",
        "Service-Worker-Allowed": "/till",
        "Content-Security-Policy": _POLICY,
    }
    return FileResponse(FILES / "till" / "worker.js", headers=headers, media_type="text/javascript")


@page(router, "GET /till/kit", who=(TILL,), cashier=False, by_script=True)
async def give_kit(visit: Visit) -> Response:
    """What a till has to know before the network goes, and how the network sees its journals."""

    async def told() -> dict[str, Any]:
        till = await asked(visit, offline.show_till)
        return {**await asked(visit, status_lists.show_kit), "journals": till["journals"]}

    return await _answered(told)


@page(router, "POST /till/key", who=(TILL,), takes=NewKey, cashier=False, by_script=True)
async def register_key(visit: Visit, form: NewKey) -> Response:
    """The device's own key."""

    async def told() -> dict[str, Any]:
        members = form.model_dump(exclude={"signature"}, exclude_defaults=True)
        key = understood(offline.RegisteredKey, {"key": members, "signature": form.signature})
        return await done(visit, offline.register_key, "PUT /v1/till/key", key, f"key-{form.signature[:32]}")

    return await _answered(told)


@page(router, "POST /till/receipts", who=(TILL,), takes=Delivering, cashier=False, by_script=True)
async def deliver(visit: Visit, form: Delivering) -> Response:
    """What the network makes of each; what stands is noted for the shift of whoever took it.

    A device that was connected anew still has receipts of the till that it was before. The signature says whose they
    are, and they count if that till is one of the same shop.
    """
    acting = visit.as_till(form.till_id)

    async def told() -> dict[str, Any]:
        delivery = understood(offline.Delivery, {"receipts": form.receipts.split()})
        taken = msgspec.json.decode(form.by, type=list[TakenBy])
        facts = await done(acting, offline.deliver, "POST /v1/till/receipts", delivery, str(form.delivery_id))
        await in_thread(_note, acting, facts["receipts"], taken)
        return facts

    return await _answered(told)


@page(router, "GET /till/standings", who=(TILL,), cashier=False, by_script=True)
async def show_standings(visit: Visit) -> Response:
    """How delivered receipts stand by now."""

    async def told() -> dict[str, Any]:
        return await asked(visit, offline.show_receipts, read_query(visit.request, offline.JournalPage))

    return await _answered(told)


@page(router, "POST /till/bill", who=(TILL,), takes=Paid, by_script=True)
async def record_bill(visit: Visit, form: Paid) -> Response:
    """The bill is on record; it came too late for a certificate."""
    key, currency = str(form.command_id), visit.reader.currency

    async def told() -> dict[str, Any]:
        paying = payments.Paying(
            bill_reference=form.bill_reference, amount=amount_of(form.amount, currency), currency=currency
        )
        paid = await done(visit, payments.record_payment, "POST /v1/payments", paying, key)
        await noted(visit, key, "pay", UUID(paid["payment_id"]))
        return paid

    return await _answered(told)


async def _answered(told: Callable[[], Awaitable[dict[str, Any]]]) -> Response:
    """For a script: the facts, or the refusal with its code."""
    try:
        return JSONResponse(await told())
    except Refusal as refusal:
        return JSONResponse({"code": refusal.code, "detail": str(refusal)}, status_of(type(refusal)))
    except FieldProblem as problem:
        return JSONResponse({"code": "request_malformed", "detail": problem.name}, 422)


def _note(visit: Visit, receipts: list[dict[str, Any]], taken: list[TakenBy]) -> None:
    """Only people of this shop are believed to have been at its till."""
    ours = {str(person.person_id) for person, _ in people_of(visit.coalition, visit.subject_id, TILL_ROLES)}
    who = {(one.kid, one.sequence): one for one in taken if one.person in ours}
    for receipt in receipts:
        by = who.get((receipt["kid"], receipt["sequence"]))
        if by is None or receipt["status"] == "waiting":
            continue
        note_later(
            visit.coalition, visit.session, redemption_id=UUID(receipt["redemption_id"]), person_id=UUID(by.person),
            shift_id=UUID(by.shift), at=min(datetime.fromtimestamp(by.taken_at, UTC), visit.at),
        )  # fmt: skip
