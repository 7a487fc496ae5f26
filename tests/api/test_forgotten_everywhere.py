"""After an erasure nothing personal is readable: every value of the database, opened where it can be, and every log.

A server in a process of its own, as loud as it can be; a guest with all that a guest can leave; and a search that finds
it before the erasure, so that it could find it afterwards.
"""

import base64
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from cryptography.exceptions import InvalidTag
from psycopg import sql

from network.audit import audit
from network.coalitions import Coalitions, OpenCoalition
from network.contacts.consents import TEXT_VERSION
from network.recovery_code import recovery_digest
from network.sealing import Seal
from tests.api.street import Street, serving
from tests.mailbox import Mailbox, code_in

ADDRESS = "valentina.the.guest@example.org"
MASTER_KEY = b"k" * 32


def test_a_forgotten_guest_is_readable_nowhere_and_every_sum_is_unchanged(database_url: str, tmp_path: Path) -> None:
    with serving(database_url) as server:
        street = Street.found(server, "street")
        street.http.close()
    log = tmp_path / "server.log"
    with Mailbox() as mailbox, _served(database_url, mailbox.url, tmp_path, log) as url:
        street.http = httpx.Client(base_url=url, timeout=20)
        guest = _lives(street, mailbox)
        before = _sums(street)
        found_before = _found(database_url, guest)

        erased = street.call("DELETE", "/v1/wallet", guest["bearer secret"])
        street.position = int(erased.headers["Pollen-Position"])
        after = _sums(street)
        time.sleep(1)  # for what runs beside the requests and may still write a line
        street.http.close()
        mailbox.shutdown()

    assert erased.status_code == 200
    assert after == before
    assert found_before == {"address", "digest of the secret", "digest of the recovery code"}, "the search finds"
    assert _found(database_url, guest) == set()
    logged = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert logged, "the log was kept"
    assert [name for name, text in guest.items() if text.encode() in logged] == []
    assert [name for name, text in guest.items() if text.encode() in _raw(database_url)] == []
    assert _audited(database_url) == []


def _lives(street: Street, mailbox: Mailbox) -> dict[str, str]:
    """Everything that a guest can leave; `{what: its text}`."""
    wallet_id, secret = street.open_wallet()
    bill = {"bill_reference": f"by {wallet_id}", "amount": 2_400, "currency": "EUR", "customer_id": wallet_id}
    street.done("POST", "/v1/payments", street.salon.till, bill)
    spent = street.done("POST", "/v1/claims", secret, {"token": street.paper()["token"]})
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=spent["token"]))
    street.done("POST", "/v1/claims", secret, {"token": street.paper()["token"]})
    hook = {"webhook_id": str(uuid4()), "url": "http://127.0.0.1:9/told"}
    street.done("POST", "/v1/webhooks", street.organizer, hook)
    reaching = {"address": ADDRESS, "purposes": ["recovery", "news"], "text_version": TEXT_VERSION, "language": "en"}
    street.done("PUT", "/v1/wallet/contact", secret, reaching)
    code = code_in(mailbox.next())
    street.done("POST", "/v1/wallet/contact/confirmation", secret, {"code": code})
    street.done("POST", "/v1/recoveries/messages", None, {"address": ADDRESS, "language": "en"})
    (sent,) = re.findall(r"/v#([0-9A-Z-]+)", mailbox.next().get_content())
    kept = street.done("POST", "/v1/wallet/recovery", secret)["recovery_code"]
    street.call("POST", "/v1/recoveries", None, {"recovery_code": f"{kept}0"})
    street.call("GET", "/v1/me", f"{secret}x")
    return {
        "address": ADDRESS,
        "bearer secret": secret,
        "code of the message": code,
        "sent recovery code": sent,
        "recovery code": kept,
        "recovery code as typed": kept.replace("-", ""),
    }


def _found(database_url: str, guest: dict[str, str]) -> set[str]:
    """What of the guest is in the database: as it stands, or behind any seal that this installation can open."""
    coalitions = Coalitions(database_url, MASTER_KEY)
    try:
        coalition = coalitions.open("street")
        needles = {name: text.encode() for name, text in guest.items()} | {
            "digest of the secret": sha256(guest["bearer secret"].encode()).digest(),
            "digest of the recovery code": recovery_digest(coalition.code_key, guest["recovery code as typed"]),
        }
        everything = b"\0".join(_every_value(database_url, coalition))
    finally:
        coalitions.close()
    return {name for name, needle in needles.items() if needle.lower() in everything.lower()}


