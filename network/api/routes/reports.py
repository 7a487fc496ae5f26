"""Reports: who owes whom, what is held in reserve, what went where. With the position they speak for."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection

from network.api.bodies import Nothing
from network.api.calls import Call, shown
from network.api.operations import ORGANIZER, OWNER, operation
from network.api.threads import in_thread
from network.api.views import asked_of_views, row, rows
from network.projections import balances, coalition, flows, obligations, reserves
from network.settlement.owed import open_now

router = APIRouter()
TAG = "reports"
BOTH = (ORGANIZER, OWNER)


@operation(router, "GET /v1/reports/obligations", "Who owes whom, and for what", tag=TAG, who=BOTH)
async def report_obligations(call: Call, asked: Nothing) -> Response:
    """Gross, both directions, by kind: value, commission, fee."""
    return await _report(call, "obligations", obligations.all, obligations.of_merchant)


@operation(router, "GET /v1/reports/balances", "What each party receives and owes", tag=TAG, who=BOTH)
async def report_balances(call: Call, asked: Nothing) -> Response:
    """`net` above zero is to receive; all of them sum to zero. The pool and the organizer are parties too."""
    return await _report(call, "balances", balances.all, balances.of_party)


@operation(router, "GET /v1/reports/reserves", "What is held for certificates in hands", tag=TAG, who=BOTH)
async def report_reserves(call: Call, asked: Nothing) -> Response:
    """By funder and acceptor."""
    return await _report(call, "reserves", reserves.all, reserves.of_merchant)


@operation(router, "GET /v1/reports/flows", "What went from whom to whom, and what became of it", tag=TAG, who=BOTH)
async def report_flows(call: Call, asked: Nothing) -> Response:
    """By agreement: counts by state, and values that add up the same way."""
    return await _report(call, "flows", flows.by_agreement, flows.by_agreement)


@operation(router, "GET /v1/reports/open", "What is open with each partner now", tag=TAG, who=(OWNER,))
async def report_open(call: Call, asked: Nothing) -> Response:
    """Signed from the own side: `running` is in no statement yet, `stated` in one whose payments are not asked for yet,
    `asked` is asked for and not paid.
    """
    found, position = await in_thread(open_now, call.coalition, call.subject_id)
    answer = shown({"position": position, "open": [{**row(one), "total": one.total} for one in found]})
    answer.headers["Pollen-Position"] = str(position)
    return answer


async def _report(call: Call, name: str, of_all: Callable[..., Any], of_one: Callable[..., Any]) -> Response:
    def question(connection: Connection, schema: str) -> dict[str, Any]:
        found = of_all(connection, schema) if call.role == ORGANIZER else of_one(connection, schema, call.subject_id)
        one = [found] if found is not None and not isinstance(found, list) else found or []
        about = coalition.find(connection, schema)
        return {"currency": about.currency if about else None, name: rows(one)}

    facts, position = await asked_of_views(call, (name, "coalition"), question)
    answer = shown({"position": position, **facts})
    answer.headers["Pollen-Position"] = str(position)
    return answer
