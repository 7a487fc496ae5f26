"""A coalition on a running server, and those who call: what every test of the API begins with."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import uvicorn
from fastapi import FastAPI

from network.api.app import create_app
from network.api.limits import Limits
from network.credentials import create_credential
from network.settings import Settings
from network.store.migrations import migrate_all
from tests.databases import prepared_id

MANY = Limits(applications=10_000, wallets=10_000, opened_links=10_000, unknown_secrets=100_000)
TERMS = {"face": {"fixed": 500}, "funding": {"issuer": 10_000}, "smallest_bill_to_issue": 2_000}


def settings(**changes: Any) -> Settings:
    values: dict[str, Any] = {
        "database_url": None,
        "data_dir": Path("/nonexistent"),
        "host": "127.0.0.1",
        "port": 8700,
        "public_url": "http://localhost:8700",
        "master_key": b"k" * 32,
        "log_level": "error",
        "dev": True,
    }
    return Settings(**(values | changes))


@dataclass
class Server:
    """The application behind a real socket, in a thread of the test's own process."""

    app: FastAPI
    url: str

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=20)


@contextmanager
def serving(database_url: str, *, port: int = 0, **options: Any) -> Iterator[Server]:
    migrate_all(database_url)
    app = create_app(options.pop("settings", settings()), database_url, **({"limits": MANY} | options))
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, loop="uvloop", http="httptools"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield Server(app, f"http://127.0.0.1:{listener.getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@dataclass
class Shop:
    id: str
    owner: str
    till: str


@dataclass
class Street:
    """One coalition with a salon (issuer) and a restaurant (acceptor), an agreement between them, and a guest."""

    server: Server
    slug: str
    http: httpx.Client
    organizer: str = ""
    wallet: str = ""
    wallet_id: str = ""
    agreement_id: str = ""
    shops: dict[str, Shop] = field(default_factory=dict)
    position: int = 0
    _bills: Iterator[int] = field(default_factory=lambda: count(1))
    """Numbers for bills; a street's copies take from the same."""

    @classmethod
    def found(cls, server: Server, slug: str) -> "Street":
        street = cls(server, slug, server.client())
        coalitions = server.app.state.service.coalitions
        coalition_id = prepared_id(coalitions.directory.database_url)
        coalition = coalitions.found(
            coalition_id=coalition_id, slug=slug, name=f"The {slug}", currency="EUR", time_zone="Europe/Riga"
        )
        street.organizer = create_credential(coalition, uuid4(), "organizer", coalition_id, "the organizer")
        for name in ("salon", "restaurant"):
            street.shops[name] = street.join(name)
        street.agreement_id = street.agree("salon", "restaurant", TERMS)
        street.wallet_id, street.wallet = street.open_wallet()
        return street

    @property
    def salon(self) -> Shop:
        return self.shops["salon"]

    @property
    def restaurant(self) -> Shop:
        return self.shops["restaurant"]

    def call(
        self, method: str, path: str, secret: str | None = None, json: Any = None, *, key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:  # fmt: skip
        sent = dict(headers or {})
        if secret:
            sent["Authorization"] = f"Bearer {secret}"
        if method != "GET":
            sent.setdefault("Idempotency-Key", key or str(uuid4()))
        answer = self.http.request(method, path, headers=sent, json=json)
        self.position = max(self.position, int(answer.headers.get("Pollen-Position", 0)))
        return answer

    def done(self, method: str, path: str, secret: str | None = None, json: Any = None, **options: Any) -> Any:
        """The answer. On a busy machine views are late, not wrong: asked again, as the refusal says."""
        options.setdefault("key", str(uuid4()))
        ends_at = time.monotonic() + 60
        while is_behind(answer := self.call(method, path, secret, json, **options)):
            assert time.monotonic() < ends_at, answer.text
        assert answer.status_code == 200, answer.text
        return answer.json()

    def join(self, name: str) -> Shop:
        merchant_id = str(uuid4())
        asked = {"merchant_id": merchant_id, "name": name, "category": "food", "address": f"{name} street 1"}
        owner = self.done("POST", f"/v1/coalitions/{self.slug}/merchants", None, asked)["credential"]["secret"]
        self.done("POST", f"/v1/merchants/{merchant_id}/admission", self.organizer)
        till = {"credential_id": str(uuid4()), "role": "till", "subject_id": merchant_id, "label": "till"}
        return Shop(merchant_id, owner, self.done("POST", "/v1/credentials", owner, till)["secret"])

    def agree(self, issuer: str, acceptor: str, terms: dict[str, Any]) -> str:
        agreement_id = str(uuid4())
        asked = {
            "agreement_id": agreement_id,
            "issuer_id": self.shops[issuer].id,
            "acceptor_id": self.shops[acceptor].id,
            "terms": terms,
        }
        self.done("POST", "/v1/agreements", self.shops[issuer].owner, asked)
        self.done("POST", f"/v1/agreements/{agreement_id}/versions/1/acceptance", self.shops[acceptor].owner)
        return agreement_id

    @cached_property
    def second_organizer(self) -> str:
        """The credential of another person."""
        me = self.done("GET", "/v1/me", self.organizer)
        asked = {"credential_id": str(uuid4()), "role": "organizer", "subject_id": me["subject_id"]}
        person = {"label": "the other organizer", "person_id": str(uuid4())}
        return str(self.done("POST", "/v1/credentials", self.organizer, asked | person)["secret"])

    def lift(self, scope: str, limit: int | None = None) -> None:
        """Two organizers raise or lift a limit."""
        second, raise_id = self.second_organizer, str(uuid4())
        asked = {"raise_id": raise_id, "scope": scope, "limit": limit, "reason": "trust"}
        self.done("POST", "/v1/caps/raises", self.organizer, asked)
        self.done("POST", f"/v1/caps/raises/{raise_id}/confirmation", second)

    def open_wallet(self) -> tuple[str, str]:
        wallet_id = str(uuid4())
        opened = self.done("POST", f"/v1/coalitions/{self.slug}/wallets", None, {"wallet_id": wallet_id})
        return wallet_id, opened["credential"]["secret"]

    def bill(self, amount: int = 2_400, shop: str = "salon") -> str:
        asked = {"bill_reference": f"bill {next(self._bills)}", "amount": amount, "currency": "EUR"}
        return str(self.done("POST", "/v1/payments", self.shops[shop].till, asked)["payment_id"])

    def only_option(self, payment_id: str, shop: str = "salon") -> Any:
        """What the till is offered for a bill of a shop that has one agreement."""
        path, seen = f"/v1/payments/{payment_id}/options", {"Pollen-Position": str(self.position)}
        (option,) = self.done("GET", path, self.shops[shop].till, headers=seen)["options"]
        return option

    def paper(self) -> dict[str, Any]:
        """A certificate on paper: its copy as the issue decision answers with it."""
        choice = {"certificate_id": str(uuid4()), "agreement_id": self.agreement_id}
        path = f"/v1/payments/{self.bill()}/certificates"
        issued: dict[str, Any] = self.done("POST", path, self.salon.till, {"choices": [choice]})["certificates"][0]
        return issued

    def redeeming(self, **presented: Any) -> dict[str, Any]:
        return {
            "redemption_id": str(uuid4()),
            "bill_reference": f"table {next(self._bills)}",
            "bill": 1_800,
            **presented,
        }

    def at(self, answer: httpx.Response) -> dict[str, str]:
        """The header that lets a read wait for what this answer did."""
        return {"Pollen-Position": answer.headers["Pollen-Position"]}


def is_behind(answer: httpx.Response) -> bool:
    """Whether a view had not come as far as was asked for."""
    return answer.status_code == 503 and answer.json()["code"] == "view_behind"


def an_id() -> str:
    return str(UUID(bytes=uuid4().bytes))