def _every_value(database_url: str, coalition: OpenCoalition) -> Iterator[bytes]:
    """Every value of every table of every schema, and what the sealed ones say."""
    with psycopg.connect(database_url, autocommit=True) as owner:
        tables = owner.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'"
        ).fetchall()
        assert len(tables) > 50
        keys = _guest_keys(owner, coalition)
        for schema, table in tables:
            cursor = owner.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, table)))
            names = [column.name for column in cursor.description or ()]
            for row in cursor:
                yield from (one if isinstance(one, bytes) else str(one).encode() for one in row)
                yield from _opened(dict(zip(names, row, strict=True)), [coalition.seal, *keys])


def _opened(row: dict[str, Any], seals: list[Seal]) -> Iterator[bytes]:
    """Each sealed value, under every key and every context that the network binds to."""
    contexts = [b"", f"{row.get('caller')}\0{row.get('key')}".encode()]
    for name in ("wallet_id", "person_id", "webhook_id"):
        if name in row and row[name] is not None:
            contexts += [before + row[name].bytes for before in (b"", b"guest", b"totp", b"webhook")]
    for value in row.values():
        if isinstance(value, bytes) and len(value) > 28:
            for seal in seals:
                for context in contexts:
                    try:
                        yield seal.open(value, context)
                    except InvalidTag:
                        continue


def _guest_keys(owner: psycopg.Connection, coalition: OpenCoalition) -> list[Seal]:
    statement = sql.SQL("SELECT wallet_id, sealed_key FROM {}").format(sql.Identifier(coalition.schema, "guest_keys"))
    rows = owner.execute(statement).fetchall()
    return [Seal(coalition.seal.open(sealed, b"guest" + wallet_id.bytes)) for wallet_id, sealed in rows]


def _raw(database_url: str) -> bytes:
    """The database's own files, dead rows and all: what was sealed was never written in clear."""
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("CHECKPOINT")
        (folder, number), = owner.execute(
            "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
        ).fetchall()  # fmt: skip
    return b"".join(path.read_bytes() for path in Path(folder, "base", str(number)).iterdir() if path.is_file())


def _sums(street: Street) -> list[Any]:
    return [_sum(street, name) for name in ("balances", "reserves", "obligations", "flows")]


def _sum(street: Street, name: str) -> Any:
    """When the views have come as far as what was done."""
    for _ in range(20):
        answer = street.call(
            "GET", f"/v1/reports/{name}", street.organizer, headers={"Pollen-Position": str(street.position)}
        )
        if answer.status_code == 200:
            return answer.json()[name]
    pytest.fail(answer.text)


def _audited(database_url: str) -> list[Any]:
    """What the auditor finds."""
    with psycopg.connect(database_url, autocommit=True) as owner:
        ((schema,),) = owner.execute("SELECT schema_name FROM pollen.coalitions").fetchall()
        return list(audit(owner, schema).findings)


@contextmanager
def _served(database_url: str, smtp_url: str, folder: Path, log: Path) -> Iterator[str]:
    """`scripts/serve` with everything that runs beside it, whose every line is kept."""
    with httpx.Client() as probe, log.open("wb") as kept:
        port = _free_port()
        environment = os.environ | {
            "DATABASE_URL": database_url,
            "POLLEN_DATA_DIR": str(folder / "data"),
            "POLLEN_PORT": str(port),
            "POLLEN_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
            "POLLEN_LOG_LEVEL": "debug",
            "POLLEN_DEV": "1",
            "POLLEN_SMTP_URL": smtp_url,
            "POLLEN_MAIL_FROM": "Pollen <pollen@example.org>",
        }
        command = [sys.executable, "-P", "-m", "network.cli.serve"]
        process = subprocess.Popen(command, env=environment, stdout=kept, stderr=kept)
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_for(probe, url)
            yield url
        finally:
            process.terminate()
            process.wait(30)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_for(probe: httpx.Client, url: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            probe.get(f"{url}/healthz")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the server did not come up")
