"""Limits on new issues, and what counts against them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection, sql
from pydantic import StringConstraints

from network.api.answers.coalitions import CapState
from network.api.bodies import AmountOrZero, Body, Nothing, Reason
from network.api.calls import Call
from network.api.operations import ORGANIZER, operation
from network.api.routes.merchants import WithReason
from network.api.threads import in_thread
from network.api.views import row, viewed
from network.credentials import organizers
from network.domain.errors import (
    CannotConfirmOwnRaise,
    CapChangedSince,
    Invalid,
    InvalidAmount,
    RaiseConflict,
    RaiseExpired,
    RaiseNeedsTwo,
    RaiseNotFound,
    SecondPersonNeeded,
)
from network.projections import coalition as view

router = APIRouter()
TAG = "limits"


Scope = Annotated[str, StringConstraints(min_length=1, max_length=90, pattern=r"^[a-z]+(:[0-9a-f-]+)*$")]


class Capping(Body):
    """`scope`: pair:DEBTOR:CREDITOR, debtor:PARTY, agreement:AGREEMENT, campaign:CAMPAIGN, intake:ACCEPTOR or customer.
    `limit` null lifts it. What is in hands stays good.
    """

    scope: Scope
    limit: AmountOrZero | None
    reason: Reason


class Raising(Capping):
    """The same, and the raise's own id."""

    raise_id: UUID


@operation(
    router, "PUT /v1/caps", "Set or lower a limit", tag=TAG, who=(ORGANIZER,), takes=Capping, answers=CapState,
    refusals=(Invalid, InvalidAmount, RaiseNeedsTwo),
)  # fmt: skip
async def set_cap(call: Call, asked: Capping) -> Response:
    """A lower limit stops new issues and takes nothing back. Raising or lifting one takes two people."""
    return await call.answer(
        call.application.set_cap(
            request=call.command(),
            scope=asked.scope,
            limit=asked.limit,
            by="organizer",
            reason=asked.reason,
            person_id=call.caller.credential.person,
        )
    )


@operation(
    router, "POST /v1/caps/raises", "Propose to raise or lift a limit", tag=TAG, who=(ORGANIZER,), takes=Raising,
    refusals=(Invalid, InvalidAmount, RaiseConflict, SecondPersonNeeded),
)  # fmt: skip
async def propose_raise(call: Call, asked: Raising) -> Response:
    """Another organizer confirms it within seven days."""
    person_id = call.caller.credential.person
    request = call.command()
    people = await in_thread(organizers, call.coalition)
    return await call.answer(
        call.application.propose_raise(
            request=request,
            raise_id=asked.raise_id,
            scope=asked.scope,
            limit=asked.limit,
            person_id=person_id,
            reason=asked.reason,
            others=bool(people.keys() - {person_id}),
        )
    )


@operation(
    router, "POST /v1/caps/raises/{raise_id}/confirmation", "Confirm a raise", tag=TAG, who=(ORGANIZER,),
    answers=CapState,
    refusals=(RaiseNotFound, RaiseExpired, CannotConfirmOwnRaise, CapChangedSince, SecondPersonNeeded),
)  # fmt: skip
async def confirm_raise(call: Call, asked: Nothing) -> Response:
    """By another person than the proposer, who was an organizer when it was proposed."""
    person_id = call.caller.credential.person
    request = call.command()
    people = await in_thread(organizers, call.coalition)
    since = people.get(person_id, call.caller.credential.created_at)
    return await call.answer(
        call.application.confirm_raise(request=request, raise_id=call.id("raise_id"), person_id=person_id, since=since)
    )


@operation(
    router, "POST /v1/caps/raises/{raise_id}/withdrawal", "Withdraw a raise", tag=TAG, who=(ORGANIZER,),
    takes=WithReason, refusals=(RaiseNotFound,),
)  # fmt: skip
async def withdraw_raise(call: Call, asked: WithReason) -> Response:
    """By any organizer; the limit stays what it is."""
    return await call.answer(
        call.application.withdraw_raise(
            request=call.command(),
            raise_id=call.id("raise_id"),
            person_id=call.caller.credential.person,
            reason=asked.reason,
        )
    )


@operation(router, "GET /v1/caps/raises", "Proposed raises", tag=TAG, who=(ORGANIZER,))
async def list_raises(call: Call, asked: Nothing) -> Response:
    """The newest first. `state`: waiting, confirmed, withdrawn, or expired when nobody confirmed it in time."""

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        return {"raises": [_raise_shown(one, call.at) for one in view.raises(connection, schema)]}

    return await viewed(call, ("coalition",), question)


def _raise_shown(one: view.RaiseRow, at: datetime) -> dict[str, Any]:
    over = one.state == "waiting" and at >= one.expires_at
    return {**row(one), "state": "expired"} if over else row(one)


@operation(router, "GET /v1/caps", "Limits and what counts against them", tag=TAG, who=(ORGANIZER,))
async def list_caps(call: Call, asked: Nothing) -> Response:
    """`used` by key: a limit that counts each day, or each day and wallet, apart has one key for each of the newest.

    `near`: it has come to 80 % of the limit. The feed tells it too (`Coalition.CapNeared`, `Coalition.CapEased`).
    """

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        set_by = {one.scope: one for one in view.limits(connection, schema)}
        used: dict[str, list[dict[str, Any]]] = {}
        for scope, key, amount in connection.execute(
            sql.SQL(_USED).format(c=sql.Identifier(schema, "caps"), x=sql.Identifier(schema, "exposures"))
        ):
            used.setdefault(scope, []).append({"key": key, "used": amount})
        caps = [{**row(one), "used": _near(one.cap, used.get(scope, []))} for scope, one in sorted(set_by.items())]
        return {"caps": caps}

    return await viewed(call, ("coalition",), question)


def _near(cap: int | None, used: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Whether each is at 80 % of the limit, or over."""
    return [{**one, "near": cap is not None and one["used"] > 0 and one["used"] * 10 >= cap * 8} for one in used]


# Of the wallets' limit only counts are shown: its keys name a day and a wallet.
_USED = """
SELECT scope, CASE WHEN scope = 'customer' THEN split_part(key, ':', 1) ELSE key END AS day, max(used)
FROM (SELECT x.*, row_number() OVER (PARTITION BY x.scope ORDER BY x.key DESC) AS place
      FROM {x} x JOIN {c} c USING (scope)) x
WHERE place <= 1000 GROUP BY scope, day ORDER BY scope, day DESC
"""
