"""A till beside a network that fails on command."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from merchants.client import Client, Patience
from merchants.outbox import Outbox
from merchants.till import Till
from tests.merchants.failing_network import FailingNetwork, failing_network

QUICK = Patience(total=0.6, connect=0.3, read=0.3, first_pause=0.01, longest_pause=0.05)
CREDENTIAL = "pollen_till_old-town_" + "a" * 52


@pytest.fixture
def network() -> Iterator[FailingNetwork]:
    with failing_network() as one:
        yield one


@pytest.fixture
def start_till(network: FailingNetwork, tmp_path: Path) -> Iterator[Callable[[], Till]]:
    """Each call is a till process starting anew on the same outbox."""
    with ExitStack() as closing:

        def start() -> Till:
            client = closing.enter_context(Client(network.url, CREDENTIAL, patience=QUICK))
            outbox = Outbox(tmp_path / "till.db")
            closing.callback(outbox.close)
            return Till(client, outbox, within=0.6, within_saved=0.4)

        yield start
