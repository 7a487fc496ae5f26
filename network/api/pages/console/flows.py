"""Who sends whom how many guests, who gives and who takes."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.pages.commands import asked, file_of
from network.api.pages.console.naming import names_of
from network.api.pages.console.picture import drawn
from network.api.pages.texts import N_
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.routes import brought
from network.api.threads import in_thread

router = APIRouter()
STANCES: Final = {
    "only_gives": N_("sends guests, gets none"),
    "only_gets": N_("gets guests, sends none"),
    "both": N_("sends and gets"),
    "few": N_("too few to show"),
    "neither": N_("neither yet"),
}


@dataclass(frozen=True)
class Chosen:
    """A period; `wrong` if what was typed is none."""

    question: brought.Asked
    wrong: str


@page(router, "GET /console/flows", who=(ORGANIZER,))
async def show_flows(visit: Visit) -> Response:
    """Whole calendar months of the chosen period; without one, of the last 90 days."""
    chosen = _chosen(visit)
    street = await asked(visit, brought.report_street, chosen.question)
    names = await in_thread(names_of, visit)
    return await visit.show(
        "console/flows.html", wrong=chosen.wrong, street=street, picture=drawn(street), names=names,
        matrix={(one["issuer_id"], one["acceptor_id"]): one for one in street["cells"]},
        stances={stance: visit.gettext(text) for stance, text in STANCES.items()},
    )  # fmt: skip


@page(router, "GET /console/flows.csv", who=(ORGANIZER,))
async def export_csv(visit: Visit) -> Response:
    """For a spreadsheet."""
    return _named(await file_of(visit, brought.report_street_csv, _chosen(visit).question), "street.csv")


@page(router, "GET /console/flows.pdf", who=(ORGANIZER,))
async def export_pdf(visit: Visit) -> Response:
    """On paper."""
    return _named(await file_of(visit, brought.report_street_pdf, _chosen(visit).question), "street.pdf")


def _named(file: Response, name: str) -> Response:
    file.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return file


def _chosen(visit: Visit) -> Chosen:
    first, last = (visit.request.query_params.get(name, "") for name in ("first_on", "last_on"))
    try:
        first_on, last_on = (date.fromisoformat(text) if text else None for text in (first, last))
        if first_on and last_on and first_on > last_on:
            raise ValueError("order")
    except ValueError:
        wrong = visit.gettext("The first day has to come before the last one.")
        return Chosen(_question(visit, None, None), wrong)
    return Chosen(_question(visit, first_on, last_on), "")


def _question(visit: Visit, first_on: date | None, last_on: date | None) -> brought.Asked:
    days = {"first_on": first_on, "last_on": last_on}
    return brought.Asked.model_validate({**days, "language": visit.reader.language})
