"""What certificates brought, the owner's hand in the draw, and other terms over the past."""

import re
from html import unescape

import pytest

from tests.api.street import TERMS, Server, Street
from tests.pages.owners import now, owner, send, use
from tests.pages.visitors import Visitor
from tests.support import HandClock


@pytest.fixture(scope="module", autouse=True)
def bakery(street: Street) -> None:
    """A second neighbour to choose from."""
    second_neighbour(street)


def second_neighbour(street: Street) -> None:
    street.shops["bakery"] = street.join("bakery")
    street.agree("salon", "bakery", {**TERMS, "face": {"fixed": 300}})


def rules(street: Street) -> dict[str, object]:
    found: dict[str, object] = street.done("GET", "/v1/draw-rules", street.salon.owner)
    return {name: found[name] for name in ("neutral", "exploration", "partners")}


def shares(shown: str) -> dict[str, str]:
    """Who comes up how often, as the page says it."""
    lines = re.findall(r'<li class="line">(.*?)</li>', unescape(shown), re.S)
    return {re.sub("<.*?>", "", line).split()[0]: re.findall(r"([0-9.]+%)", line)[-1] for line in lines}


def test_the_chances_follow_the_form_and_nothing_is_kept_until_it_is_sent(server: Server, clock: HandClock) -> None:
    street = Street.found(server, "even")  # where nobody brought or got more than another
    second_neighbour(street)
    anna = owner(street, clock, "salon", "anna")
    form = {"neutral": "10", "exploration": "20", "bill": "24"}
    assert "bakery" in anna.get("/shop/effect/draw", headers=now(street)).text

    even = send(anna, "/shop/effect/draw/chances", **form).text
    shared = send(anna, "/shop/effect/draw/chances", **form, **hand(street, "bakery", "share", "25")).text
    never = send(anna, "/shop/effect/draw/chances", **form, **hand(street, "bakery", "excluded")).text
    small = send(anna, "/shop/effect/draw/chances", **(form | {"bill": "3"})).text

    assert shares(even) == {"bakery": "45%", "restaurant": "45%", "No": "10%"}
    assert shares(shared) == {"bakery": "22.5%", "restaurant": "67.5%", "No": "10%"}
    assert shares(never) == {"restaurant": "90%", "No": "10%"}
    assert "you said never" in never
    assert "No neighbour fits such a bill." in small
    assert rules(street)["neutral"] == 500
    for one in (anna, street):
        one.http.close()


def hand(street: Street, shop: str, what: str, share: str = "") -> dict[str, str]:
    return {f"hand-{street.shops[shop].id}": what, f"share-{street.shops[shop].id}": share}


def test_what_is_shown_before_is_what_is_drawn_with(street: Street, anna: Visitor) -> None:
    asked = {"bill": 2_400, **rules(street)}
    outlook = street.done("POST", "/v1/draw-rules/outlook", street.salon.owner, asked)
    street.done("POST", f"/v1/payments/{street.bill(2_400)}/proposal", street.salon.till)

    events = street.done("GET", "/v1/events?limit=1000", street.organizer)["events"]
    (drawn,) = [one["facts"] for one in events if one["topic"] == "Payment.Assigned"]

    assert outlook["neutral"] + sum(one["probability"] for one in outlook["partners"]) == 1_000_000
    assert outlook["neutral"] == drawn["neutral_probability"]
    assert [one["probability"] for one in outlook["partners"]] == [one["probability"] for one in drawn["chances"]]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"neutral": "60"}, "At most half of the guests go without a certificate."),
        ({"exploration": "1"}, "At least 5 per cent are spread evenly."),
        ({"exploration": "much"}, "Write a share from 0 to 100, such as 12.5."),
        ({"hand": "share"}, "Say how large the share is."),
    ],
)
def test_rules_that_cannot_be_are_told_at_their_field(
    street: Street, anna: Visitor, wrong: dict[str, str], said: str
) -> None:
    before = rules(street)
    form = {"neutral": "5", "exploration": "20", **hand(street, "bakery", wrong.get("hand", "free"))}

    answer = send(anna, "/shop/effect/draw", **(form | {name: wrong[name] for name in wrong.keys() - {"hand"}}))

    assert (answer.status_code, said in answer.text) == (422, True)
    assert rules(street) == before


def test_rules_are_kept_and_shown_again(street: Street, anna: Visitor) -> None:
    form = {"neutral": "7,5", "exploration": "30", **hand(street, "bakery", "share", "40")}

    assert send(anna, "/shop/effect/draw", **form).status_code == 303

    partner = {"acceptor_id": street.shops["bakery"].id, "hand": "share", "share": 4_000}
    assert rules(street) == {"neutral": 750, "exploration": 3_000, "partners": [partner]}
    assert 'value="40"' in anna.get("/shop/effect/draw").text


def test_the_page_says_what_came_and_what_is_left_of_it(street: Street, ivan: Visitor) -> None:
    use(street)
    shown = unescape(ivan.get("/shop/effect", headers=now(street)).text)
    assert "tell us your margin" in shown
    assert "What would have happened anyway" in shown

    assert send(ivan, "/shop/effect/margin", margin="170").status_code == 422
    assert send(ivan, "/shop/effect/margin", margin="65").status_code == 303

    assert 'value="65"' in ivan.get("/shop/effect").text
    assert ivan.get("/shop/effect/file").content.startswith(b"%PDF")
    assert b"section,about" in ivan.get("/shop/effect/file?kind=csv&first_on=2025-01-01").content
    assert "The first day has to come before the last one." in ivan.get("/shop/effect?first_on=x").text


def test_other_terms_are_tried_on_the_past_of_both(street: Street, anna: Visitor, ivan: Visitor) -> None:
    use(street)
    form = {"kind": "fixed", "fixed": "9", "days": "30", "issuer_pays": "100", "smallest_to_issue": "20"}
    path = f"/shop/agreements/{street.agreement_id}/past"

    for visitor in (anna, ivan):
        visitor.get("/shop", headers=now(street))
        answer = send(visitor, path, **form)
        assert answer.status_code == 200, answer.text
        assert "certificate" in answer.text
        assert "Guests: whoever came comes again" in unescape(answer.text)
    assert "Say how much a certificate is worth." in send(anna, path, kind="fixed", days="30").text
