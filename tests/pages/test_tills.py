"""What a till's session may do and may not, at the level of HTTP."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from network.access.people import add_person, people_of
from tests.api.street import Shop, Street
from tests.pages.visitors import Visitor, token_in
from tests.support import HandClock

PIN = "2580"


def person(visitor: Visitor, shop: Shop, name: str, role: str = "cashier") -> str:
    added = add_person(
        visitor.coalition, name=name, post=(role, UUID(shop.id)), at=datetime.now(UTC), pin=PIN, person_id=uuid4()
    )
    return str(added.person_id)


def till_of(street: Street, clock: HandClock, shop: Shop) -> Visitor:
    """A device that was connected to a shop, with nobody at it."""
    till = Visitor(street, clock)
    code = till.invited("till", "till", shop.id)
    page = till.send("/enrol", {"code": code}, on="/enrol")
    form = {"csrf": token_in(page.text), "code": code, "label": "counter"}
    assert till.http.post("/enrol/till", data=form).headers["location"] == "/till"
    return till


def begin(till: Visitor, person_id: str, pin: str = PIN) -> str:
    """Take the till; where that leads, or what it says."""
    answer = till.send("/till/pin", {"person_id": person_id, "pin": pin}, on="/till/pin")
    return answer.headers.get("location") or answer.text


@pytest.fixture
def till(street: Street, clock: HandClock) -> Iterator[Visitor]:
    connected = till_of(street, clock, street.restaurant)
    yield connected
    connected.http.close()


def redeem(till: Visitor, typed: str, bill: str, command_id: str | None = None) -> str:
    form = {"presented": typed, "bill": "18,00", "bill_reference": bill, "command_id": command_id or str(uuid4())}
    return till.send("/till/redeem", form, on="/till/redeem").text


def test_a_till_without_a_cashier_asks_who_is_there(till: Visitor) -> None:
    for path in ("/till", "/till/pay", "/till/redeem", "/till/shift"):
        assert till.get(path).headers["location"].startswith("/till/pin")


def test_a_stranger_is_sent_to_the_code(visitor: Visitor) -> None:
    assert visitor.get("/till/redeem").headers["location"] == "/enrol"


def test_the_same_command_is_answered_once(till: Visitor, street: Street) -> None:
    assert begin(till, person(till, street.restaurant, "Ivan")) == "/till"
    code, command_id = street.paper()["typed_code"], str(uuid4())

    pages = [redeem(till, code, "H-1", command_id) for _ in range(2)]

    assert all("€13.00" in page for page in pages)
    assert "already used" in redeem(till, code, "H-2")


def test_what_a_scanner_types_where_a_pin_belongs_is_no_guess(till: Visitor, street: Street) -> None:
    ivan = person(till, street.restaurant, "Scanned for")

    for typed in ("https://", "", "12", "٢٥٨٠"):
        for _ in range(2):
            assert "PIN" in begin(till, ivan, typed)

    assert begin(till, ivan) == "/till"


def test_guessing_a_pin_stops_even_the_right_one_for_a_while(till: Visitor, street: Street) -> None:
    ivan = person(till, street.restaurant, "Guessed")

    for guess in range(5):
        assert "This PIN is not right" in begin(till, ivan, f"000{guess}")
    assert "Wait" in begin(till, ivan)

    till.clock.move(minutes=11)
    assert begin(till, ivan) == "/till"


def test_the_people_of_another_shop_cannot_take_it(till: Visitor, street: Street) -> None:
    assert "This PIN is not right" in begin(till, person(till, street.salon, "Liga"))


def test_a_shift_ends_when_nobody_uses_it(till: Visitor, street: Street) -> None:
    begin(till, person(till, street.restaurant, "Sleepy"))
    assert till.get("/till/redeem").status_code == 200

    till.clock.move(minutes=121)

    assert till.get("/till/redeem").headers["location"].startswith("/till/pin")


def test_a_shift_ends_after_a_long_day_however_busy(till: Visitor, street: Street) -> None:
    begin(till, person(till, street.restaurant, "Tireless"))

    seen = []
    for _ in range(8):  # the eighth time, fourteen hours are over
        till.clock.move(minutes=110)
        seen.append(till.get("/till/redeem").status_code)

    assert seen == [200] * 7 + [303]


def test_a_cashier_undoes_their_own_and_a_shift_leader_everybodys(
    street: Street, clock: HandClock, till: Visitor
) -> None:
    begin(till, person(till, street.restaurant, "First"))
    answer = redeem(till, street.paper()["typed_code"], f"U-{uuid4()}")
    ids = dict(re.findall(r'name="(certificate_id|redemption_id)" value="([^"]+)"', answer))
    other = till_of(street, clock, street.restaurant)

    begin(other, person(till, street.restaurant, "Second"))
    refused = other.send("/till/undo", {**ids, "command_id": str(uuid4())}, on="/till/redeem").text
    other.send("/till/leave", {}, on="/till/redeem")
    begin(other, person(till, street.restaurant, "Leader", "shift_leader"))
    undone = other.send("/till/undo", {**ids, "command_id": str(uuid4())}, on="/till/redeem").text

    assert "Only a shift leader" in refused
    assert "<h1>Undone</h1>" in undone
    other.http.close()


def test_an_owner_cuts_one_till_off_and_the_others_go_on(street: Street, clock: HandClock, till: Visitor) -> None:
    other = till_of(street, clock, street.restaurant)
    owner = Visitor(street, clock)
    owner.enrol("owner", street.restaurant.id, f"owner {uuid4()}")
    listed = owner.get("/tills").text
    ids = re.findall(r'name="credential_id" value="([^"]+)"', listed)

    owner.send("/tills/cut-off", {"credential_id": ids[-1]}, on="/tills")

    assert other.get("/till/pin").headers["location"] == "/enrol"
    assert till.get("/till/pin").status_code == 200
    for one in (other, owner):
        one.http.close()


def test_a_device_stands_among_the_tills_and_a_program_among_both(
    street: Street, clock: HandClock, till: Visitor
) -> None:
    owner = Visitor(street, clock)
    owner.enrol("owner", street.restaurant.id, f"owner {uuid4()}")

    tills, keys = owner.get("/tills").text, owner.get("/shop/profile/programs").text

    assert '<b>counter</b> <span class="quiet">' in tills
    assert tills.count("a program") == 1
    assert "counter" not in keys
    assert "till: payments, giving, redeeming" in keys
    owner.http.close()


def test_an_owner_cannot_cut_off_the_till_of_another_shop(street: Street, clock: HandClock, till: Visitor) -> None:
    rival = Visitor(street, clock)
    rival.enrol("owner", street.salon.id, f"rival {uuid4()}")
    owner = Visitor(street, clock)
    owner.enrol("owner", street.restaurant.id, f"owner {uuid4()}")
    ids = re.findall(r'name="credential_id" value="([^"]+)"', owner.get("/tills").text)

    rival.send("/tills/cut-off", {"credential_id": ids[-1]}, on="/tills")

    assert till.get("/till/pin").status_code == 200
    for one in (rival, owner):
        one.http.close()


def test_a_code_for_a_till_makes_one_till_and_no_person(street: Street, clock: HandClock, visitor: Visitor) -> None:
    code = visitor.invited("till", "till", street.salon.id)
    form = {"code": code, "label": "counter"}

    assert visitor.send("/enrol/till", form, on="/enrol").headers["location"] == "/till"
    thief = Visitor(street, clock)
    assert thief.send("/enrol/till", form, on="/enrol").status_code == 422
    late = visitor.invited("till", "till", street.salon.id)
    clock.move(minutes=61)
    assert thief.send("/enrol/till", {**form, "code": late}, on="/enrol").status_code == 422
    thief.http.close()


def test_guessing_codes_stops(street: Street, clock: HandClock) -> None:
    guesser = Visitor(street, clock)

    answers = [guesser.send("/enrol", {"code": f"1-AAAAA-{n:05}"}, on="/enrol").text for n in range(21)]

    assert "Wait" in answers[-1]
    assert "Wait" not in answers[0]
    guesser.http.close()
    clock.move(minutes=16)


def test_a_tills_cookie_opens_no_page_of_an_owner(till: Visitor, street: Street) -> None:
    begin(till, person(till, street.restaurant, "Curious"))

    assert till.get("/tills").headers["location"].startswith("/sign-in")
    till.come_with(till.cookie("till"))
    assert till.get("/tills").headers["location"].startswith("/sign-in")


def test_somebody_who_was_removed_is_off_the_till_at_once(street: Street, clock: HandClock, till: Visitor) -> None:
    removed = person(till, street.restaurant, "Removed")
    begin(till, removed)
    owner = Visitor(street, clock)
    owner.enrol("owner", street.restaurant.id, f"owner {uuid4()}")

    owner.send("/people/end", {"person_id": removed, "role": "cashier"}, on="/people")

    assert till.get("/till/redeem").headers["location"].startswith("/till/pin")
    names = [one.name for one, _ in people_of(till.coalition, UUID(street.restaurant.id), ("cashier",))]
    assert "Removed" not in names
    owner.http.close()


def test_what_a_cashier_types_is_text_whatever_it_holds(till: Visitor, street: Street) -> None:
    begin(till, person(till, street.restaurant, "<script>alert(1)</script>"))

    page = redeem(till, street.paper()["typed_code"], "<img src=x onerror=alert(1)>")

    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "&lt;img src=x" in page
