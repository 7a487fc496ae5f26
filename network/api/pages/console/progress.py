"""How far a long command is, asked for by the page that waits for it."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.progress import share_of

router = APIRouter()


@page(router, "GET /console/progress/{command_id}", who=(ORGANIZER,), by_script=True)
async def show_progress(visit: Visit) -> Response:
    """`share` null: nobody can tell."""
    try:
        command_id = UUID(visit.request.path_params["command_id"])
    except ValueError:
        return JSONResponse({"share": None})
    return JSONResponse({"share": share_of(visit.coalition.coalition_id, command_id)})
