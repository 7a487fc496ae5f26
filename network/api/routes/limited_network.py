"""What was redeemed in twelve months in each country, for the law on limited networks (PSD2, art. 3(k) and 37(2))."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection

from network.api.bodies import Amount, Body, Day, Nothing, Reason
from network.api.calls import Call, shown
from network.api.operations import ORGANIZER, operation
from network.api.views import asked_of_views
from network.domain.coalition import VALUE_LIMIT_IN_EURO
from network.domain.errors import CoalitionNotFound, InvalidAmount
from network.projections import coalition as coalitions
from network.projections import value_by_country

router = APIRouter()
TAG = "reports"
WARNED_AT = 8_000
"""Basis points of the limit."""


class ValueLimit(Body):
    """EUR 1 000 000 in the coalition's currency, by the rate that `source` names, of the day `rate_on`."""

    limit: Amount
    source: Reason
    rate_on: Day


@operation(router, "GET /v1/reports/limited-network", "Twelve months' value by country", tag=TAG, who=(ORGANIZER,),
           refusals=(CoalitionNotFound,))  # fmt: skip
async def report_limited_network(call: Call, asked: Nothing) -> Response:
    """`state`: within, warned from 80 % of the limit on, over, or no_limit while a coalition outside the euro has not
    said what EUR 1 000 000 is. `country` null: acceptors without a country on record.
    """

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        about = coalitions.find(connection, schema)
        if about is None:
            raise CoalitionNotFound()
        until = call.at.astimezone(ZoneInfo(about.time_zone)).date()
        after = _a_year_before(until)
        said = coalitions.value_limit(connection, schema)
        limit = said.value_limit if said else VALUE_LIMIT_IN_EURO if about.currency == "EUR" else None
        found = value_by_country.between(connection, schema, after, until)
        return {
            "currency": about.currency,
            "after": after,
            "until": until,
            "limit": limit,
            "source": said.source if said else None,
            "rate_on": said.rate_on if said else None,
            "countries": [_country(*one, limit) for one in found],
        }

    facts, position = await asked_of_views(call, ("coalition", "value_by_country"), question)
    answer = shown({"position": position, **facts})
    answer.headers["Pollen-Position"] = str(position)
    return answer


@operation(
    router, "PUT /v1/reports/limited-network/limit", "Say what EUR 1 000 000 is in the coalition's currency", tag=TAG,
    who=(ORGANIZER,), takes=ValueLimit, refusals=(InvalidAmount,),
)  # fmt: skip
async def set_value_limit(call: Call, asked: ValueLimit) -> Response:
    """No rate is ever looked up: the organizer's word, its source and its day are on record. In euro: a lower limit."""
    return await call.answer(
        call.application.set_value_limit(
            request=call.command(),
            limit=asked.limit,
            source=asked.source,
            rate_on=asked.rate_on,
            person_id=call.caller.credential.person,
        )
    )


def _country(country: str, value: int, redemptions: int, limit: int | None) -> dict[str, Any]:
    used = value * 10_000 // limit if limit else None
    state = "no_limit" if used is None else "over" if used > 10_000 else "warned" if used >= WARNED_AT else "within"
    return {
        "country": country or None,
        "value": value,
        "redemptions": redemptions,
        "used_basis_points": used,
        "state": state,
    }


def _a_year_before(day: date) -> date:
    """The same day of the year before; what follows it are twelve months."""
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)
