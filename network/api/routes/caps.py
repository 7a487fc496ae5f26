"""Limits on new issues, and what counts against them."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection, sql
from pydantic import StringConstraints

from network.api.answers import CapState
from network.api.bodies import AmountOrZero, Body, Nothing, Reason
from network.api.calls import Call
from network.api.operations import ORGANIZER, operation
from network.api.views import row, viewed
from network.domain.errors import Invalid, InvalidAmount
from network.projections import coalition as view

router = APIRouter()
TAG = "limits"


class Capping(Body):
    """`scope`: pair:DEBTOR:CREDITOR, debtor:PARTY, agreement:AGREEMENT, campaign:CAMPAIGN, intake:ACCEPTOR or customer.
    `limit` null lifts it. What is in hands stays good.
    """

    scope: Annotated[str, StringConstraints(min_length=1, max_length=90, pattern=r"^[a-z]+(:[0-9a-f-]+)*$")]
    limit: AmountOrZero | None
    reason: Reason


@operation(
    router, "PUT /v1/caps", "Set or lift a limit", tag=TAG, who=(ORGANIZER,), takes=Capping, answers=CapState,
    refusals=(Invalid, InvalidAmount),
)  # fmt: skip
async def set_cap(call: Call, asked: Capping) -> Response:
    """A lower limit stops new issues and takes nothing back."""
    return await call.answer(
        call.application.set_cap(
            request=call.command(), scope=asked.scope, limit=asked.limit, by="organizer", reason=asked.reason
        )
    )


@operation(router, "GET /v1/caps", "Limits and what counts against them", tag=TAG, who=(ORGANIZER,))
async def list_caps(call: Call, asked: Nothing) -> Response:
    """`used` by key: a limit that counts each day, or each day and wallet, apart has one key for each of the newest."""

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        set_by = {one.scope: one for one in view.limits(connection, schema)}
        used: dict[str, list[dict[str, Any]]] = {}
        for scope, key, amount in connection.execute(
            sql.SQL(_USED).format(c=sql.Identifier(schema, "caps"), x=sql.Identifier(schema, "exposures"))
        ):
            used.setdefault(scope, []).append({"key": key, "used": amount})
        return {"caps": [{**row(one), "used": used.get(scope, [])} for scope, one in sorted(set_by.items())]}

    return await viewed(call, ("coalition",), question)


# Of the wallets' limit only counts are shown: its keys name a day and a wallet.
_USED = """
SELECT scope, CASE WHEN scope = 'customer' THEN split_part(key, ':', 1) ELSE key END AS day, max(used)
FROM (SELECT x.*, row_number() OVER (PARTITION BY x.scope ORDER BY x.key DESC) AS place
      FROM {x} x JOIN {c} c USING (scope)) x
WHERE place <= 1000 GROUP BY scope, day ORDER BY scope, day DESC
"""
