"""Where everybody begins: the doors of each role, the choice of language, and each role's first page."""

from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.pages import cookies
from network.api.pages.frame import HOMES
from network.api.pages.visits import Visit, page, visit_of
from network.languages import LANGUAGES

router = APIRouter()


@page(router, "GET /")
async def begin(visit: Visit) -> Response:
    """Somebody who is signed in goes on; everybody else sees the doors."""
    if visit.is_known and visit.session.stage == "full":
        return visit.go(HOMES[visit.role])
    till = await visit_of(visit.request, cookies.TILL)
    return await visit.show("start.html", is_till=till.is_known)


@page(router, "POST /language")
async def choose_language(visit: Visit) -> Response:
    """Keep the reader's choice, and go back to the page they were on."""
    language = visit.fields.get("language", "")
    answer = visit.go(_back(visit))
    if language in LANGUAGES:
        cookies.keep(answer, visit.service.settings, cookies.LANGUAGE, language)
    return answer


def _back(visit: Visit) -> str:
    return urlsplit(visit.wanted("/")).path
