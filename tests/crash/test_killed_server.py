"""A server that is killed in the middle of its work: nothing that was acknowledged is lost, nothing is done twice.

The API server dies by `kill -9` at random moments of a running load, and starts again. PostgreSQL lives on: what is
shown here is the network's own promise, the database's is its own. Clients repeat with the same key until answered.

A new server is forked from a process that has loaded the code but run none of it: a start takes a blink, so that the
kills fall into the load and not into Python's imports. Views and jobs run beside it, in one process that lives on.
"""

import base64
import json
import multiprocessing
import os
import random
import socket
import threading
import time
from collections import Counter
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
import uvicorn

from network.api.app import create_app
from network.beside import beside
from network.coalitions import OpenCoalition
from network.credentials import create_credential
from network.domain.certificate import Certificate
from network.domain.terms import FaceValue, Funding, Terms
from network.settings import Settings
from network.store.migrations import migrate_all
from tests.support import MASTER_KEY, HandClock, Neighbourhood, coalitions_of, found

KILLS = 30
SEED = int(os.environ.get("POLLEN_SEED", "20261121"))


def _serve(environment: dict[str, str]) -> None:
    """As `scripts/serve` does under these variables."""
    settings = Settings.from_environment(environment)
    assert settings.database_url
    app = create_app(settings, settings.database_url, beside=False)
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="error", access_log=False)


class Server:
    """The real server in a process of its own, which can be killed and started again on the same port."""

    def __init__(self, database_url: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._loaded = multiprocessing.get_context("forkserver")
        self._loaded.set_forkserver_preload(["network.api.app", "uvicorn"])
        self.environment = {
            "DATABASE_URL": database_url,
            "POLLEN_DATA_DIR": str(folder),
            "POLLEN_PORT": str(self.port),
            "POLLEN_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
            "POLLEN_LOG_LEVEL": "error",
        }
        self._process: BaseProcess | None = None

    def start(self) -> None:
        self._process = self._loaded.Process(target=_serve, args=(self.environment,))
        self._process.start()
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("the server did not come up")

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.join()


class Till(threading.Thread):
    """Pays, issues and redeems without a pause, repeating each command with its key until it is answered."""

    def __init__(self, server: Server, street: "Street", stop: threading.Event, seed: int) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._street = street
        self._done = stop
        self._random = random.Random(seed)
        self.answers: list[tuple[str, dict[str, object], dict[str, object]]] = []
        self.repeated = 0
        self.trouble: str | None = None

    def run(self) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{self._server.port}", timeout=10) as client:
            try:
                while not self._done.is_set():
                    self._trade(client)
            except AssertionError as problem:
                self.trouble = str(problem)

    def _trade(self, client: httpx.Client) -> None:
        street = self._street
        paid = self._ask(client, street.salon, "/v1/payments", bill_reference=uuid4().hex, amount=2400, currency="EUR")
        certificate = {"certificate_id": str(uuid4()), "agreement_id": str(street.agreement_id)}
        issued = self._ask(
            client, street.salon, f"/v1/payments/{paid['payment_id']}/certificates", choices=[certificate]
        )
        copies = issued["certificates"]
        assert isinstance(copies, list)
        self._ask(
            client,
            street.restaurant,
            "/v1/redemptions",
            redemption_id=str(uuid4()),
            token=copies[0]["token"],
            bill_reference=uuid4().hex,
            bill=1800,
        )

    def _ask(self, client: httpx.Client, secret: str, path: str, **facts: object) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": uuid4().hex}
        while True:
            try:
                answer = client.post(path, json=facts, headers=headers)
            except httpx.TransportError:
                self.repeated += 1
                time.sleep(0.1)
                continue
            if answer.status_code == 503:
                self.repeated += 1
                time.sleep(0.1)
                continue
            assert answer.status_code < 300, f"{path}: {answer.text}"
            body: dict[str, object] = answer.json()
            self.answers.append((path, facts, body))
            if self._random.random() < 0.05:
                again = self._again(client, path, facts, headers)
                assert again in (None, answer.content), "the same key was answered in other words"
            return body

    @staticmethod
    def _again(client: httpx.Client, path: str, facts: dict[str, object], headers: dict[str, str]) -> bytes | None:
        try:
            answer = client.post(path, json=facts, headers=headers)
        except httpx.TransportError:
            return None
        return answer.content if answer.status_code < 300 else None


class Street:
    """Two shops, and their tills' secrets."""

    def __init__(self, coalition: OpenCoalition, neighbours: Neighbourhood) -> None:
        salon, restaurant = neighbours.merchant("Salon"), neighbours.merchant("Restaurant")
        terms = Terms(face=FaceValue(fixed=500), funding=Funding(issuer=10_000), validity_days=365)
        self.agreement_id = neighbours.agreement(salon, restaurant, terms)
        self.salon = create_credential(coalition, uuid4(), "till", salon, "salon")
        self.restaurant = create_credential(coalition, uuid4(), "till", restaurant, "restaurant")


@pytest.mark.timeout(900)
def test_thirty_kills_lose_nothing_acknowledged_and_double_nothing(database_url: str, tmp_path: Path) -> None:
    migrate_all(database_url)
    rng = random.Random(SEED)
    clock = HandClock()
    with coalitions_of(database_url, clock) as coalitions:
        neighbours = found(coalitions, clock)
        street = Street(neighbours.opened, neighbours)
        server = Server(database_url, tmp_path)
        settings = Settings.from_environment(server.environment)
        with beside(settings, database_url, os.environ):
            server.start()
            stop = threading.Event()
            tills = [Till(server, street, stop, SEED + n) for n in range(6)]
            for till in tills:
                till.start()

            for _ in range(KILLS):
                time.sleep(rng.uniform(0.05, 0.6))
                server.kill()
                server.start()
            stop.set()
            for till in tills:
                till.join(timeout=120)
            server.kill()

        assert [till.trouble for till in tills if till.trouble] == [], f"seed {SEED}"
        assert sum(till.repeated for till in tills) >= KILLS, "the kills met a running load"
        _all_is_in_the_log_once(neighbours.opened, tills)


def _all_is_in_the_log_once(coalition: OpenCoalition, tills: list[Till]) -> None:
    with coalition.reading() as recorder:
        log = [coalition.mapper.to_domain_event(one) for one in recorder.select_notifications(None, 10**6)]
        head, _ = recorder.head()
    assert len(log) == head, "positions have no gaps"
    issued = Counter(e.originator_id for e in log if isinstance(e, Certificate.Issued))
    redeemed = Counter(e.redemption_id for e in log if isinstance(e, Certificate.Redeemed))
    used = Counter(e.originator_id for e in log if isinstance(e, Certificate.Redeemed))
    assert max(issued.values()) == max(redeemed.values()) == max(used.values()) == 1
    for till in tills:
        for path, facts, body in till.answers:
            if path == "/v1/redemptions":
                assert redeemed[UUID(str(facts["redemption_id"]))] == 1, json.dumps(body)
            elif path.endswith("/certificates"):
                copies = body["certificates"]
                assert isinstance(copies, list)
                assert issued[UUID(copies[0]["certificate_id"])] == 1
