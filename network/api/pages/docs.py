"""The list of routes, for integrators."""

from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from network.api.operations import Operation, told

router = APIRouter(include_in_schema=False)
_FILES = Path(__file__).parents[1] / "static"
_CHECKED = {"Cache-Control": "no-cache"}


@router.get("/docs")
async def list_routes(request: Request) -> Response:
    """Every route, from the same declarations that check the requests."""
    return HTMLResponse(_listed(request.app.state.operations), headers=_CHECKED)


@cache
def _listed(operations: tuple[Operation, ...]) -> str:
    tags: dict[str, list[str]] = {}
    for one in operations:
        tags.setdefault(one.tag, []).append(_route(one))
    sections = "".join(f"<section><h2>{escape(tag)}</h2>{''.join(routes)}</section>" for tag, routes in tags.items())
    return (_FILES / "docs.html").read_text(encoding="utf-8").replace("<!-- routes -->", sections)


def _route(one: Operation) -> str:
    """Everything here is our own text; it is escaped all the same."""
    fields = "".join(
        f"<div><dt><code>{escape(name)}</code></dt><dd>{escape(kind)}</dd></div>" for name, kind in _fields(one)
    )
    refusals = "".join(
        f"<li><code>{status} {escape(code)}</code> {escape(sentence)}</li>"
        for status, code, sentence in sorted(told(refusal) for refusal in one.all_refusals)
    )
    who = ", ".join(one.who) or "anybody"
    key = "; needs an Idempotency-Key" if one.changes else ""
    return (
        f"<details><summary><code><b>{one.method}</b> {escape(one.path)}</code> <span>{escape(one.summary)}</span>"
        f'</summary><p class="small">{who}{key}</p><dl>{fields}</dl><ul>{refusals}</ul></details>'
    )


def _fields(one: Operation) -> Iterable[tuple[str, str]]:
    schema = one.takes.model_json_schema()
    for name, field in schema.get("properties", {}).items():
        kinds = [field, *field.get("anyOf", ())]
        kind = next((str(each[key]) for each in kinds for key in ("format", "type", "$ref") if key in each), "")
        optional = "" if name in schema.get("required", ()) else ", optional"
        yield name, f"{kind.rpartition('/')[2]}{optional}"
