"""One window of settlement: how far it is, what to do now, who gets and who pays, and what netting saved."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field, StringConstraints

from network.api.bodies import Nothing
from network.api.pages import forms
from network.api.pages.commands import Handler, asked, done_and_seen, found
from network.api.pages.console.naming import Names, names_of
from network.api.pages.console.windows import HOME, states_of
from network.api.pages.forms import FieldProblem, OptionalLine, Problems, WithCommand, amount_of
from network.api.pages.live import show_live
from network.api.pages.statement import version_in
from network.api.pages.texts import N_
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.progress import told_of
from network.api.routes import defaults, disputes, payouts, windows
from network.api.statements import Which
from network.api.threads import in_thread
from network.coalitions import OpenCoalition
from network.domain.errors import WindowNotFound
from network.domain.postings import own_parties
from network.domain.statement import Figures
from network.domain.window import Window
from network.settlement.closing import find_closing
from network.settlement.reading import stated_window

router = APIRouter()
ONE: Final = "/console/settlement/windows/{number}"
VIEWS: Final = ("windows", "statement_lines")
METHODS: Final = {
    "bilateral": N_("between two partners"),
    "loops": N_("also around circles of partners"),
    "multilateral": N_("everybody with everybody"),
}


class Cutting(WithCommand):
    """What differs from the window before; empty stays."""

    method: Annotated[str, StringConstraints(pattern=r"^(bilateral|loops|multilateral)$")] | None = None
    threshold: OptionalLine = ""
    review_days: Annotated[int, Field(ge=0, le=90)] | None = None


class Instructing(WithCommand):
    """By when; empty: as the schedule says."""

    due_on: OptionalLine = ""


@page(router, f"GET {ONE}", who=(ORGANIZER,))
async def show_window(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """The open one too: what it would come to now."""
    number = number_in(visit)
    cut = {one["number"]: one for one in (await found(visit, windows.list_windows))["windows"]}
    if not 1 <= number <= len(cut) + 1:
        raise WindowNotFound()
    row = cut.get(number)
    names = await in_thread(names_of, visit)
    facts = await (_open(visit, names, number, cut.get(number - 1)) if row is None else _closing(visit, names, row))
    return await show_live(
        visit, "console/window.html", "console/window_now.html", problems, number=number, home=HOME, row=row,
        state=row["state"] if row else "open", begun_at=cut[number - 1]["cut_at"] if number > 1 else None,
        states=states_of(visit), is_last=number >= len(cut),
        methods={method: visit.gettext(text) for method, text in METHODS.items()}, **facts,
    )  # fmt: skip


@page(router, f"POST {ONE}/cut", who=(ORGANIZER,), takes=Cutting, again=show_window, fresh=True)
async def cut(visit: Visit, form: Cutting) -> Response:
    """Ends the open window here. No till waits."""
    changes: dict[str, Any] = {"method": form.method, "review_days": form.review_days}
    if form.threshold:
        nothing = form.threshold.strip("0., ") == ""
        changes["threshold"] = 0 if nothing else amount_of(form.threshold, visit.reader.currency, "threshold")
    asking = windows.Cutting.model_validate(changes, strict=False)
    return await _decided(visit, form, windows.cut_window, "cut", asking)


@page(router, f"POST {ONE}/statement", who=(ORGANIZER,), takes=WithCommand, again=show_window)
async def state(visit: Visit, form: WithCommand) -> Response:
    """Nets it, and freezes every statement."""
    return await _decided(visit, form, windows.state_window, "statement", Nothing())


@page(router, f"POST {ONE}/agreement", who=(ORGANIZER,), takes=WithCommand, again=show_window)
async def agree(visit: Visit, form: WithCommand) -> Response:
    """Silence agrees, once the review is over."""
    return await _decided(visit, form, windows.agree, "agreement", Nothing())


@page(router, f"POST {ONE}/recomputation", who=(ORGANIZER,), takes=WithCommand, again=show_window)
async def recompute(visit: Visit, form: WithCommand) -> Response:
    """Takes in what was disputed or paid since."""
    return await _decided(visit, form, defaults.recompute_window, "recomputation", Nothing())


@page(router, f"POST {ONE}/instruction", who=(ORGANIZER,), takes=Instructing, again=show_window, fresh=True)
async def instruct(visit: Visit, form: Instructing) -> Response:
    """Asks for the payments of the newest version."""
    if form.due_on:
        try:
            date.fromisoformat(form.due_on)
        except ValueError:
            raise FieldProblem("due_on", N_("Choose a day.")) from None
    asking = payouts.Instructing(due_on=form.due_on or None)
    return await _decided(visit, form, payouts.instruct, "instruction", asking)


def number_in(visit: Visit) -> int:
    """The window that the address names. Raises: WindowNotFound."""
    text: str = visit.request.path_params["number"]
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise WindowNotFound()
    return int(text)


async def _decided(visit: Visit, form: WithCommand, handler: Handler, step: str, asking: BaseModel) -> Response:
    number = number_in(visit)
    route = f"POST /v1/windows/{{number}}/{step}"
    with told_of(visit.coalition.coalition_id, form.command_id):
        await done_and_seen(visit, handler, route, asking, str(form.command_id), VIEWS, number=number)
    return visit.go(f"{HOME}/windows/{number}")


async def _open(visit: Visit, names: Names, number: int, before: dict[str, Any] | None) -> dict[str, Any]:
    """What it would come to; nothing while the one before is not stated, since that opens it."""
    if before is not None and before["state"] == "cut":
        return {"parties": [], "savings": None, "waits_for": number - 1, "terms": before}
    preview = await asked(visit, windows.preview)
    parties = [{**one, "name": names.party(one["party"])} for one in preview["parties"]]
    return {"parties": parties, "savings": preview["savings"], "waits_for": None, "terms": before}


async def _closing(visit: Visit, names: Names, row: dict[str, Any]) -> dict[str, Any]:
    number = row["number"]
    if row["state"] == "cut":
        return {"parties": [], "savings": None}
    figures, window = await in_thread(_read, visit.coalition, number)
    disputed = (await found(visit, disputes.list_disputes, disputes.ByPosition.model_validate({})))["disputes"]
    version = await asked(visit, defaults.show_version, Which(), number=number)
    wanted = version_in(visit)
    shown = await asked(visit, defaults.show_version, Which(version=wanted), number=number) if wanted else version
    asked_for = await found(visit, payouts.list_of_window, number=number)
    left = window.review_ends_at - visit.at if window.review_ends_at else timedelta()
    partners = [one for one in window.parties if one not in own_parties(visit.coalition.coalition_id)]
    return {
        "parties": [{**asdict(one), "name": names.party(one.party)} for one in figures.parties],
        "savings": asdict(figures.savings),
        "agreed": [names.party(one) for one in partners if one in window.consented],
        "silent": [names.party(one) for one in partners if one not in window.consented],
        "days_left": max(0, left.days + 1 if left else 0),
        "version": version,
        "shown": _version(names, shown, asked_for["payouts"]),
        "disputed": [one for one in disputed
                     if one["window_number"] == number and one["state"] in ("raised", "contested")],
    }  # fmt: skip


def _read(coalition: OpenCoalition, number: int) -> tuple[Figures, Window]:
    """What was stated, and the window as it is now. For a thread."""
    with stated_window(coalition, number) as reading:
        figures = reading.figures
    with coalition.reading() as recorder:
        return figures, find_closing(coalition, recorder, number).window


def _version(names: Names, version: dict[str, Any], asked_for: list[dict[str, Any]]) -> dict[str, Any]:
    """A version with names, and beside each payment what of it is there; None before it was asked for."""
    there = {(one["debtor_id"], one["creditor_id"]): one["paid"] for one in asked_for
             if one["version"] == version["version"]}  # fmt: skip
    return {
        **version,
        "changes": [_between(names, one) for one in version["changes"]],
        "carried": [_between(names, one) for one in version["carried"]],
        "payments": [{**_between(names, one), "paid": there.get((one["debtor"], one["creditor"]))}
                     for one in version["payments"]],
        "defaulters": [names.party(one) for one in version["defaulters"]],
    }  # fmt: skip


def _between(names: Names, one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "debtor": names.party(one["debtor"]), "creditor": names.party(one["creditor"])}
