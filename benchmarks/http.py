"""Issue and redeem over HTTP, against the floor: the same app that only parses the same body and answers the same."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from uuid import UUID, uuid4

import httpx

from benchmarks.load import Measured, load, request
from benchmarks.street import Street
from network.credentials import create_credential

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests per second of one number of clients: the median of the rounds, which take turns."""

    clients: int
    issue: Measured
    redeem: Measured
    floor: Measured

    @property
    def redeem_to_floor(self) -> float:
        """How much of the web framework's own speed a redemption keeps."""
        return self.redeem.per_second / self.floor.per_second


@dataclass(frozen=True, slots=True)
class Served:
    """The app in a process of its own."""

    port: int
    process_id: int


@contextmanager
def served(database_url: str, master_key: bytes) -> Iterator[Served]:
    """The app, for the length of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "benchmarks.server", str(port), database_url, master_key.hex()]
    server = subprocess.Popen(command)
    try:
        for _ in range(300):
            try:
                if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                    break
            except httpx.TransportError:
                assert server.poll() is None, "the server of the benchmark ended"
                time.sleep(0.1)
        yield Served(port, server.pid)
    finally:
        server.terminate()
        server.wait(timeout=20)


class Shops:
    """The tills of a street, as bytes on the wire."""

    def __init__(self, street: Street, port: int) -> None:
        self._street = street
        self._port = port
        self._salon = create_credential(street.coalition, uuid4(), "till", street.salon_id, "salon")
        self._restaurant = create_credential(street.coalition, uuid4(), "till", street.restaurant_id, "restaurant")

    @property
    def schema(self) -> str:
        """Of their coalition."""
        return self._street.coalition.schema

    def paid(self, count: int) -> list[UUID]:
        """So many bills on record at the salon."""
        wanted = [
            self._post(self._salon, "/v1/payments", bill_reference=uuid4().hex, amount=2400, currency="EUR")
            for _ in range(count)
        ]
        _, bodies = load(self._port, wanted, 32)
        return [UUID(json.loads(body)["payment_id"]) for body in bodies]

    def issue(self, payments: list[UUID], clients: int) -> tuple[Measured, list[str]]:
        """A certificate for each bill; the measure and the tokens."""
        wanted = [
            self._post(
                self._salon,
                f"/v1/payments/{payment_id}/certificates",
                choices=[{"certificate_id": str(uuid4()), "agreement_id": str(self._street.agreement_id)}],
            )
            for payment_id in payments
        ]
        measured, bodies = load(self._port, wanted, clients)
        return measured, [json.loads(body)["certificates"][0]["token"] for body in bodies]

    def redeem(self, tokens: list[str], clients: int, path: str = "/v1/redemptions") -> Measured:
        """Each certificate off a bill of its own; with another path, the same requests to the floor."""
        wanted = [
            self._post(
                self._restaurant,
                path,
                redemption_id=str(uuid4()),
                token=token,
                bill_reference=uuid4().hex,
                bill=1800,
            )
            for token in tokens
        ]
        measured, _ = load(self._port, wanted, clients)
        return measured

    @staticmethod
    def _post(secret: str, path: str, **facts: object) -> bytes:
        return request(path, json.dumps(facts).encode(), secret=secret, key=uuid4().hex)


def cold_redeem_to_floor(issuing: Shops, redeeming: Shops, clients: int, requests: int) -> tuple[Measured, Measured]:
    """Redemptions by a process that has not signed or seen the tokens, so that it checks every signature; the floor."""
    redeemed, floored = [], []
    for _ in range(ROUNDS):
        _, tokens = issuing.issue(issuing.paid(requests), clients)
        floored.append(redeeming.redeem(tokens, clients, "/bench/floor"))
        redeemed.append(redeeming.redeem(tokens, clients))
    return _median(redeemed), _median(floored)


def rates(shops: Shops, clients: int, requests: int) -> Rates:
    """Rounds of issue, floor and redeem, in turns; the median round of each."""
    issued, redeemed, floored = [], [], []
    for _ in range(ROUNDS):
        measured, tokens = shops.issue(shops.paid(requests), clients)
        issued.append(measured)
        floored.append(shops.redeem(tokens, clients, "/bench/floor"))
        redeemed.append(shops.redeem(tokens, clients))
    return Rates(clients, _median(issued), _median(redeemed), _median(floored))


def _median(rounds: list[Measured]) -> Measured:
    assert not sum(one.failed for one in rounds), "a measured request was refused"
    middle = median(one.per_second for one in rounds)
    return min(rounds, key=lambda one: abs(one.per_second - middle))
