"""Disputed lines: which wait for whom and until when, each one's story, and the organizer's decision."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import StringConstraints

from network.api.pages import forms
from network.api.pages.commands import done_and_seen, found
from network.api.pages.console.naming import Names, names_of
from network.api.pages.console.payments import words
from network.api.pages.console.windows import HOME
from network.api.pages.forms import OptionalLine, Problems, WithCommand
from network.api.pages.live import show_live
from network.api.pages.statement import REASONS
from network.api.pages.texts import N_
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.routes import disputes
from network.api.threads import in_thread
from network.domain.errors import DisputeNotFound

router = APIRouter()
ALL: Final = f"{HOME}/disputes"
ONE: Final = f"{ALL}/{{dispute_id}}"
STATES: Final = {
    "raised": N_("the other side has to answer"),
    "contested": N_("you decide"),
    "upheld": N_("the line was wrong"),
    "rejected": N_("the line stands"),
}
RULES: Final = {
    "answered": N_("the other side agreed"),
    "silence": N_("the other side did not answer in time"),
    "decided": N_("the organizer decided"),
    "withdrawn": N_("who disputed it accepted the line after all"),
}


class Deciding(WithCommand):
    """Which side is right, and a note that names nobody."""

    right: Annotated[str, StringConstraints(pattern=r"^(debtor|creditor)$")]
    note: OptionalLine = ""


@page(router, f"GET {ALL}", who=(ORGANIZER,))
async def show_disputes(visit: Visit) -> Response:
    """Those that wait for a decision first, then those that wait for an answer, then what has ended."""
    all_of_them = (await found(visit, disputes.list_disputes, disputes.ByPosition.model_validate({})))["disputes"]
    names = await in_thread(names_of, visit)
    order = ["contested", "raised"]
    rows = sorted(
        (_named(names, one) for one in all_of_them),
        key=lambda one: (order.index(one["state"]) if one["state"] in order else 2, -one["raised_position"]),
    )
    return await show_live(
        visit, "console/disputes.html", "console/disputes_now.html", home=HOME, disputes=rows,
        states=words(visit, STATES), reasons=words(visit, REASONS), rules=words(visit, RULES),
    )  # fmt: skip


@page(router, f"GET {ONE}", who=(ORGANIZER,))
async def show_dispute(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """What was said, in its order."""
    names = await in_thread(names_of, visit)
    one = await found(visit, disputes.show_dispute, dispute_id=_id(visit))
    return await visit.show(
        "console/dispute.html", problems=problems, home=HOME, one=_named(names, one),
        here=f"{ALL}/{one['dispute_id']}", states=words(visit, STATES), reasons=words(visit, REASONS),
        rules=words(visit, RULES),
    )  # fmt: skip


@page(router, f"POST {ONE}/decision", who=(ORGANIZER,), takes=Deciding, again=show_dispute, fresh=True)
async def decide(visit: Visit, form: Deciding) -> Response:
    """Once the other side has contested. Raises: what the command refuses."""
    asking = disputes.Deciding(uphold=form.right == "debtor", note=form.note)
    route = "POST /v1/disputes/{dispute_id}/decision"
    dispute_id = _id(visit)
    await done_and_seen(
        visit, disputes.decide_dispute, route, asking, str(form.command_id), ("disputes", "windows"),
        dispute_id=dispute_id,
    )  # fmt: skip
    return visit.go(f"{ALL}/{dispute_id}")


def _id(visit: Visit) -> UUID:
    """Raises: DisputeNotFound."""
    try:
        return UUID(visit.request.path_params["dispute_id"])
    except ValueError:
        raise DisputeNotFound() from None


def _named(names: Names, one: dict[str, Any]) -> dict[str, Any]:
    """With the names of both sides; `answer_by` is an instant."""
    until = one["answer_by"]
    return {
        **one,
        "debtor": names.party(one["debtor_id"]),
        "creditor": names.party(one["creditor_id"]),
        "answer_by": datetime.fromisoformat(until) if isinstance(until, str) else until,
    }
