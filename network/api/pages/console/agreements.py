"""Agreements: who gives whose certificates, on which terms, and every version that there was."""

from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.pages.commands import asked
from network.api.pages.console.naming import Names, names_of
from network.api.pages.texts import N_
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.routes import agreements
from network.api.threads import in_thread

router = APIRouter()
STATES: Final = {"proposed": N_("offered"), "active": N_("in force"), "paused": N_("paused"), "ended": N_("ended")}


@page(router, "GET /console/agreements", who=(ORGANIZER,))
async def show_agreements(visit: Visit) -> Response:
    """By pages of two hundred."""
    text = visit.request.query_params.get("after", "0")
    after = int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0
    question = agreements.ByPosition.model_validate({"after": after})
    answer = await asked(visit, agreements.list_agreements, question)
    names = await in_thread(names_of, visit)
    found = [_shown(names, one) for one in answer["agreements"]]
    return await visit.show(
        "console/agreements.html", agreements=found,
        next_after=answer["next_after"] if len(found) == question.limit else None,
        states={state: visit.gettext(text) for state, text in STATES.items()},
    )  # fmt: skip


def _shown(names: Names, one: dict[str, Any]) -> dict[str, Any]:
    return {
        **one,
        "issuer": names.merchant(one["issuer_id"]),
        "acceptor": names.merchant(one["acceptor_id"]),
        "versions": [{**each, "by": names.merchant(each["proposed_by"])} for each in reversed(one["versions"])],
    }
