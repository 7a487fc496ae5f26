"""What certificates brought and cost, read in a minute; what would have happened anyway; what to change."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import StringConstraints

from network.api.pages import forms
from network.api.pages.commands import done_and_seen, file_of, found
from network.api.pages.forms import Problems, WithCommand, share_of, typed_share
from network.api.pages.visits import OWNER, Visit, page
from network.api.routes import brought
from network.reports.period import Period
from network.reports.words import NAMES, said

router = APIRouter()
FIRST: Final = ("visits", "new_guests", "again_30", "spent_over", "cost", "net_benefit")
"""What is read first; everything else stands under it."""
NEIGHBOUR: Final = ("visits", "new_guests", "spent_over", "cost")
SENT: Final = ("issued", "used", "treat_gain")


class Keeping(WithCommand):
    """Per cent of a bill that are left after goods; empty takes it back."""

    margin: Annotated[str, StringConstraints(max_length=20)] = ""


@page(router, "GET /shop/effect", who=(OWNER,))
async def show_effect(visit: Visit, problems: Problems = forms.NONE) -> Response:
    """The last 90 days, or the days that are asked for."""
    question, wrong = _question(visit)
    report = await found(visit, brought.report_partner, question, merchant_id=visit.subject_id)
    figures = {one["name"]: one for one in [*report["brought"], *report["cost"]]}
    measured = report["measured"]
    estimate = measured["estimate"]
    here = [one for one in estimate["pairs"] if one["acceptor_id"] == str(visit.subject_id)] if estimate else []
    sent = [one for one in estimate["pairs"] if one["issuer_id"] == str(visit.subject_id)] if estimate else []
    together = [estimate["together"]] if sent else []
    return await visit.show(
        "owner/effect.html", problems=problems, wrong=wrong, report=report, period=report["heading"]["period"],
        stretch=_stretch(report["heading"]["period"]),
        first=[figures[name] for name in FIRST if name in figures],
        others=[one for name, one in figures.items() if name not in FIRST], giving=report["giving"],
        names={name: said(text, visit.reader.language) for name, text in NAMES.items()},
        received=_table(report["received"], NEIGHBOUR), given=_table(report["given"], SENT),
        neighbour=NEIGHBOUR, sent_columns=SENT, measured=measured,
        anyway=[
            *_measured(here, lambda one: visit.gettext("From %(name)s", name=one["issuer"])),
            *_measured(sent, lambda one: visit.gettext("To %(name)s", name=one["acceptor"])),
            *_measured(together, lambda _: visit.gettext("All neighbours together")),
        ],
        sends=bool(sent),
        margin=typed_share(report["margin"]) if report["margin"] is not None else "",
    )  # fmt: skip


@page(router, "POST /shop/effect/margin", who=(OWNER,), takes=Keeping, again=show_effect)
async def set_margin(visit: Visit, form: Keeping) -> Response:
    """Nobody else is shown it."""
    margin = share_of(form.margin, "margin") if form.margin else None
    await done_and_seen(
        visit, brought.set_margin, "PUT /v1/margin", brought.Margin(margin=margin), str(form.command_id), ("effects",)
    )
    return visit.go("/shop/effect")


@page(router, "GET /shop/effect/file", who=(OWNER,))
async def download(visit: Visit) -> Response:
    """On paper, or for a spreadsheet."""
    kind = "csv" if visit.request.query_params.get("kind") == "csv" else "pdf"
    handler = brought.report_partner_csv if kind == "csv" else brought.report_partner_pdf
    file = await file_of(visit, handler, _question(visit)[0], merchant_id=visit.subject_id)
    file.headers["Content-Disposition"] = f'attachment; filename="certificates.{kind}"'
    return file


def _question(visit: Visit) -> tuple[brought.Asked, str]:
    """The days that are asked for, and what is wrong with them."""
    language = visit.reader.language
    try:
        first, last = (
            date.fromisoformat(text) if (text := visit.request.query_params.get(name, "")) else None
            for name in ("first_on", "last_on")
        )
        if first and last and first > last:
            raise ValueError("order")
    except ValueError:
        wrong = visit.gettext("The first day has to come before the last one.")
        return brought.Asked.model_validate({"language": language}), wrong
    return brought.Asked.model_validate({"first_on": first, "last_on": last, "language": language}), ""


def _stretch(period: dict[str, str]) -> str:
    """Whether the trend goes by day, week or month."""
    first, last, as_of = (date.fromisoformat(period[name]) for name in ("first_on", "last_on", "as_of"))
    return Period(first, last, as_of).stretch


def _table(neighbours: list[dict[str, Any]], columns: tuple[str, ...]) -> list[tuple[str, list[tuple[Any, str]]]]:
    """A row a neighbour; a figure that is not shown has no value."""
    rows = []
    for one in neighbours:
        figures = {figure["name"]: figure for figure in one["figures"]}
        cells = [
            (figures[name]["value"], figures[name]["shown"]) if name in figures else (None, "–") for name in columns
        ]
        rows.append((one["name"], cells))
    return rows


def _measured(pairs: list[dict[str, Any]], title: Callable[[dict[str, Any]], str]) -> list[dict[str, Any]]:
    """The effect on visits of a hundred guests, by the interval that holds however often one looks; `points` None
    where there is not enough yet, and `says` tells how much longer.
    """
    told = []
    for one in pairs:
        visits = one["visits"] or {}
        interval = visits.get("always_valid_interval_all_arms")
        points = None
        if interval and visits["verdict"] != "not_enough_yet" and "sizes" not in one["says"]:
            points = [round(100 * value, 1) for value in (visits["difference"], *interval)]
        told.append({"title": title(one), "points": points, "says": one["says"]})
    return told
