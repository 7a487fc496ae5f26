"""Where no page is: a person is told so as on every page, a program gets the one body of all refusals."""

from typing import Final

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from network.api import errors
from network.api.pages import cookies
from network.api.pages.visits import visit_of

_PROGRAMS: Final = ("/v1/", "/static/", "/.well-known/")


async def on_http(request: Request, error: Exception) -> Response:
    """What the router itself refuses. The address of a form that was sent is often opened again by hand: 405."""
    plain = await errors.on_http(request, error)
    assert isinstance(error, HTTPException)
    if error.status_code not in (404, 405) or not _is_read_by_a_person(request):
        return plain
    path = request.url.path
    visit = await visit_of(request, cookies.TILL if path.startswith("/till/") else cookies.PERSON, is_use=False)
    sentence = visit.gettext("There is no page at this address. Go on from the beginning.")
    answer = await visit.show("refused.html", status=error.status_code, sentence=sentence)
    if "allow" in plain.headers:
        answer.headers["Allow"] = plain.headers["allow"]
    return answer


def _is_read_by_a_person(request: Request) -> bool:
    wants_page = "text/html" in request.headers.get("accept", "")
    return wants_page and request.method == "GET" and not request.url.path.startswith(_PROGRAMS)
