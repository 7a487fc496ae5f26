"""The day on which a partner does not pay: deposits before it, the default, what comes back, and the drill."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection
from pydantic import Field

from network.api.answers.defaults import DefaultDeclared, DefaultRecovered, DepositState, DrillShown, Recomputed
from network.api.answers.windows import VersionShown
from network.api.bodies import Amount, AmountOrZero, Body, Name, Nothing, Query, Reason
from network.api.calls import Call, answered, shown
from network.api.operations import ORGANIZER, OWNER, operation
from network.api.statements import Which
from network.api.threads import in_thread
from network.api.views import row, rows, viewed
from network.domain.errors import (
    DefaultConflict,
    DefaultNotFound,
    DepositNotFound,
    FiguresChanged,
    InvalidAmount,
    MerchantNotFound,
    OwesNothing,
    VersionNotFound,
    WindowNotFound,
    WindowStateForbids,
)
from network.domain.restating import Change
from network.domain.statement import Due
from network.domain.window import Window
from network.projections import defaults as view
from network.settlement import default as settling
from network.settlement.closing import by_version, find_closing
from network.settlement.default import Drill
from network.settlement.restating import recompute_window as recompute

router = APIRouter()
TAG = "defaults"
BOTH = (ORGANIZER, OWNER)


class PuttingUp(Body):
    """`held_by` has the money: a notary, a bank. The network records it and holds none."""

    merchant_id: UUID
    amount: Amount
    held_by: Name


class GivingBack(Body):
    """Some of a deposit, or all."""

    amount: Amount
    reason: Reason


class Declaring(Body):
    """`merchant_id` does not pay window `window`. `pool`: what the coalition's fund may give at most."""

    window: int = Field(ge=1, le=999_999)
    merchant_id: UUID
    pool: AmountOrZero = 0
    reason: Reason


class RecoveringFromDefault(Body):
    """`paid_to` has the money and owes the others their share; null: whoever holds the deposits."""

    amount: Amount
    paid_to: UUID | None = None
    reason: Reason


class Whose(Query):
    """One partner, or each in turn."""

    defaulter_id: UUID | None = None


@operation(
    router, "POST /v1/windows/{number}/recomputation", "Make a new version of a window", tag="settlement",
    who=(ORGANIZER,), answers=Recomputed, refusals=(WindowNotFound, FiguresChanged),
)  # fmt: skip
async def recompute_window(call: Call, asked: Nothing) -> Response:
    """It takes in what was disputed, or paid by an earlier version, since. The network does it each minute, too."""
    request, number = call.command(), call.number("number")
    return answered(await in_thread(recompute, call.coalition, number, request=request))


@operation(
    router, "GET /v1/windows/{number}/version", "What a version of a window asks for", tag="settlement", who=BOTH,
    takes=Which, answers=VersionShown, refusals=(WindowNotFound, VersionNotFound),
)  # fmt: skip
async def show_version(call: Call, asked: Which) -> Response:
    """What came to its debts since the statement, and what it left to pay. An owner sees what is its own. The state,
    `current` and `consented` are those of now.
    """
    number = call.number("number")

    def read() -> tuple[Window, Window]:
        with call.coalition.reading() as recorder:
            now = find_closing(call.coalition, recorder, number).window
            wanted = now.settlement_version if asked.version is None else asked.version
            return now, by_version(call.coalition, recorder, now, wanted)

    now, window = await in_thread(read)

    def own(found: Iterable[Change | Due]) -> list[dict[str, Any]]:
        all_of_them = call.role == ORGANIZER
        return [asdict(one) for one in found if all_of_them or call.subject_id in (one.debtor, one.creditor)]

    return shown(
        {
            "number": number,
            "state": now.state,
            "version": window.settlement_version,
            "in_force": now.settlement_version,
            "current": window is now and now.is_current,
            "consented": call.subject_id in now.consented,
            "defaulters": window.defaulters,
            "changes": own(window.changes),
            "payments": own(window.payments),
            "carried": own(window.carried),
        }
    )


@operation(
    router, "POST /v1/deposits", "Record a partner's deposit", tag=TAG, who=(ORGANIZER,), takes=PuttingUp,
    answers=DepositState, refusals=(MerchantNotFound, InvalidAmount),
)  # fmt: skip
async def put_up_deposit(call: Call, asked: PuttingUp) -> Response:
    """Again, it is more."""
    return await call.answer(
        call.application.put_up_deposit(
            request=call.command(), merchant_id=asked.merchant_id, amount=asked.amount, held_by=asked.held_by
        )
    )


