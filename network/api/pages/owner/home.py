"""An owner's first page, read in a minute: what neighbours brought this month, where we stand, and what waits."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.pages.commands import found
from network.api.pages.owner.agreements import offers
from network.api.pages.owner.limits import near_limits
from network.api.pages.owner.money import told
from network.api.pages.owner.shops import party_names, shops
from network.api.pages.visits import OWNER, Visit, page
from network.api.routes import brought, disputes, payouts, reports, webhooks
from network.api.threads import in_thread
from network.domain.window import State
from network.projections import windows
from network.settlement.closing import find_closing

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
    now = (await found(visit, reports.report_open))["open"]
    asked_for = await found(visit, payouts.list_missing, payouts.Which())
    quarrels = await found(visit, disputes.list_disputes, disputes.ByPosition(limit=1000))
    names = await party_names(visit)
    agreements = await offers(visit)
    return await visit.show(
        "owner/home.html",
        heading=report["name"],
        me=(await shops(visit))[str(visit.subject_id)],
        month=[one for one in report["brought"] if one["name"] in _MONTH],
        cost=next(one for one in report["cost"] if one["name"] == "cost"),
        given=report["giving"][0],
        names=_names(visit),
        parties=names,
        net=sum(one["total"] for one in now),
        to_pay=[one for one in asked_for["payouts"] if one["debtor_id"] == str(visit.subject_id)],
        to_answer=[one for it in quarrels["disputes"] if (one := told(visit, it, names))["to_answer"]],
        agreements=agreements,
        waiting=[one for one in agreements if one["mine_to_answer"]],
        near=await near_limits(visit),
        review=await in_thread(_reviewed, visit),
        stopped=await _stopped(visit),
    )


def _names(visit: Visit) -> dict[str, str]:
    from network.reports.words import NAMES, said  # noqa: PLC0415 - shared with the report on paper

    return {name: said(text, visit.reader.language) for name, text in NAMES.items()}


def _reviewed(visit: Visit) -> windows.WindowRow | None:
    """The newest statement whose review is not over, while the owner has not agreed."""
    with visit.coalition.reading() as recorder:
        stated = windows.in_state(recorder.connection, visit.coalition.schema, State.STATED)
        waiting = [one for one in stated if one.review_ends_at and one.review_ends_at > visit.at]
        if not waiting:
            return None
        consented = find_closing(visit.coalition, recorder, waiting[-1].number).window.consented
    return None if visit.subject_id in consented else waiting[-1]


async def _stopped(visit: Visit) -> list[dict[str, Any]]:
    told = await found(visit, webhooks.show_webhooks)
    return [one for one in told["webhooks"] if one["state"] == "disabled"]
