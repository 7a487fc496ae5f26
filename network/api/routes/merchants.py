"""Partners: who takes part, and letting them in, out and in again."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection
from pydantic import Field, StringConstraints

from network.api.answers.coalitions import MerchantShown
from network.api.bodies import Address, Body, Category, Day, Nothing, Position, Query, Reason, Share
from network.api.calls import Call, answered
from network.api.errors import NotYourMerchant
from network.api.looking import looking
from network.api.operations import ORGANIZER, OWNER, TILL, operation
from network.api.threads import in_thread
from network.api.views import row, rows, viewed
from network.domain.errors import InvalidTax, MerchantNotFound, MerchantStateForbids
from network.domain.merchant import Merchant
from network.domain.tax import RATES_MAX, TaxRecord
from network.projections import merchants as view
from network.store.recorder import Write
from network.unit import Unit

router = APIRouter()
TAG = "merchants"


class ByNumber(Query):
    """A cursor: the number of the last partner seen."""

    after: Position = 0
    limit: int = Field(1000, ge=1, le=1000)


class WithReason(Body):
    """Why."""

    reason: Reason


class Taxes(Body):
    """Where the shop is (ISO 3166-1, such as LV) and its tax rates in basis points, from a day on."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    rates: Annotated[tuple[Share, ...], Field(min_length=1, max_length=RATES_MAX)]
    valid_from: Day


class Profile(Body):
    """What guests read: what kind of shop, and where."""

    category: Category
    address: Address


class Leak(Body):
    """`leaked`: the old key may be in other hands, so what it signed counts only online."""

    leaked: bool = False


@operation(router, "GET /v1/merchants", "The partners", tag=TAG, who=(ORGANIZER, OWNER, TILL), takes=ByNumber)
async def list_merchants(call: Call, asked: ByNumber) -> Response:
    """By number, whatever their state. Why one was suspended is for the organizer and itself."""

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        found = view.all(connection, schema, after=asked.after, limit=asked.limit)
        return {
            "merchants": [_shown(call, one) for one in found],
            "next_after": found[-1].number if found else asked.after,
        }

    return await viewed(call, ("merchants",), question)


@operation(
    router, "GET /v1/merchants/{merchant_id}", "One partner", tag=TAG, who=(ORGANIZER, OWNER, TILL),
    answers=MerchantShown, refusals=(MerchantNotFound,),
)  # fmt: skip
async def show_merchant(call: Call, asked: Nothing) -> Response:
    """And its state."""
    merchant_id = call.id("merchant_id")

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        found = view.find(connection, schema, merchant_id)
        if found is None:
            raise MerchantNotFound()
        return {**_shown(call, found), "tax": rows(view.tax(connection, schema, merchant_id), "merchant_id")}

    return await viewed(call, ("merchants",), question)


@operation(
    router, "POST /v1/merchants/{merchant_id}/admission", "Admit an applicant", tag=TAG, who=(ORGANIZER,),
    answers=MerchantShown, refusals=(MerchantNotFound, MerchantStateForbids),
)  # fmt: skip
async def admit_merchant(call: Call, asked: Nothing) -> Response:
    """From now on it may trade."""
    return await call.answer(
        call.application.admit_merchant(request=call.command(), merchant_id=call.id("merchant_id"))
    )


@operation(
    router, "POST /v1/merchants/{merchant_id}/suspension", "Stop a partner", tag=TAG, who=(ORGANIZER,),
    takes=WithReason, answers=MerchantShown, refusals=(MerchantNotFound, MerchantStateForbids),
)  # fmt: skip
async def suspend_merchant(call: Call, asked: WithReason) -> Response:
    """Its tills are refused; certificates in hands stay what they are."""
    return await call.answer(
        call.application.suspend_merchant(
            request=call.command(), merchant_id=call.id("merchant_id"), reason=asked.reason
        )
    )


