"""Who gets in, how often they may try, and how they get out again: at the level of HTTP."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from network.access.tries import PASSWORDS_OF_LOGIN, neighbourhood, take
from tests.api.street import Street
from tests.pages.visitors import PASSWORD, Visitor
from tests.support import HandClock


@pytest.fixture(scope="module")
def anna(street: Street, clock: HandClock) -> Iterator[Visitor]:
    """An owner, enrolled once for the tests of this file."""
    enrolled = Visitor(street, clock)
    assert enrolled.enrol("owner", street.salon.id, "anna").status_code == 200
    clock.move(minutes=1)
    yield enrolled
    enrolled.http.close()


def as_anna(visitor: Visitor, anna: Visitor) -> Visitor:
    """Sign in as she does, with a code that nobody used yet."""
    visitor.totp = anna.totp
    visitor.come_back("anna")
    return visitor


def test_an_invitation_makes_a_person_with_two_factors_and_works_once(visitor: Visitor, street: Street) -> None:
    assert visitor.enrol("owner", street.salon.id, "greta").status_code == 200
    assert len(visitor.recovery_codes) == 10
    assert visitor.get("/shop").status_code == 200

    stranger = Visitor(street, visitor.clock)
    assert stranger.send("/enrol", {"code": visitor.invitation}, on="/enrol").status_code == 422
    stranger.http.close()


def test_a_mistyped_invitation_is_none(visitor: Visitor, street: Street) -> None:
    code = visitor.invited("person", "owner", street.salon.id)

    mistyped = visitor.send("/enrol", {"code": code[:-1] + ("0" if code[-1] != "0" else "1")}, on="/enrol")

    assert mistyped.status_code == 422
    assert visitor.send("/enrol", {"code": code}, on="/enrol").status_code == 200


def test_signing_in_takes_password_and_second_factor(visitor: Visitor, anna: Visitor) -> None:
    visitor.totp = anna.totp
    visitor.clock.move(seconds=90)

    assert visitor.sign_in("Anna ").headers["location"] == "/sign-in/second"
    assert visitor.get("/shop").headers["location"] == "/sign-in/second"
    assert visitor.second("000000").status_code == 422
    code = visitor.code()
    assert visitor.second(code).headers["location"] == "/shop"
    assert visitor.get("/shop").status_code == 200


def test_a_code_counts_once(street: Street, visitor: Visitor, anna: Visitor) -> None:
    as_anna(visitor, anna)
    thief = Visitor(street, visitor.clock)

    thief.sign_in("anna")

    assert thief.second(visitor.code()).status_code == 422
    thief.http.close()


def test_a_recovery_code_counts_once(visitor: Visitor, anna: Visitor) -> None:
    code = anna.recovery_codes.pop()
    visitor.sign_in("anna")
    assert visitor.second(code.lower()).headers["location"] == "/shop"

    visitor.send("/sign-out", {}, on="/account")
    visitor.sign_in("anna")

    assert visitor.second(code).status_code == 422


def test_nobody_learns_who_exists(visitor: Visitor, anna: Visitor) -> None:
    wrong = visitor.sign_in("anna", "not her password at all")
    unknown = visitor.sign_in("nobody", "not her password at all")
    elsewhere = visitor.send("/sign-in", {"slug": "nowhere", "login": "anna", "password": PASSWORD})

    assert {wrong.status_code, unknown.status_code, elsewhere.status_code} == {422}
    for answer in (wrong, unknown, elsewhere):
        assert "do not fit together" in answer.text


def test_the_session_is_a_new_one_at_each_step(visitor: Visitor, anna: Visitor) -> None:
    visitor.come_with(f"street.{'x' * 43}")
    before = visitor.cookie()

    visitor.totp = anna.totp
    visitor.clock.move(seconds=90)
    visitor.sign_in("anna")
    half = visitor.cookie()
    visitor.second(visitor.code())
    whole = visitor.cookie()

    assert len({before, half, whole}) == 3
    visitor.come_with(half)
    assert visitor.get("/shop").headers["location"].startswith("/sign-in")


def test_cookies_are_kept_from_scripts_and_other_sites(visitor: Visitor, anna: Visitor) -> None:
    answer = visitor.sign_in("anna")

    (cookie,) = (one for one in answer.headers.get_list("set-cookie") if one.startswith("pollen-person"))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


def test_a_form_of_another_site_does_nothing(visitor: Visitor, anna: Visitor) -> None:
    as_anna(visitor, anna)
    good = visitor.token("/account")

    without = visitor.http.post("/account/sessions/end-all")
    wrong = visitor.http.post("/account/sessions/end-all", data={"csrf": good[:-2] + "xx"})
    foreign = visitor.http.post(
        "/account/sessions/end-all", data={"csrf": good}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    origin = visitor.http.post(
        "/account/sessions/end-all", data={"csrf": good}, headers={"Origin": "https://evil.test"}
    )

    assert [one.status_code for one in (without, wrong, foreign, origin)] == [403] * 4
    assert visitor.get("/shop").status_code == 200


def test_the_token_of_one_session_is_nothing_in_another(street: Street, visitor: Visitor, anna: Visitor) -> None:
    as_anna(visitor, anna)
    other = Visitor(street, visitor.clock)
    stolen = other.token("/sign-in")

    assert visitor.http.post("/sign-out", data={"csrf": stolen}).status_code == 403
    other.http.close()


@pytest.mark.parametrize("idle", [{"minutes": 61}, {"hours": 13}])
def test_a_session_ends_by_itself(visitor: Visitor, anna: Visitor, idle: dict[str, float]) -> None:
    as_anna(visitor, anna)

    visitor.clock.move(**idle)

    assert visitor.get("/shop").headers["location"] == "/sign-in?next=/shop"


def test_a_session_that_is_used_ends_after_half_a_day(visitor: Visitor, anna: Visitor) -> None:
    as_anna(visitor, anna)

    seen = []
    for _ in range(15):
        visitor.clock.move(minutes=50)
        seen.append(visitor.get("/shop").status_code)

    assert seen == [200] * 14 + [303]


def test_signing_out_everywhere_ends_every_session(street: Street, visitor: Visitor, anna: Visitor) -> None:
    as_anna(visitor, anna)
    elsewhere = as_anna(Visitor(street, visitor.clock), anna)
    assert "this browser" in visitor.get("/account").text

    visitor.send("/account/sessions/end-all", {}, on="/account")

    assert elsewhere.get("/shop").status_code == 303
    assert visitor.get("/shop").status_code == 303
    elsewhere.http.close()


def test_guessing_a_password_stops_even_the_right_one_for_a_while(street: Street, clock: HandClock) -> None:
    boris = Visitor(street, clock)
    boris.enrol("owner", street.restaurant.id, "boris")
    guesser = Visitor(street, clock)
    clock.move(hours=1)

    answers = [guesser.sign_in("boris", f"guess number {n}") for n in range(10)]
    assert all("do not fit" in one.text for one in answers)
    stopped = guesser.sign_in("boris")
    assert "Wait" in stopped.text

    clock.move(minutes=16)
    assert guesser.sign_in("boris").headers["location"] == "/sign-in/second"
    for one in (boris, guesser):
        one.http.close()


def test_a_stranger_who_guesses_locks_out_nobody_but_themselves(street: Street, clock: HandClock) -> None:
    vera = Visitor(street, clock)
    vera.enrol("owner", street.restaurant.id, "vera")
    stranger = Visitor(street, clock)
    stranger.http.close()
    whence = httpx.HTTPTransport(local_address="127.0.0.2")
    stranger.http = httpx.Client(base_url=street.server.url, timeout=20, transport=whence)
    clock.move(hours=1)

    answers = [stranger.sign_in("vera", f"guess number {n}") for n in range(11)]

    assert "Wait" in answers[-1].text
    assert vera.sign_in("vera").headers["location"] == "/sign-in/second"
    for one in (vera, stranger):
        one.http.close()


def test_many_addresses_that_guess_together_are_stopped(street: Street, clock: HandClock) -> None:
    coalition = Visitor(street, clock).coalition

    waits = [take(coalition, PASSWORDS_OF_LOGIN, "somebody", clock.now) for _ in range(101)]

    assert waits[99] == 0
    assert waits[100] > 0
    assert neighbourhood("2001:db8:1:2:3:4:5:6") == neighbourhood("2001:db8:1:2::9") != neighbourhood("2001:db8:1:3::9")


def test_guessing_second_factors_stops_too(street: Street, visitor: Visitor, anna: Visitor) -> None:
    visitor.clock.move(hours=1)
    visitor.totp = anna.totp
    visitor.sign_in("anna")

    for n in range(6):
        visitor.second(f"{n:06}")

    assert "Wait" in visitor.second(visitor.code()).text
    visitor.clock.move(minutes=16)


def test_a_dangerous_act_asks_again_who_it_is(visitor: Visitor, anna: Visitor) -> None:
    as_anna(visitor, anna)
    assert visitor.get("/account/password").status_code == 200
    visitor.clock.move(minutes=11)

    assert visitor.get("/account/password").headers["location"] == "/confirm?next=/account/password"
    wrong = visitor.send("/confirm", {"password": "not hers at all", "code": visitor.code()}, on="/confirm")
    right = {"password": PASSWORD, "code": visitor.code(), "next": "/account/password"}
    confirmed = visitor.send("/confirm", right, on="/confirm")

    assert wrong.status_code == 422
    assert confirmed.headers["location"] == "/account/password"
    assert visitor.get("/account/password").status_code == 200


@pytest.mark.parametrize("path", ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)", "/a b"])
def test_after_signing_in_nobody_is_sent_to_another_site(visitor: Visitor, anna: Visitor, path: str) -> None:
    visitor.totp = anna.totp
    visitor.clock.move(seconds=90)
    visitor.sign_in("anna")

    answer = visitor.send("/sign-in/second", {"code": visitor.code(), "next": path}, on="/sign-in/second")

    assert answer.headers["location"] == "/shop"


def test_each_role_has_its_own_pages(street: Street, visitor: Visitor, anna: Visitor) -> None:
    as_anna(visitor, anna)
    assert visitor.get("/console").status_code == 403

    organizer = Visitor(street, visitor.clock)
    coalition_id = str(visitor.coalition.coalition_id)
    organizer.enrol("organizer", coalition_id, f"olga {uuid4()}")
    assert organizer.get("/console").status_code == 200
    assert organizer.get("/tills").status_code == 403
    assert organizer.get("/shop").status_code == 403
    organizer.http.close()


def test_no_answer_is_kept_and_none_allows_foreign_or_inline_scripts(visitor: Visitor) -> None:
    answer = visitor.get("/sign-in")

    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.headers.get_list("content-security-policy")) == 1
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    assert " onclick=" not in answer.text


def test_a_language_is_kept_and_the_reader_stays_on_the_page(visitor: Visitor) -> None:
    russian = visitor.get("/sign-in", headers={"Accept-Language": "ru-RU"}).text
    assert '<html lang="ru">' in russian

    moved = visitor.send("/language", {"language": "lv", "next": "/sign-in"})

    assert moved.headers["location"] == "/sign-in"
    assert '<html lang="lv">' in visitor.get("/sign-in").text


def test_names_and_passwords_stand_in_no_table_in_clear(street: Street, anna: Visitor) -> None:
    with anna.coalition.readers.connection() as connection:
        for table in ("people", "sessions", "invitations", "tries", "recovery_codes"):
            rows = connection.execute(f'SELECT t::text FROM "{anna.coalition.schema}".{table} t').fetchall()
            text = " ".join(row[0] for row in rows)
            assert "anna" not in text or table == "invitations"
            assert PASSWORD not in text
            assert anna.totp not in text
            assert anna.cookie().partition(".")[2] not in text
