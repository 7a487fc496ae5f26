"""Campaigns: named budgets that agreements are assigned to by their terms."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection

from network.api.bodies import Body, Name, Nothing
from network.api.calls import Call
from network.api.operations import ORGANIZER, OWNER, operation
from network.api.views import rows, viewed
from network.domain.errors import CampaignConflict
from network.projections import coalition as view

router = APIRouter()
TAG = "limits"


class Campaigning(Body):
    """A budget's id and name."""

    campaign_id: UUID
    name: Name


@operation(
    router, "POST /v1/campaigns", "Name a budget", tag=TAG, who=(ORGANIZER,), takes=Campaigning,
    refusals=(CampaignConflict,),
)  # fmt: skip
async def open_campaign(call: Call, asked: Campaigning) -> Response:
    """Agreements whose terms have this `campaign_id` count against the limit `campaign:ID` together."""
    return await call.answer(
        call.application.open_campaign(
            request=call.command(), campaign_id=asked.campaign_id, name=asked.name, by=call.role
        )
    )


@operation(router, "GET /v1/campaigns", "The named budgets", tag=TAG, who=(ORGANIZER, OWNER))
async def list_campaigns(call: Call, asked: Nothing) -> Response:
    """Partners need their ids for the terms that they propose."""

    def question(connection: Connection, schema: str) -> dict[str, Any]:
        return {"campaigns": rows(view.campaigns(connection, schema))}

    return await viewed(call, ("coalition",), question)
