"""The till in Python without a network, against the real one: prepared, cut off, and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from merchants.cbor import read_one, written
from merchants.cli import main
from merchants.client import Client
from merchants.counter import DONE
from merchants.offline import Offline, OnlineOnly
from network import qr
from tests.api.street import Server, Street, serving

TERMS = {"face": {"fixed": 500}, "funding": {"issuer": 10_000}, "offline_ceiling": 500, "smallest_bill_to_issue": 2_000}


@pytest.fixture(scope="module")
def server(module_database_url: str) -> Iterator[Server]:
    with serving(module_database_url) as running:
        yield running


@pytest.fixture(scope="module")
def street(server: Server) -> Iterator[Street]:
    founded = Street.found(server, "street")
    founded.done("POST", f"/v1/agreements/{founded.agreement_id}/end", founded.salon.owner, {"reason": "other terms"})
    founded.agreement_id = founded.agree("salon", "restaurant", TERMS)
    yield founded
    founded.http.close()


@pytest.fixture
def client(street: Street) -> Iterator[Client]:
    with Client(street.server.url, street.restaurant.till, plain_http=True) as one:
        yield one


def test_a_prepared_till_takes_a_paper_once_and_delivers_it_when_the_network_is_back(
    street: Street, client: Client, tmp_path: Path
) -> None:
    paper, used = street.paper(), street.paper()
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=used["token"]))
    client.transport.remember(street.position)
    till = Offline(tmp_path / "till.offline.db", client)
    till.prepare()

    taken = till.take(scanned=paper["token"], bill_reference="table 7", bill=1_800)
    with pytest.raises(OnlineOnly, match="took this certificate already"):
        till.take(scanned=paper["token"], bill_reference="table 8", bill=1_800)
    till.close()
    again = Offline(tmp_path / "till.offline.db", client)
    (waiting,) = again.taken(waiting=True)
    (answer,) = again.deliver()

    assert (taken.amount, waiting.bill_reference) == (500, "table 7")
    assert (answer["status"], answer["breaches"]) == ("booked", [])
    assert (again.taken(waiting=True), again.deliver()) == ([], [])
    again.close()


def test_a_till_in_a_terminal_goes_on_while_no_server_answers_and_delivers_once(
    street: Street, module_database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {
        "POLLEN_CREDENTIAL": street.restaurant.till, "POLLEN_TILL_OUTBOX": str(tmp_path / "till.db"), "POLLEN_DEV": "1",
        "POLLEN_TILL_CONFIG": str(tmp_path / "none.toml"),
    }  # fmt: skip
    paper, picture = street.paper(), tmp_path / "paper.png"
    picture.write_bytes(qr.png(f"https://pollen.example/v#{paper['token']}"))
    redeem = ["redeem", "--image", str(picture), "--total", "18.00", "--bill", "W-1"]

    def till(*arguments: str) -> tuple[int, str]:
        code = main(arguments, environment)
        return code, capsys.readouterr().out

    with serving(module_database_url) as second:
        environment["POLLEN_URL"] = second.url
        prepared = till("offline", "prepare")
    taken = till(*redeem)  # nobody listens at the port any more
    with serving(module_database_url, port=urlsplit(second.url).port):
        delivered, again, rest = till("offline", "deliver"), till("offline"), till("outbox", "deliver")

    assert (prepared[0], "READY FOR A DAY WITHOUT THE NETWORK" in prepared[1]) == (DONE, True)
    assert taken[0] == DONE
    assert "TAKEN WITHOUT THE NETWORK: 5.00 EUR" in taken[1]
    assert "Still to pay: 13.00 EUR" in taken[1]
    assert (delivered[0], "Nothing is still to deliver." in delivered[1]) == (DONE, True)
    assert (again[0], rest[0]) == (DONE, DONE)
    worth = street.done("POST", "/v1/presented", street.restaurant.till, {"token": paper["token"]})
    assert worth["refusal"]["code"] == "certificate_redeemed"
    paid = {"bill_reference": "W-1", "amount": 1_800, "currency": "EUR"}
    assert street.done("POST", "/v1/payments", street.restaurant.till, paid)["deducted"] == 500


def test_a_till_that_was_never_prepared_takes_nothing(street: Street, client: Client, tmp_path: Path) -> None:
    till = Offline(tmp_path / "new.offline.db", client)

    with pytest.raises(OnlineOnly, match="never prepared"):
        till.take(scanned=street.paper()["token"], bill_reference="table 9", bill=1_800)
    till.close()


@pytest.mark.parametrize(
    "item", [0, 23, 24, 65_536, -1, -65_540, b"x" * 300, "ceļš", [1, [b""]], {1: 2, -1: 3, "lst": b""}]
)
def test_what_is_written_is_what_the_strict_reader_reads(item: Any) -> None:
    assert read_one(written(item)) == item
