"""A partner's statement of one window, line by line, and as files for whoever keeps its books."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.pages import statement
from network.api.pages.commands import file_of
from network.api.pages.console.naming import names_of
from network.api.pages.console.window import ONE, number_in
from network.api.pages.console.windows import HOME
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.routes import papers
from network.api.threads import in_thread
from network.domain.errors import MerchantNotFound

router = APIRouter()
WHOSE: Final = f"{ONE}/statements/{{party_id}}"


@page(router, f"GET {WHOSE}", who=(ORGANIZER,))
async def show_statement(visit: Visit) -> Response:
    """As its partner reads it."""
    party_id, number, names = _party(visit), number_in(visit), await in_thread(names_of, visit)
    here = f"{HOME}/windows/{number}/statements/{party_id}"
    facts = await statement.read(visit, number, party_id, names.merchants | names.own, here)
    return await visit.show("console/statement.html", number=number, home=HOME, party=names.party(party_id), **facts)


@page(router, f"GET {WHOSE}/file", who=(ORGANIZER,))
async def save_statement(visit: Visit) -> Response:
    """On paper or for programs."""
    return await statement.file(visit, number_in(visit), _party(visit))


@page(router, f"GET {ONE}/archive", who=(ORGANIZER,))
async def save_archive(visit: Visit) -> Response:
    """Everything behind the window, to be recomputed offline."""
    return await file_of(visit, papers.window_archive, papers.Whose(), number=number_in(visit))


def _party(visit: Visit) -> UUID:
    """Raises: MerchantNotFound."""
    try:
        return UUID(visit.request.path_params["party_id"])
    except ValueError:
        raise MerchantNotFound() from None
