"""Parts of pages that keep themselves up to date: htmx asks again, and nothing moves while nothing has changed."""

from hashlib import sha256
from typing import Any

from fastapi.responses import Response

from network.api.pages import forms
from network.api.pages.forms import Problems
from network.api.pages.visits import Visit


async def show_live(visit: Visit, template: str, part: str, problems: Problems = forms.NONE, **facts: Any) -> Response:
    """The page, or its live part alone when htmx asks for that. While the facts are those that the reader has seen,
    the answer is empty: what they opened or began to type stays.
    """
    seen = sha256(repr(sorted(facts.items())).encode()).hexdigest()[:16]
    if visit.is_part and visit.request.query_params.get("seen") == seen:
        return Response(status_code=204)
    return await visit.show(part if visit.is_part else template, problems=problems, seen=seen, **facts)
