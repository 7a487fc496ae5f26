"""What an owner sees and decides of tills that had no network."""

from datetime import timedelta
from html import unescape
from uuid import UUID, uuid4

import pytest

from tests.api.devices import Device
from tests.api.street import Street
from tests.pages.owners import now
from tests.pages.visitors import Visitor
from tests.support import HandClock

TERMS = {"face": {"fixed": 500}, "offline_ceiling": 500, "smallest_bill_to_issue": 2_000}
HERE = "/tills/offline"


def signed_in(street: Street, visitor: Visitor) -> Visitor:
    visitor.enrol("owner", street.restaurant.id, f"owner-{uuid4().hex[:8]}@example.com")
    return visitor


@pytest.fixture
def owner(street: Street, visitor: Visitor) -> Visitor:
    return signed_in(street, visitor)


@pytest.fixture(scope="module", autouse=True)
def taken_offline(street: Street) -> None:
    street.done("POST", f"/v1/agreements/{street.agreement_id}/end", street.salon.owner, {"reason": "other terms"})
    street.agreement_id = street.agree("salon", "restaurant", TERMS)


def take(street: Street, till: Device, clock: HandClock) -> None:
    paper = street.paper()
    till.take(shown=paper["token"], certificate_id=UUID(paper["certificate_id"]), at=clock.now)


def test_an_owner_goes_on_without_what_a_broken_till_lost(street: Street, clock: HandClock, owner: Visitor) -> None:
    till = Device.at(street, 21)
    for _ in range(3):
        take(street, till, clock)
    one, _lost, three = till.receipts
    waiting = till.deliver(street, one, three)
    page = owner.get(HERE).text
    decided = {
        "command_id": str(uuid4()), "till_id": str(till.till_id), "journal": "1", "sequence": "3", "reason": "broken",
    }  # fmt: skip

    answer = owner.send(f"{HERE}/resume", decided, on=HERE)
    resumed = till.deliver(street, three)

    assert [each["status"] for each in waiting] == ["booked", "waiting"]
    assert "acceptance number 2 never came" in page
    assert answer.headers["location"] == HERE
    assert [each["status"] for each in resumed] == ["booked"]
    assert "waits for you" not in owner.get(HERE).text


def test_what_a_stolen_till_signed_counts_no_more(street: Street, clock: HandClock, owner: Visitor) -> None:
    till = Device.at(street, 22)
    take(street, till, clock)
    decided = {"command_id": str(uuid4()), "till_id": str(till.till_id), "reason": "stolen"}

    owner.send(f"{HERE}/revoke", decided, on=HERE)

    assert [each["code"] for each in till.deliver(street)] == ["till_key_revoked"]


def test_what_did_not_count_is_told_with_who_bears_it(street: Street, clock: HandClock, visitor: Visitor) -> None:
    early, late = Device.at(street, 23), Device.at(street, 24)
    paper = street.paper()
    clock.move(hours=3)
    for till, hours in ((early, 2), (late, 1)):
        till.take(
            shown=paper["token"], certificate_id=UUID(paper["certificate_id"]), at=clock.now - timedelta(hours=hours)
        )
    late.deliver(street)
    early.deliver(street)
    street.done("GET", "/v1/offline-conflicts", street.restaurant.owner, headers=now(street))

    page = unescape(signed_in(street, visitor).get(HERE).text)

    assert "Another till of yours took it earlier, also without a network." in page
    assert "your shop bears the amount" in page


def test_a_decision_wants_a_reason(street: Street, clock: HandClock, owner: Visitor) -> None:
    till = Device.at(street, 25)
    take(street, till, clock)

    decided = {"command_id": str(uuid4()), "till_id": str(till.till_id), "reason": ""}
    page = owner.send(f"{HERE}/revoke", decided, on=HERE)

    assert page.status_code == 422
    assert [each["status"] for each in till.deliver(street)] == ["booked"]
