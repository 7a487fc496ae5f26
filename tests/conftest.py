"""What every test may ask for: a database of its own."""

import os
import shutil
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from playwright.sync_api import expect

from network.access import secrets
from network.store.embedded import EmbeddedPostgres
from tests.databases import fresh_database, made_once, prepared_template, quick_folder
from tests.projections.worlds import settle

expect.set_options(timeout=20_000)
"""A page on a busy machine is late, not wrong."""

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

secrets._hasher = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
secrets._NOBODYS = secrets._hash_of_nothing()
"""The same Argon2id at a price that hundreds of people who sign in can pay; see `tests/pages/test_secrets.py`."""

SERVER = pytest.StashKey[EmbeddedPostgres]()


_LONG_FIRST = ("crash", "start", "replay", "simulation", "browser", "wallet", "merchants", "settlement")
_SHORT_LAST = ("domain", "token")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first and short ones last, so that no worker is left with a long one when the others are done.

    `POLLEN_TEST_SEED=7` mixes the tests of each file, and the files: a test that builds on an earlier one then fails.
    """
    if seed := os.environ.get("POLLEN_TEST_SEED"):
        Random(seed).shuffle(items)
        first = {item.path: at for at, item in reversed(list(enumerate(items)))}
        items.sort(key=lambda item: first[item.path])
    ranks = {name: rank for rank, name in enumerate(_LONG_FIRST)} | dict.fromkeys(_SHORT_LAST, len(_LONG_FIRST) + 1)
    items.sort(key=lambda item: ranks.get(item.path.parent.name, len(_LONG_FIRST)))


@pytest.fixture(scope="session")
def server_url(pytestconfig: pytest.Config) -> str:
    """The run's PostgreSQL: the xdist workers are told of one that their controller started."""
    told: dict[str, Any] = getattr(pytestconfig, "workerinput", {})
    return str(told["server_url"]) if told else _start_server(pytestconfig)


@pytest.fixture
def database_url(server_url: str) -> Iterator[str]:
    """An empty database for one test."""
    with fresh_database(server_url) as url:
        yield url


@pytest.fixture
def settled_url(server_url: str) -> Iterator[str]:
    """A database for one test, where the first of `tests.projections.worlds` has settled in."""
    with fresh_database(server_url, made_once(server_url, "settled", settle)) as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(server_url: str) -> Iterator[str]:
    """A migrated database without a coalition, which the tests of one file share."""
    with fresh_database(server_url, prepared_template(server_url)) as url:
        yield url


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["server_url"] = _start_server(node.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    if server := config.stash.get(SERVER, None):
        server.stop()
        shutil.rmtree(server.folder)


def _start_server(config: pytest.Config) -> str:
    if yours := os.environ.get("POLLEN_TEST_SERVER"):
        return yours
    if SERVER not in config.stash:
        # Without fsync: tests kill our own servers, never the machine, so PostgreSQL's memory is safe enough.
        config.stash[SERVER] = EmbeddedPostgres(quick_folder(), durable=False)
    return config.stash[SERVER].start()
