"""Owners without a screen: they enrol, and send forms as their pages would."""

from html import unescape
from uuid import uuid4

import httpx

from tests.api.street import Street
from tests.banking.world import iban_of
from tests.pages.visitors import Visitor, token_in
from tests.support import HandClock

USES = 4


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


def page(visitor: Visitor, street: Street, path: str) -> str:
    """The text of a page that knows what the street just did."""
    answer = visitor.get(path, headers=now(street))
    assert answer.status_code == 200, answer.text
    return " ".join(unescape(answer.text).split())


def stated_window(street: Street) -> list[int]:
    """Window 1 is stated with four certificates used; where their lines are. One more is used after the cut."""
    for number, shop in enumerate((street.salon, street.restaurant), 1):
        street.done("PUT", f"/v1/bank-details/{shop.id}", shop.owner, {"iban": iban_of(number)})
    for _ in range(USES):
        use(street)
    street.done("POST", "/v1/windows/1/cut", street.organizer, {"review_days": 7})
    street.done("POST", "/v1/windows/1/statement", street.organizer)
    use(street)
    path = f"/v1/windows/1/statements/{street.salon.id}"
    return [line["position"] for line in street.done("GET", path, street.salon.owner, headers=now(street))["lines"]]


def use(street: Street) -> None:
    """A certificate is handed out and used."""
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=street.paper()["token"]))
