"""Owners without a screen: they enrol, and send forms as their pages would."""

from uuid import uuid4

import httpx

from tests.api.street import Street
from tests.pages.visitors import Visitor, token_in
from tests.support import HandClock


def owner(street: Street, clock: HandClock, shop: str, login: str) -> Visitor:
    visitor = Visitor(street, clock)
    assert visitor.enrol("owner", street.shops[shop].id, login).status_code == 200
    clock.move(minutes=1)
    return visitor


def send(visitor: Visitor, path: str, **form: str) -> httpx.Response:
    csrf = token_in(visitor.get("/shop").text)
    return visitor.http.post(path, data={"csrf": csrf, "command_id": str(uuid4()), **form})


def now(street: Street) -> dict[str, str]:
    """Wait until the views have seen what the street just did."""
    return {"Pollen-Position": str(street.position)}
