"""Settlement: the open window, every one that was cut, and when they are cut by themselves."""

from typing import Annotated, Any, Final

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from network.api.pages import forms
from network.api.pages.commands import asked, done_and_seen, found
from network.api.pages.forms import FieldProblem, Line, Problems, WithCommand
from network.api.pages.live import show_live
from network.api.pages.texts import N_
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.routes import disputes, payouts, windows

router = APIRouter()
HOME: Final = "/console/settlement"
STATES: Final = {
    "open": N_("open"),
    "cut": N_("has ended"),
    "stated": N_("partners look at it"),
    "agreed": N_("agreed"),
    "instructed": N_("payments asked for"),
    "part_paid": N_("partly paid"),
    "settled": N_("settled"),
}
"""The steps of every window, in their order."""
CADENCES: Final = {
    "by_hand": N_("only when I end one"),
    "weekly": N_("every week"),
    "monthly": N_("every month"),
}
Days = Annotated[int, Field(ge=0, le=90)]


class Scheduled(WithCommand):
    """When windows end. `reminders`: days after the due day, with commas."""

    cadence: Annotated[str, StringConstraints(pattern=r"^(by_hand|weekly|monthly)$")]
    day: Annotated[int, Field(ge=1, le=28)] = 1
    pay_days: Days = 7
    reminders: Line = "0"


@page(router, "GET /console/settlement", who=(ORGANIZER,))
async def show_windows(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """The newest first."""
    cut = (await found(visit, windows.list_windows))["windows"]
    number, figures = len(cut) + 1, None
    if not cut or cut[-1]["state"] != "cut":
        figures = await asked(visit, windows.preview)
    open_disputes = (await asked(visit, disputes.list_disputes, disputes.ByPosition.model_validate({})))["disputes"]
    return await show_live(
        visit, "console/settlement.html", "console/settlement_now.html", problems, windows=cut[::-1], number=number,
        begun_at=cut[-1]["cut_at"] if cut else None, figures=figures, home=HOME,
        schedule=await asked(visit, windows.show_schedule), states=states_of(visit),
        cadences=[(cadence, visit.gettext(text)) for cadence, text in CADENCES.items()],
        missing=(await asked(visit, payouts.list_missing, payouts.Which.model_validate({})))["payouts"],
        disputed=[one for one in open_disputes if one["state"] in ("raised", "contested")],
    )  # fmt: skip


@page(router, "POST /console/settlement/schedule", who=(ORGANIZER,), takes=Scheduled, again=show_windows)
async def set_schedule(visit: Visit, form: Scheduled) -> Response:
    """From now on; a window whose end has passed already is cut within a minute."""
    asking = windows.Scheduling.model_validate(
        {"cadence": form.cadence, "day": form.day, "pay_days": form.pay_days, "reminder_days": _days(form.reminders)},
        strict=False,
    )
    await done_and_seen(
        visit, windows.schedule, "PUT /v1/settlement-schedule", asking, str(form.command_id), ("coalition",)
    )
    return visit.go(HOME)


def states_of(visit: Visit) -> dict[str, str]:
    """Every step in the reader's words."""
    return {state: visit.gettext(text) for state, text in STATES.items()}


def _days(typed: str) -> list[Any]:
    """`0, 7, 14`. Raises: FieldProblem."""
    parts = [part.strip() for part in typed.split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() and len(part) <= 2 and int(part) <= 90 for part in parts):
        raise FieldProblem("reminders", N_("Write days such as 0, 7, 14."))
    return [int(part) for part in parts]
