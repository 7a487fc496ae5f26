"""The owner's pages over HTTP: the same commands as the API, and nothing of anybody else's."""

import re
from html import unescape
from uuid import uuid4

import pytest

from tests.api.street import TERMS, Server, Street
from tests.pages.owners import now, owner, send, use
from tests.pages.visitors import Visitor
from tests.support import HandClock


def proposed(street: Street, visitor: Visitor, **more: str) -> str:
    """Where an agreement stands that was just offered."""
    form = {"other": street.restaurant.id, "way": "give", "kind": "fixed", "fixed": "4,50", "days": "20", **more}
    answer = send(visitor, "/shop/agreements/new", **form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def agreement(street: Street, path: str) -> dict[str, object]:
    return street.done("GET", f"/v1/agreements/{path.rpartition('/')[2]}", street.salon.owner)  # type: ignore[no-any-return]


def test_an_offer_is_accepted_by_the_other_side_alone(street: Street, anna: Visitor, ivan: Visitor) -> None:
    path = proposed(street, anna, new_fixed="1", returning_share="2,5", transferable="yes")
    assert "has to answer" in anna.get(path).text
    assert path in ivan.get("/shop").text

    assert send(anna, f"{path}/accept", version="1").status_code == 422
    assert agreement(street, path)["state"] == "proposed"
    assert send(ivan, f"{path}/accept", version="1").status_code == 303

    stored = agreement(street, path)
    terms = stored["versions"][0]["terms"]  # type: ignore[index]
    assert stored["state"] == "active"
    assert terms["face"] == {"fixed": 450, "share": 0, "at_most": None}
    assert terms["commission"]["new"] == {"share": 0, "fixed": 100}
    assert terms["commission"]["returning"] == {"share": 250, "fixed": 0}
    assert terms["validity_days"] == 20
    assert terms["transferable"]


def test_other_terms_stand_beside_those_in_force_and_what_changed_is_marked(
    street: Street, anna: Visitor, ivan: Visitor
) -> None:
    path = proposed(street, anna)
    send(ivan, f"{path}/accept", version="1")

    assert send(ivan, f"{path}/terms", kind="fixed", fixed="6", days="20").status_code == 303

    shown = anna.get(path).text
    assert re.findall(r"<mark>(.*?)</mark>", shown) == ["€6.00"]
    assert agreement(street, path)["version_in_force"] == 1


def test_what_the_form_does_not_ask_stays_as_it_was(street: Street, anna: Visitor) -> None:
    fee = {"payer": "issuer", "share": 100, "fixed": 5}
    agreement_id = street.agree("salon", "restaurant", {**TERMS, "fee": fee, "use": {"as_payment": True}})

    send(anna, f"/shop/agreements/{agreement_id}/terms", kind="fixed", fixed="6", days="20")

    terms = agreement(street, agreement_id)["versions"][-1]["terms"]  # type: ignore[index]
    assert (terms["fee"], terms["use"]["as_payment"], terms["face"]["fixed"]) == (fee, True, 600)


def test_pause_resume_and_end(street: Street, anna: Visitor, ivan: Visitor) -> None:
    path = proposed(street, anna)
    send(ivan, f"{path}/accept", version="1")

    send(anna, f"{path}/pause")
    assert agreement(street, path)["state"] == "paused"
    assert send(ivan, f"{path}/resume").status_code == 422
    send(anna, f"{path}/resume")
    assert agreement(street, path)["state"] == "active"
    assert send(anna, f"{path}/end").status_code == 422
    send(anna, f"{path}/end", reason="We move away")
    assert agreement(street, path)["state"] == "ended"
    assert "We move away" in ivan.get(path).text


def test_a_form_sent_twice_is_one_offer(street: Street, anna: Visitor) -> None:
    key = str(uuid4())
    assert proposed(street, anna, command_id=key) == proposed(street, anna, command_id=key)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"fixed": ""}, "Say how much a certificate is worth."),
        ({"fixed": "five"}, "Write an amount, such as 18.50."),
        ({"issuer_pays": "120"}, "Write a share from 0 to 100, such as 12.5."),
        ({"days": "9000"}, "This is too big."),
        ({"issuer_pays": "60", "pool_pays": "60"}, "bear at most the whole value"),
        ({"other": str(uuid4())}, ""),
    ],
)
def test_what_is_typed_wrongly_is_told_and_stays_in_the_form(
    street: Street, anna: Visitor, wrong: dict[str, str], said: str
) -> None:
    form = {"other": street.restaurant.id, "way": "give", "kind": "fixed", "fixed": "5", "new_share": "7", "days": "30"}

    answer = send(anna, "/shop/agreements/new", **(form | wrong))

    assert answer.status_code == 422
    assert said in unescape(answer.text)
    assert 'name="new_share" type="text" value="7"' in answer.text


def test_the_example_is_reckoned_by_the_rules_of_a_redemption(anna: Visitor) -> None:
    shown = send(anna, "/shop/agreements/example", kind="fixed", fixed="5", days="30", issuer_pays="50", new_fixed="1")

    # 5.00 each half, and 1.00 of thanks from the one who takes it: 2.50 - 1.00 and 2.50 + 1.00
    row = re.search(r"<tr><td>For a guest who was never there before</td>(.*?)</tr>", shown.text)
    assert row is not None
    assert re.findall(r"€[0-9.]+", row[1]) == ["€1.50", "€3.50"]


