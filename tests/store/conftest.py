"""One coalition's empty log for each test, in one database for each file."""

from collections.abc import Callable, Iterator

import pytest

from network.coalitions import open_connection
from network.store.directory import Directory, Entry
from network.store.recorder import CoalitionRecorder
from tests.databases import prepared_id
from tests.support import migrated

Connect = Callable[[], CoalitionRecorder]


@pytest.fixture(scope="module")
def store_url(module_database_url: str) -> str:
    return migrated(module_database_url)


@pytest.fixture
def entry(store_url: str) -> Entry:
    """A new coalition's place in the directory."""
    coalition_id = prepared_id(store_url)
    return Directory(store_url).enter(coalition_id=coalition_id, slug=f"street-{coalition_id.hex[:12]}")


@pytest.fixture
def connect(store_url: str, entry: Entry) -> Iterator[Connect]:
    """Opens the log once more, each time by a connection of its own."""
    opened: list[CoalitionRecorder] = []

    def connect() -> CoalitionRecorder:
        opened.append(CoalitionRecorder(open_connection(store_url), entry.schema_name, entry.epoch))
        return opened[-1]

    yield connect
    for recorder in opened:
        recorder.connection.close()


@pytest.fixture
def log(connect: Connect) -> CoalitionRecorder:
    """The log, as the application may write it."""
    return connect()
