"""An owner's first page, read in a minute: what neighbours brought this month, where we stand, and what waits."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.pages.commands import found
from network.api.pages.owner.agreements import offers
from network.api.pages.owner.limits import limits
from network.api.pages.owner.shops import shops
from network.api.pages.visits import OWNER, Visit, page
from network.api.routes import brought, reports, webhooks
from network.api.threads import in_thread
from network.domain.window import State
from network.projections import windows

router = APIRouter()
_MONTH = ("used", "visits", "new_guests", "spent_over")


@page(router, "GET /shop", who=(OWNER,))
async def show_shop(visit: Visit) -> Response:
    """Figures of the month, the balance, and what needs the owner."""
    today = visit.at.astimezone(visit.reader.zone).date()
    asked = brought.Asked.model_validate(
        {"first_on": today.replace(day=1), "last_on": today, "language": visit.reader.language}
    )
    report = await found(visit, brought.report_partner, asked, merchant_id=visit.subject_id)
    balance = await found(visit, reports.report_balances)
    agreements = await offers(visit)
    return await visit.show(
        "owner/home.html",
        heading=report["name"],
        me=(await shops(visit))[str(visit.subject_id)],
        month=[one for one in report["brought"] if one["name"] in _MONTH],
        cost=next(one for one in report["cost"] if one["name"] == "cost"),
        given=report["giving"][0],
        names=_names(visit),
        net=balance["balances"][0]["net"],
        agreements=agreements,
        waiting=[one for one in agreements if one["mine_to_answer"]],
        near=[one for one in await limits(visit) if one.near],
        review=await in_thread(_review_ends, visit),
        stopped=await _stopped(visit),
    )


def _names(visit: Visit) -> dict[str, str]:
    from network.reports.words import NAMES, said  # noqa: PLC0415 - shared with the report on paper

    return {name: said(text, visit.reader.language) for name, text in NAMES.items()}


def _review_ends(visit: Visit) -> datetime | None:
    """When the newest statement's review is over, while it is not."""
    with visit.coalition.readers.connection() as connection:
        stated = windows.in_state(connection, visit.coalition.schema, State.STATED)
    return max((one.review_ends_at for one in stated if one.review_ends_at), default=None)


async def _stopped(visit: Visit) -> list[dict[str, Any]]:
    told = await found(visit, webhooks.show_webhooks)
    return [one for one in told["webhooks"] if one["state"] == "disabled"]
