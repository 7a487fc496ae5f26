"""What stands beside the log holds with the events: a server that dies behind its commit leaves nothing half done."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.street import Street, serving
from tests.support import rows

Asked = tuple[str, str, str | None, Any]


def test_a_kill_behind_the_commit_leaves_nothing_half_done(database_url: str) -> None:
    with serving(database_url) as server:
        street = Street.found(server, "street")
        forgotten, kept = street.open_wallet()[1], street.open_wallet()[1]
        lost_code = street.done("POST", "/v1/wallet/recovery", forgotten)["recovery_code"]
        code = street.done("POST", "/v1/wallet/recovery", kept)["recovery_code"]
        made, cut_off, turned = (_till(street, str(uuid4())) for _ in range(3))
        for one in (cut_off, turned):
            street.done("POST", "/v1/credentials", street.salon.owner, one)
        told, untold = ({"webhook_id": str(uuid4()), "url": "http://127.0.0.1:9/told"} for _ in range(2))
        street.done("POST", "/v1/webhooks", street.salon.owner, untold)

        asked: list[Asked] = [
            ("DELETE", "/v1/wallet", forgotten, None),
            ("POST", "/v1/recoveries", None, {"recovery_code": code}),
            ("POST", "/v1/credentials", street.salon.owner, made),
            ("DELETE", f"/v1/credentials/{cut_off['credential_id']}", street.salon.owner, None),
            ("POST", f"/v1/credentials/{turned['credential_id']}/rotation", street.salon.owner, None),
            ("POST", "/v1/webhooks", street.salon.owner, told),
            ("DELETE", f"/v1/webhooks/{untold['webhook_id']}", street.salon.owner, None),
            ("POST", f"/v1/merchants/{street.salon.id}/keys/rotation", street.salon.owner, {"leaked": True}),
            ("POST", "/v1/coalitions/street/wallets", None, {"wallet_id": str(uuid4())}),
        ]
        street.http.close()

    keys = _committed_then_killed(database_url, asked)

    with serving(database_url) as server:
        street.server, street.http = server, server.client()
        assert street.call("GET", "/v1/me", forgotten).status_code == 401
        assert _rows_of(database_url, "wallet_recoveries", "true") == 1, "the code of the other wallet alone"
        refused = street.call("POST", "/v1/recoveries", None, {"recovery_code": lost_code})
        assert refused.json()["code"] == "recovery_code_unknown"
        assert street.call("GET", "/v1/me", kept).status_code == 401, "the phone before is cut off"
        answers = [street.call(*one, key=key) for one, key in zip(asked[1:], keys[1:], strict=True)]
        assert [one.status_code for one in answers] == [200] * len(answers)
        recovered, created, _, rotated, webhook, _, _, opened = [one.json() for one in answers]
        for secret in (recovered["credential"]["secret"], created["secret"], rotated["secret"],
                       opened["credential"]["secret"]):  # fmt: skip
            assert street.call("GET", "/v1/me", secret).status_code == 200
        listed = street.done("GET", "/v1/webhooks", street.salon.owner)["webhooks"]
        assert [one["webhook_id"] for one in listed] == [webhook["webhook_id"]]
        alive = {one["credential_id"]: one["revoked_at"] is None
                 for one in street.done("GET", "/v1/credentials", street.salon.owner)["credentials"]}  # fmt: skip
        assert (alive[made["credential_id"]], alive[cut_off["credential_id"]]) == (True, False)
        assert _keys(database_url) == ["compromised", "active"], "and a repeat rotated no second time"
        street.http.close()


def _committed_then_killed(database_url: str, asked: list[Asked]) -> list[str]:
    """Ask a server that commits and never answers, and kill it when all is committed. The request keys."""
    keys = [f"a key that is long enough {n}".replace(" ", "-") for n in range(len(asked))]
    with _silent(database_url) as (url, process), ThreadPoolExecutor(len(asked)) as callers:
        for one, key in zip(asked, keys, strict=True):
            callers.submit(_ask, url, one, key)
        deadline = time.monotonic() + 30
        while _rows_of(database_url, "requests", "key LIKE 'a-key-that%%'") < len(asked):
            assert time.monotonic() < deadline, "every command is committed"
            time.sleep(0.02)
        process.kill()
    return keys


@contextmanager
def _silent(database_url: str) -> Any:
    command = [sys.executable, "-P", "-m", "tests.crash.silent_server", database_url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.communicate()


def _ask(url: str, asked: Asked, key: str) -> None:
    method, path, secret, body = asked
    headers = {"Idempotency-Key": key} | ({"Authorization": f"Bearer {secret}"} if secret else {})
    with pytest.raises(httpx.TransportError):
        httpx.request(method, url + path, headers=headers, json=body, timeout=60)


def _till(street: Street, credential_id: str) -> dict[str, str]:
    return {"credential_id": credential_id, "role": "till", "subject_id": street.salon.id, "label": "till"}


def _rows_of(database_url: str, table: str, where: str) -> int:
    ((schema,),) = rows(database_url, "SELECT schema_name FROM pollen.coalitions")
    return int(rows(database_url, f"SELECT count(*) FROM {schema}.{table} WHERE {where}")[0][0])


def _keys(database_url: str) -> list[str]:
    """The states of the salon's keys, oldest first."""
    ((schema,),) = rows(database_url, "SELECT schema_name FROM pollen.coalitions")
    statement = f"SELECT k.state FROM {schema}.signing_keys k WHERE k.merchant_number = 1 ORDER BY k.created_at"
    return [state for (state,) in rows(database_url, statement)]
