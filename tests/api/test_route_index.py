"""The index finds what trying every route in turn finds, and leaves the rest to that."""

import re
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute, Match

from network.api.route_index import RouteIndex
from tests.api.street import Street


def scope(path: str, method: str) -> dict[str, Any]:
    return {"type": "http", "path": path, "method": method, "root_path": "", "path_params": {}}


def by_trying(app: FastAPI, asked: dict[str, Any]) -> BaseRoute | None:
    every = [route for route in app.router.routes if not isinstance(route, RouteIndex)]
    return next((route for route in every if route.matches(asked)[0] is Match.FULL), None)


def by_index(app: FastAPI, asked: dict[str, Any]) -> BaseRoute | None:
    index = app.router.routes[0]
    assert isinstance(index, RouteIndex)
    match, found = index.matches(asked)
    return found["pollen.route"] if match is Match.FULL else None


def test_every_address_leads_where_it_led(street: Street) -> None:
    app = street.server.app
    paths = [route.path for route in app.router.routes if hasattr(route, "path")]
    addresses = {re.sub(r"{\w+(:\w+)?}", value, path) for path in paths for value in (str(uuid4()), "new")}
    beside = {f"{one}/" for one in addresses if "new" in one} | {f"{one}/more" for one in paths} | {"/", "//", "/v1//x"}

    for path in addresses | beside:
        for method in ("GET", "POST"):
            assert by_index(app, scope(path, method)) is by_trying(app, scope(path, method)), (method, path)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nothing", 404), ("GET", "/nothing", 404), ("PATCH", "/v1/payments", 405), ("GET", "/healthz", 200),
     ("GET", "/static/shared.css", 200), ("GET", "/static/nothing.css", 404), ("GET", "/openapi.json", 200)],
)  # fmt: skip
def test_what_it_does_not_find_is_refused_as_before(street: Street, method: str, path: str, status: int) -> None:
    assert street.http.request(method, path).status_code == status


def test_a_request_is_counted_by_its_pattern(street: Street) -> None:
    street.http.get(f"/v1/payments/{uuid4()}/options")

    figures = street.http.get("/metrics").text
    assert 'route="/v1/payments/{payment_id}/options"' in figures
