"""A coalition for each test, in one database for each file."""

from collections.abc import Iterator

import pytest

from network.coalitions import Coalitions
from tests.support import HandClock, Neighbourhood, coalitions_of, found, migrated


@pytest.fixture(scope="module")
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="module")
def coalitions(module_database_url: str, clock: HandClock) -> Iterator[Coalitions]:
    with coalitions_of(migrated(module_database_url), clock) as opened:
        yield opened


@pytest.fixture
def street(coalitions: Coalitions, clock: HandClock) -> Neighbourhood:
    """A new neighbourhood; its clock goes on where the last test left it."""
    return found(coalitions, clock)