@operation(
    router, "POST /v1/deposits/{merchant_id}/returns", "Record that a deposit went back", tag=TAG, who=(ORGANIZER,),
    takes=GivingBack, answers=DepositState, refusals=(DepositNotFound, InvalidAmount),
)  # fmt: skip
async def return_deposit(call: Call, asked: GivingBack) -> Response:
    """To the partner that had put it up."""
    return await call.answer(
        call.application.return_deposit(
            request=call.command(), merchant_id=call.id("merchant_id"), amount=asked.amount, reason=asked.reason
        )
    )


@operation(router, "GET /v1/deposits", "Deposits", tag=TAG, who=BOTH)
async def list_deposits(call: Call, asked: Nothing) -> Response:
    """All for the organizer, its own for an owner."""
    whose = None if call.role == ORGANIZER else call.subject_id
    return await viewed(call, ("defaults",), lambda c, s: {"deposits": rows(view.deposits(c, s, whose))})


@operation(
    router, "POST /v1/defaults", "Declare a partner in default", tag=TAG, who=(ORGANIZER,), takes=Declaring,
    answers=DefaultDeclared,
    refusals=(WindowNotFound, MerchantNotFound, DefaultConflict, OwesNothing, WindowStateForbids, FiguresChanged),
)  # fmt: skip
async def declare_default(call: Call, asked: Declaring) -> Response:
    """The window gets a version without it: its deposit, what it is owed, the pool, then its creditors in proportion.
    What was paid already counts. The partner is suspended.
    """
    request = call.command()
    declared = await in_thread(
        lambda: settling.declare_default(
            call.coalition,
            asked.window,
            asked.merchant_id,
            request=request,
            pool=asked.pool,
            by="organizer",
            reason=asked.reason,
        )
    )
    return answered(declared)


@operation(
    router, "POST /v1/defaults/{default_id}/recoveries", "Share out what came back", tag=TAG, who=(ORGANIZER,),
    takes=RecoveringFromDefault, answers=DefaultRecovered, refusals=(DefaultNotFound, MerchantNotFound, InvalidAmount),
)  # fmt: skip
async def recover(call: Call, asked: RecoveringFromDefault) -> Response:
    """In proportion to what each still lacks, as adjustments in the open window."""
    return await call.answer(
        call.application.recover_from_default(
            request=call.command(),
            default_id=call.id("default_id"),
            amount=asked.amount,
            paid_to=asked.paid_to,
            reason=asked.reason,
        )
    )


@operation(router, "GET /v1/defaults", "Defaults, and who bears what", tag=TAG, who=BOTH)
async def list_defaults(call: Call, asked: Nothing) -> Response:
    """Every share for the organizer; its own shares for an owner."""

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        found = view.all(connection, schema)
        if call.role == ORGANIZER:
            shares = [(one, view.shares(connection, schema, one.default_id)) for one in found]
            return {"defaults": [{**row(one), "shares": rows(its, "default_id")} for one, its in shares]}
        own = {share.default_id: share for share in view.shares_of_party(connection, schema, call.subject_id)}
        named = ("default_id", "window_number", "defaulter_id", "declared_at")
        return {
            "defaults": [
                {**{name: getattr(one, name) for name in named}, "shares": rows([own[one.default_id]], "default_id")}
                for one in found
                if one.default_id in own
            ]
        }

    return await viewed(call, ("defaults",), question)


@operation(
    router, "GET /v1/drill", "What a default would cost today", tag=TAG, who=BOTH, takes=Whose, answers=DrillShown,
    refusals=(MerchantNotFound,),
)  # fmt: skip
async def drill(call: Call, asked: Whose) -> Response:
    """If one partner paid nothing, or each in turn, from every window that is not settled and the open one; the pool
    gives nothing. It changes nothing. An owner sees what it would lose itself.
    """
    whose = asked.defaulter_id if call.role == ORGANIZER else None
    found = await in_thread(settling.drill, call.coalition, whose)
    return shown(_all(found) if call.role == ORGANIZER else _own(found, call.subject_id))


def _all(found: Drill) -> dict[str, Any]:
    worst = [
        {"merchant_id": party, "defaulter_id": defaulter, "lost": lost}
        for party, (defaulter, lost) in sorted(found.worst().items())
    ]
    cases = [{**asdict(case), "losses": _losses(case.losses)} for case in found.cases]
    return {"position": found.position, "worst": worst, "cases": cases}


def _own(found: Drill, merchant_id: UUID) -> dict[str, Any]:
    """What this partner would lose, and by whom."""
    lost: list[dict[str, Any]] = [
        {"merchant_id": merchant_id, "defaulter_id": case.defaulter_id, "lost": case.losses[merchant_id]}
        for case in found.cases
        if merchant_id in case.losses
    ]
    return {"position": found.position, "worst": sorted(lost, key=lambda one: -one["lost"])[:1], "cases": lost}


def _losses(losses: dict[UUID, int]) -> list[dict[str, Any]]:
    return [{"party_id": party, "lost": lost} for party, lost in sorted(losses.items())]