def test_a_form_that_is_not_filled_in_yet_has_no_example(anna: Visitor) -> None:
    shown = send(anna, "/shop/agreements/example", kind="fixed", days="30")

    assert shown.status_code == 200
    assert shown.text == '<p class="quiet">Say how much a certificate is worth.</p>'


def test_certificates_are_listed_searched_and_taken_back(street: Street, anna: Visitor, ivan: Visitor) -> None:
    issued = street.paper()
    path = f"/shop/certificates/{issued['certificate_id']}"
    for visitor in (anna, ivan):
        assert path in visitor.get("/shop/certificates", headers=now(street)).text
    assert path in anna.get("/shop/certificates?q=restau&side=given&state=active").text
    assert path not in anna.get("/shop/certificates?side=taken").text
    assert path not in anna.get("/shop/certificates?q=nothing+like+it%25").text
    assert "Handed out" in ivan.get(path, headers=now(street)).text

    assert send(ivan, f"{path}/revoke", reason="mine").status_code == 422
    assert send(anna, f"{path}/revoke", reason="Wrong bill").status_code == 303
    assert "Wrong bill" in anna.get(path).text


def test_no_guest_stands_in_a_history(street: Street, anna: Visitor) -> None:
    issued = street.paper()
    street.done("POST", "/v1/claims", street.wallet, {"token": issued["token"]})
    shown = anna.get(f"/shop/certificates/{issued['certificate_id']}", headers=now(street)).text

    assert "Handed out" in shown
    assert street.wallet_id not in shown


def test_other_shops_things_are_not_there(street: Street, anna: Visitor, stranger: Visitor) -> None:
    path = proposed(street, anna)
    issued = street.paper()
    certificate = f"/shop/certificates/{issued['certificate_id']}"

    assert path not in stranger.get("/shop/agreements").text
    assert issued["certificate_id"] not in stranger.get("/shop/certificates").text
    for there in (path, f"{path}/terms", certificate, "/shop/agreements/x", "/shop/certificates/x"):
        assert stranger.get(there, headers=now(street)).status_code == 404, there
    for act in ("accept", "pause", "resume", "terms", "end"):
        answer = send(stranger, f"{path}/{act}", version="1", kind="fixed", fixed="1", days="3", reason="so")
        assert answer.status_code == 404, act
    assert send(stranger, f"{certificate}/revoke", reason="so").status_code == 404
    assert agreement(street, path)["state"] == "proposed"


def test_nobody_else_comes_in(street: Street, clock: HandClock, anna: Visitor, visitor: Visitor) -> None:
    for path in ("/shop", "/shop/agreements", "/shop/agreements/new", "/shop/certificates"):
        assert visitor.get(path).headers["location"].startswith("/sign-in")
    organizer = Visitor(street, clock)
    coalition = str(organizer.coalition.coalition_id)
    assert organizer.enrol("organizer", coalition, "olga").status_code == 200
    assert organizer.get("/shop/agreements").status_code == 403
    organizer.http.close()

    form = {"other": street.restaurant.id, "way": "give", "kind": "fixed", "fixed": "5", "days": "30"}
    assert anna.http.post("/shop/agreements/new", data=form).status_code == 403
    assert anna.http.post("/shop/agreements/new", data={**form, "csrf": "guessed"}).status_code == 403


def test_a_new_owner_reads_what_to_do_next(stranger: Visitor) -> None:
    shown = stranger.get("/shop").text

    assert "You have no agreement with a neighbour yet." in shown
    assert "Nothing. All is well." in shown
    assert "No certificate was given or taken yet." in stranger.get("/shop/certificates").text


def test_limits_say_how_full_they_are_why_they_are_set_and_what_is_asked(server: Server, clock: HandClock) -> None:
    street = Street.found(server, "limits")
    street.shops["books"] = street.join("books")
    anna = owner(street, clock, "salon", "anna")
    salon, restaurant, books = (street.shops[name].id for name in ("salon", "restaurant", "books"))
    use(street)
    street.paper()
    set_up = {
        f"debtor:{salon}": (1_000, "a beginning"),
        f"pair:{restaurant}:{salon}": (90_000, "trust"),
        f"debtor:{restaurant}": (77_700, "theirs alone"),
        f"pair:{restaurant}:{books}": (66_600, "between others"),
        f"intake:{salon}": (9, "a small shop"),
        "customer": (3, "enough"),
    }
    street.done("PUT", "/v1/caps", street.organizer, {"scope": "customer", "limit": 8, "reason": "far too many"})
    for scope, (limit, why) in set_up.items():
        street.done("PUT", "/v1/caps", street.organizer, {"scope": scope, "limit": limit, "reason": why})
    asked = {"raise_id": str(uuid4()), "scope": f"debtor:{salon}", "limit": 55_500, "reason": "a good year"}
    street.done("POST", "/v1/caps/raises", street.second_organizer, asked)

    shown = anna.get("/shop/money/limits", headers=now(street)).text

    assert [words in shown for words in ("a beginning", "trust", "a small shop", "enough")] == [True] * 4
    assert [words in shown for words in ("theirs alone", "between others")] == [False] * 2
    assert " of €10.00 used" in shown
    assert '<span class="badge bad">full</span>' in shown
    assert "0 of 9 used" in shown
    assert "at most 3" in shown
    assert shown.index("<b>8 → 3</b>") < shown.index("<b>no limit → 8</b>") < shown.index("far too many")
    assert shown.count("How it came to this") == 1
    assert "It may become €555.00: a good year." in shown
    assert "/shop/money/limits" in anna.get("/shop", headers=now(street)).text
    for one in (anna, street):
        one.http.close()