@operation(
    router, "POST /v1/merchants/{merchant_id}/readmission", "Let a partner trade again", tag=TAG, who=(ORGANIZER,),
    answers=MerchantShown, refusals=(MerchantNotFound, MerchantStateForbids),
)  # fmt: skip
async def readmit_merchant(call: Call, asked: Nothing) -> Response:
    """After a suspension."""
    return await call.answer(
        call.application.readmit_merchant(request=call.command(), merchant_id=call.id("merchant_id"))
    )


@operation(
    router, "POST /v1/merchants/{merchant_id}/leaving", "End a partnership", tag=TAG, who=(ORGANIZER, OWNER),
    takes=WithReason, answers=MerchantShown, refusals=(NotYourMerchant, MerchantNotFound, MerchantStateForbids),
)  # fmt: skip
async def leave_coalition(call: Call, asked: WithReason) -> Response:
    """By the organizer, or by its own owner."""
    merchant_id = _own(call, call.id("merchant_id"))
    return await call.answer(
        call.application.leave_coalition(request=call.command(), merchant_id=merchant_id, reason=asked.reason)
    )


@operation(
    router, "PUT /v1/merchants/{merchant_id}/profile", "Change what guests read of a partner", tag=TAG,
    who=(ORGANIZER, OWNER), takes=Profile, answers=MerchantShown,
    refusals=(NotYourMerchant, MerchantNotFound, MerchantStateForbids),
)  # fmt: skip
async def change_profile(call: Call, asked: Profile) -> Response:
    """Kind of shop and address. The name stays: it stands on statements, which never change."""
    merchant_id = _own(call, call.id("merchant_id"))
    return await call.answer(
        call.application.change_profile(
            request=call.command(), merchant_id=merchant_id, category=asked.category, address=asked.address,
            by=call.role,
        )
    )  # fmt: skip


@operation(
    router, "PUT /v1/merchants/{merchant_id}/tax", "Record a partner's country and tax rates", tag=TAG,
    who=(ORGANIZER, OWNER), takes=Taxes, refusals=(NotYourMerchant, MerchantNotFound, InvalidTax),
)  # fmt: skip
async def record_tax(call: Call, asked: Taxes) -> Response:
    """For certificates issued and redeemed from that local day on. What is issued or redeemed keeps what it has."""
    merchant_id = _own(call, call.id("merchant_id"))
    record = TaxRecord(asked.country, asked.rates, asked.valid_from)
    return await call.answer(
        call.application.record_tax(request=call.command(), merchant_id=merchant_id, record=record, by=call.role)
    )


@operation(
    router, "POST /v1/merchants/{merchant_id}/keys/rotation", "Give a partner a new signing key", tag="keys",
    who=(ORGANIZER, OWNER), takes=Leak, refusals=(NotYourMerchant, MerchantNotFound),
)  # fmt: skip
async def rotate_key(call: Call, asked: Leak) -> Response:
    """What the old key signed still counts; if it leaked, only online. `replaced` is the old key's kid."""
    merchant_id = _own(call, call.id("merchant_id"))
    keyring = call.coalition.keyring

    def prepare() -> tuple[str, tuple[Write, ...]]:
        with looking(call.coalition, call.at) as unit:
            number = unit.get(Merchant, merchant_id).number
        old, writes = keyring.rotation(merchant_id, number, leaked=asked.leaked)
        return old.kid.hex(), writes

    replaced, writes = await in_thread(prepare)

    def decide(unit: Unit) -> dict[str, object]:
        unit.get(Merchant, merchant_id)
        return {"merchant_id": merchant_id, "replaced": replaced, "leaked": asked.leaked}

    request = call.command().with_beside(*writes)
    answer = await call.committed(call.application.committer.submit(request, decide, loads=(merchant_id,)))
    await call.service.keys.refresh(call.coalition)
    return answered(answer)


def _own(call: Call, merchant_id: UUID) -> UUID:
    if call.role != ORGANIZER and merchant_id != call.subject_id:
        raise NotYourMerchant()
    return merchant_id


def _shown(call: Call, merchant: view.MerchantRow) -> dict[str, Any]:
    may_know_why = call.role == ORGANIZER or merchant.merchant_id == call.subject_id
    return row(merchant) if may_know_why else row(merchant, "reason")
