import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from merchants.client import (
    Choice,
    Client,
    CredentialRefused,
    Patience,
    Refused,
    TooManyTries,
    UnexpectedAnswer,
    Unreachable,
)
from tests.merchants.failing_network import FailingNetwork, failing_network

QUICK = Patience(total=2.0, connect=0.5, read=0.4, first_pause=0.01, longest_pause=0.05)


@pytest.fixture
def network() -> Iterator[FailingNetwork]:
    with failing_network() as one:
        yield one


@pytest.fixture
def client(network: FailingNetwork) -> Iterator[Client]:
    with Client(network.url, "pollen_till_old-town_x", patience=QUICK) as one:
        yield one


@pytest.mark.parametrize(
    "failures",
    [
        ["drop_before"],
        ["drop_after"],
        ["busy", "busy"],
        ["broken"],
        ["slow"],
        ["drop_after", "slow", "busy", "drop_before", "broken"],
    ],
)
def test_a_command_is_sent_again_with_its_key_and_takes_effect_once(
    network: FailingNetwork, client: Client, failures: list[str]
) -> None:
    network.failures.extend(failures)

    paid = client.record_payment(bill_reference="B1", amount=2400, currency="EUR")

    assert paid.amount == 2400
    assert len(network.effects) == 1
    assert len(network.sent()) == len(failures) + 1
    assert len({(one.key, one.body) for one in network.sent()}) == 1


def test_two_commands_have_two_keys(network: FailingNetwork, client: Client) -> None:
    client.record_payment(bill_reference="B1", amount=2400, currency="EUR")
    client.record_payment(bill_reference="B1", amount=2400, currency="EUR")

    assert len({one.key for one in network.sent()}) == 2


def test_gives_up_within_its_time_and_says_that_the_command_may_have_arrived(
    network: FailingNetwork, client: Client
) -> None:
    network.failures.extend(["drop_after"] * 500)
    started = time.monotonic()

    with pytest.raises(Unreachable) as trouble:
        client.record_payment(bill_reference="B1", amount=2400, currency="EUR")

    assert trouble.value.may_have_arrived
    assert time.monotonic() - started < QUICK.total + 0.5
    assert len(network.effects) == 1


def test_without_a_connection_the_command_cannot_have_arrived(network: FailingNetwork, client: Client) -> None:
    network.stop()

    with pytest.raises(Unreachable) as trouble:
        client.record_payment(bill_reference="B1", amount=2400, currency="EUR")

    assert not trouble.value.may_have_arrived


def test_a_refusal_is_final_and_keeps_its_facts(network: FailingNetwork, client: Client) -> None:
    told = {"code": "bill_conflict", "detail": "Bill B1 is already on record.", "bill_reference": "B1"}
    network.refusals["/v1/payments"] = (409, told)

    with pytest.raises(Refused) as refusal:
        client.record_payment(bill_reference="B1", amount=2400, currency="EUR")

    assert (refusal.value.code, refusal.value.status) == ("bill_conflict", 409)
    assert refusal.value.facts == {"bill_reference": "B1"}
    assert str(refusal.value) == "Bill B1 is already on record."
    assert len(network.sent()) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"code": "credential_unknown", "detail": "Revoked."}, CredentialRefused),
        (404, {"detail": "Not Found"}, UnexpectedAnswer),
        (404, {"code": "route_not_found", "detail": "Nothing here."}, UnexpectedAnswer),
        (302, {}, UnexpectedAnswer),
        (418, {}, UnexpectedAnswer),
    ],
)
def test_what_decides_nothing_is_no_refusal(
    network: FailingNetwork, client: Client, status: int, body: dict[str, str], kind: type[Exception]
) -> None:
    network.refusals["/v1/payments"] = (status, body)

    with pytest.raises(kind) as trouble:
        client.record_payment(bill_reference="B1", amount=2400, currency="EUR")

    assert not isinstance(trouble.value, Refused)


def test_a_hotels_sign_in_page_is_no_answer(network: FailingNetwork, client: Client) -> None:
    network.failures.append("portal")

    with pytest.raises(UnexpectedAnswer):
        client.record_payment(bill_reference="B1", amount=2400, currency="EUR")


def test_waits_as_long_as_it_is_told(network: FailingNetwork, client: Client) -> None:
    network.failures.append("busy")
    network.headers["Retry-After"] = "1"

    client.record_payment(bill_reference="B1", amount=2400, currency="EUR")

    first, second = network.sent()
    assert second.at - first.at >= 1.0


def test_too_many_tries_is_told_when_the_pause_is_longer_than_its_time(network: FailingNetwork, client: Client) -> None:
    network.headers["Retry-After"] = "60"
    network.refusals["/v1/redemptions"] = (429, {"code": "too_many_tries", "detail": "Wait a minute."})

    with pytest.raises(TooManyTries) as trouble:
        client.redeem(bill_reference="B1", bill=2400, typed_code="00000-00000")

    assert trouble.value.retry_after == 60
    assert not trouble.value.may_have_arrived


def test_reads_after_its_own_command_name_the_position(network: FailingNetwork, client: Client) -> None:
    client.options(payment_id=uuid4())
    client.record_payment(bill_reference="B1", amount=2400, currency="EUR")
    client.options(payment_id=uuid4())

    before, after = (one.headers.get("Pollen-Position") for one in network.seen if one.method == "GET")
    assert (before, after) == (None, "7")


def test_a_credential_is_not_sent_unencrypted_to_another_machine() -> None:
    with pytest.raises(ValueError, match="unencrypted"):
        Client("http://pollen.example", "pollen_till_old-town_x")


def test_an_id_cannot_leave_its_place_in_the_address(network: FailingNetwork, client: Client) -> None:
    client.options(payment_id="../merchants?x=1")

    assert network.seen[0].route == "/v1/payments/..%2Fmerchants%3Fx%3D1/options"


def test_a_token_is_in_no_repr(network: FailingNetwork, client: Client) -> None:
    issued = client.issue_certificates(payment_id=uuid4(), choices=[Choice(uuid4(), uuid4())])

    assert issued.certificates[0].token == "T0KEN"
    assert "T0KEN" not in repr(issued)
    assert "00000-00000" not in repr(issued)
