"""A guest's address: kept only with a yes, confirmed, a way back by mail, and gone with the guest."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from network.api.limits import Limits
from network.contacts.addresses import ContactInvalid, read_address
from network.contacts.consents import TEXT_VERSION
from network.contacts.sending import MailServer, NotSent
from tests.api.street import Server, Street, serving, settings
from tests.mailbox import Mailbox, code_in
from tests.support import HandClock, rows


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as running:
        yield running
        running.shutdown()


@pytest.fixture(scope="module")
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="module")
def server(module_database_url: str, mailbox: Mailbox, clock: HandClock) -> Iterator[Server]:
    mailing = settings(smtp_url=mailbox.url, mail_from="Pollen <pollen@example.org>", sms_gateway="sms.example.org")
    many = Limits(applications=10_000, wallets=10_000, recoveries=10_000, messages=10_000, unknown_secrets=100_000)
    with serving(module_database_url, settings=mailing, clock=clock, limits=many) as running:
        yield running


@pytest.fixture(scope="module")
def street(server: Server) -> Iterator[Street]:
    founded = Street.found(server, "street")
    yield founded
    founded.http.close()


def reaching(address: str, *purposes: str, **changes: Any) -> dict[str, Any]:
    return {
        "address": address,
        "purposes": purposes or ("recovery",),
        "text_version": TEXT_VERSION,
        "language": "en",
    } | changes


def reached(street: Street, mailbox: Mailbox, address: str) -> str:
    """A wallet whose address is confirmed; its secret."""
    _, secret = street.open_wallet()
    street.done("PUT", "/v1/wallet/contact", secret, reaching(address))
    street.done("POST", "/v1/wallet/contact/confirmation", secret, {"code": code_in(mailbox.next())})
    return secret


def wants_back(street: Street, address: str) -> Any:
    return street.done("POST", "/v1/recoveries/messages", None, {"address": address, "language": "lv"})


def test_an_address_counts_when_the_code_that_was_sent_there_is_typed(street: Street, mailbox: Mailbox) -> None:
    _, secret = street.open_wallet()
    kept = street.done("PUT", "/v1/wallet/contact", secret, reaching("Anna@Example.ORG", "recovery", "news"))
    message = mailbox.next()
    code = code_in(message)

    wrong = street.call("POST", "/v1/wallet/contact/confirmation", secret, {"code": "AAAAA-AAAAA"})
    confirmed = street.done("POST", "/v1/wallet/contact/confirmation", secret, {"code": code.lower().replace("-", " ")})
    again = street.call("POST", "/v1/wallet/contact/confirmation", secret, {"code": code})

    assert kept["contact"]["confirmed_at"] is None
    assert (message["to"], message["from"]) == ("Anna@example.org", "Pollen <pollen@example.org>")
    assert (wrong.json()["code"], again.json()["code"]) == ("contact_code_unknown", "contact_code_unknown")
    assert confirmed["contact"]["confirmed_at"] is not None
    assert [(one["purpose"], one["text_version"], one["language"]) for one in confirmed["consents"]] == [
        ("news", TEXT_VERSION, "en"),
        ("recovery", TEXT_VERSION, "en"),
    ]


def test_the_way_back_opens_the_wallet_once_and_cuts_the_phone_before_off(street: Street, mailbox: Mailbox) -> None:
    secret = reached(street, mailbox, "boris@example.org")
    held = street.done("POST", "/v1/claims", secret, {"token": street.paper()["token"]})

    wants_back(street, "BORIS@example.org")
    letter = mailbox.next()
    (code,) = re.findall(r"http://localhost:8700/v#([0-9A-Z-]+)", letter.get_content())
    answer = street.done("POST", "/v1/recoveries", None, {"recovery_code": code})
    used = street.call("POST", "/v1/recoveries", None, {"recovery_code": code})

    new = answer["credential"]["secret"]
    assert "Atveriet" in letter.get_content()
    assert street.done("GET", f"/v1/certificates/{held['certificate_id']}/copy", new)["certificate_id"]
    assert street.call("GET", "/v1/me", secret).status_code == 401
    assert used.json()["code"] == "recovery_code_unknown"


def test_a_code_that_was_sent_ends_after_fifteen_minutes(street: Street, mailbox: Mailbox, clock: HandClock) -> None:
    reached(street, mailbox, "late@example.org")
    wants_back(street, "late@example.org")
    (code,) = re.findall(r"/v#([0-9A-Z-]+)", mailbox.next().get_content())
    clock.move(minutes=15, seconds=1)

    assert (
        street.call("POST", "/v1/recoveries", None, {"recovery_code": code}).json()["code"] == "recovery_code_unknown"
    )


@pytest.mark.parametrize("why", ["unknown", "not confirmed", "not for this", "taken back", "forgotten"])
def test_nobody_learns_who_is_known_and_nothing_is_sent_without_a_yes(
    street: Street, mailbox: Mailbox, why: str
) -> None:
    address = f"{why.replace(' ', '.')}@example.org"
    if why == "not confirmed":
        street.done("PUT", "/v1/wallet/contact", street.open_wallet()[1], reaching(address))
        mailbox.next()
    elif why != "unknown":
        secret = reached(street, mailbox, address)
        if why == "not for this":
            street.done("PUT", "/v1/wallet/contact", secret, reaching(address, "news"))
        elif why == "taken back":
            assert street.done("DELETE", "/v1/wallet/contact", secret)["contact"] is None
        else:
            street.done("DELETE", "/v1/wallet", secret)

    assert wants_back(street, address) == {"sent_if_known": True}
    assert mailbox.is_empty()


def test_what_is_taken_back_is_remembered_with_when(street: Street, mailbox: Mailbox, clock: HandClock) -> None:
    secret = reached(street, mailbox, "clara@example.org")
    clock.move(hours=2)
    street.done("PUT", "/v1/wallet/contact", secret, reaching("clara@example.org", "news"))
    changed = street.done("GET", "/v1/wallet/contact", secret)
    dropped = street.done("DELETE", "/v1/wallet/contact", secret)

    recovery, news = sorted(changed["consents"], key=lambda one: one["given_at"])
    assert (recovery["purpose"], news["purpose"]) == ("recovery", "news")
    assert recovery["given_at"] < recovery["withdrawn_at"] == news["given_at"]
    assert changed["contact"]["confirmed_at"] is not None, "the same address stays confirmed"
    assert all(one["withdrawn_at"] for one in dropped["consents"])
    assert mailbox.is_empty()


def test_a_phone_gets_its_code_through_the_gateway(street: Street, mailbox: Mailbox) -> None:
    _, secret = street.open_wallet()

    street.done("PUT", "/v1/wallet/contact", secret, reaching("+371 (20) 123-456"))

    assert mailbox.next()["to"] == "37120123456@sms.example.org"


def test_a_message_that_is_refused_is_told(street: Street) -> None:
    _, secret = street.open_wallet()

    answer = street.call("PUT", "/v1/wallet/contact", secret, reaching("refused@example.org"))

    assert answer.json()["code"] == "message_not_sent"
    assert "refused" not in answer.text


def test_a_stranger_is_written_to_three_times_an_hour_at_most(street: Street, mailbox: Mailbox) -> None:
    wallets = [street.open_wallet()[1] for _ in range(4)]

    answers = [street.call("PUT", "/v1/wallet/contact", one, reaching("victim@example.org")) for one in wallets]

    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert [mailbox.next()["to"] for _ in range(3)] == ["victim@example.org"] * 3


def test_an_older_text_is_not_agreed_to(street: Street) -> None:
    _, secret = street.open_wallet()

    answer = street.call("PUT", "/v1/wallet/contact", secret, reaching("dora@example.org", text_version=0))

    assert answer.json()["code"] == "consent_text_changed"
    assert street.done("GET", "/v1/wallet/contact", secret)["contact"] is None


def test_without_a_mail_server_nothing_of_it_is_offered(module_database_url: str, street: Street) -> None:
    with serving(module_database_url) as server, server.client() as http:
        headers = {"Authorization": f"Bearer {street.open_wallet()[1]}"}
        assert http.get("/v1/recoveries/channels").json() == {"channels": []}
        assert http.get("/v1/wallet/contact", headers=headers).json()["channels"] == []
        answer = http.put("/v1/wallet/contact", headers=headers, json=reaching("anna@example.org"))
        assert answer.json()["code"] == "channel_missing"


def test_an_address_is_at_rest_under_the_guests_own_key(
    street: Street, mailbox: Mailbox, module_database_url: str
) -> None:
    reached(street, mailbox, "emma.secret@example.org")
    ((schema,),) = rows(module_database_url, "SELECT schema_name FROM pollen.coalitions WHERE slug = 'street'")
    kept = rows(module_database_url, f"SELECT sealed, digest FROM {schema}.contacts")
    opened = []
    seal = street.server.app.state.service.coalitions.open("street").seal
    for sealed_key, wallet_id in rows(module_database_url, f"SELECT sealed_key, wallet_id FROM {schema}.guest_keys"):
        opened.append(seal.open(sealed_key, b"guest" + wallet_id.bytes))

    assert len({len(key) for key in opened}) == 1
    assert len(set(opened)) == len(opened), "each guest has another key"
    assert not any(b"emma" in part for one in kept for part in one)


@pytest.mark.parametrize(
    ("typed", "channel", "text"),
    [
        (" anna@Example.org ", "email", "anna@example.org"),
        ("a.b+c@mail.example.co.uk", "email", "a.b+c@mail.example.co.uk"),
        ("+371 20 123 456", "phone", "+37120123456"),
        ("00371-20-123-456", "phone", "+37120123456"),
    ],
)
def test_an_address_is_read_as_it_is_meant(typed: str, channel: str, text: str) -> None:
    read = read_address(typed)

    assert (read.channel, read.text) == (channel, text)


@pytest.mark.parametrize(
    "typed",
    ["", "anna", "anna@", "@example.org", "anna@example", "a..b@example.org", "anna@example.org\nBcc: x@y.zz",
     "20123456", "+0123456789", "anna@exa mple.org", "anna@example.org, b@example.org", "x" * 250 + "@example.org"],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(ContactInvalid):
        read_address(typed)


def test_a_mail_server_that_is_away_is_not_named_in_the_trouble() -> None:
    with pytest.raises(NotSent, match=r"^ConnectionRefusedError$"):
        MailServer("smtp://127.0.0.1:9", "Pollen <pollen@example.org>").send("anna@example.org", "Hello", "text")
