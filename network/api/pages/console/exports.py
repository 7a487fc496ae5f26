"""Everything that can be taken away as a file, on one page."""

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.pages.commands import found
from network.api.pages.console.windows import HOME
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.routes import windows

router = APIRouter()


@page(router, "GET /console/exports", who=(ORGANIZER,))
async def show_exports(visit: Visit) -> Response:
    """Links only; each file is written when it is asked for."""
    cut = (await found(visit, windows.list_windows))["windows"]
    stated = [one for one in reversed(cut) if one["state"] != "cut"]
    return await visit.show("console/exports.html", home=HOME, windows=stated)
