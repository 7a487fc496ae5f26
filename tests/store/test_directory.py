"""Which coalitions there are, and that each lives apart from the others."""

import threading
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from network.coalitions import open_connection
from network.domain.errors import CoalitionNotFound
from network.store.directory import CoalitionConflict, Directory, Entry
from network.store.migrations import migrate_all
from network.store.recorder import CoalitionRecorder
from tests.store.test_append import batch, event, moves
from tests.support import rows

SHAPE = (
    "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns"
    " WHERE table_schema LIKE 'coalition%' OR table_schema = 'pollen' ORDER BY 1, 2, 3"
)


def test_a_coalition_gets_the_next_number_and_a_schema(store_url: str) -> None:
    directory = Directory(store_url)
    numbers = [entry.number for entry in directory.all()]
    coalition_id = uuid4()

    entry = directory.enter(coalition_id=coalition_id, slug=f"new-{coalition_id.hex[:8]}")

    assert (entry.number, entry.epoch) == (max(numbers, default=0) + 1, 1)
    assert directory.find(entry.slug) == entry
    assert rows(store_url, f"SELECT position, epoch, frozen FROM {entry.schema_name}.head") == [(0, 1, False)]


def test_the_same_again_changes_nothing(store_url: str, entry: Entry) -> None:
    assert Directory(store_url).enter(coalition_id=entry.coalition_id, slug=entry.slug) == entry


@pytest.mark.parametrize("what", ["slug", "coalition_id"])
def test_a_taken_name_or_id_is_a_conflict(store_url: str, entry: Entry, what: str) -> None:
    asked: dict[str, Any] = {"coalition_id": uuid4(), "slug": "another-name"} | {what: getattr(entry, what)}

    with pytest.raises(CoalitionConflict):
        Directory(store_url).enter(**asked)

    assert "another-name" not in [one.slug for one in Directory(store_url).all()]


def test_an_unknown_name_is_not_found(store_url: str) -> None:
    with pytest.raises(CoalitionNotFound):
        Directory(store_url).find("nowhere")


def test_processes_that_enter_one_coalition_at_once_make_one(store_url: str) -> None:
    coalition_id, entries = uuid4(), []

    def enter() -> None:
        entries.append(Directory(store_url).enter(coalition_id=coalition_id, slug=f"once-{coalition_id.hex[:8]}"))

    threads = [threading.Thread(target=enter) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(entries) == 3
    assert {entry.number for entry in entries} == {entries[0].number}


def test_migrating_again_changes_nothing(store_url: str, entry: Entry) -> None:
    shape, applied = rows(store_url, SHAPE), rows(store_url, f"SELECT * FROM {entry.schema_name}.migrations")

    migrate_all(store_url)

    assert rows(store_url, SHAPE) == shape
    assert rows(store_url, f"SELECT * FROM {entry.schema_name}.migrations") == applied
    assert len(applied) >= 2


def test_two_migrations_at_once_do_no_harm(store_url: str) -> None:
    failed: list[Exception] = []

    def migrate() -> None:
        try:
            migrate_all(store_url)
        except psycopg.Error as error:
            failed.append(error)

    threads = [threading.Thread(target=migrate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []


def test_two_coalitions_share_nothing(store_url: str) -> None:
    logs = []
    for _ in range(2):
        coalition_id = uuid4()
        entry = Directory(store_url).enter(coalition_id=coalition_id, slug=f"apart-{coalition_id.hex[:8]}")
        logs.append(CoalitionRecorder(open_connection(store_url), entry.schema_name, entry.epoch))
    one, other = logs
    stream = uuid4()
    try:
        one.append(batch(event(uuid4(), 1), caps={"customer": 0}))

        starts = [log.append(batch(event(stream, 1), key="the same")) for log in logs]

        assert starts == [1, 0]
        assert one.append(batch(event(uuid4(), 1), **moves("customer", guarded=1))) is None
        assert other.append(batch(event(uuid4(), 1), **moves("customer", guarded=1))) == 1
        assert [log.head()[0] for log in logs] == [2, 2]
        assert one.head()[1] != other.head()[1]
    finally:
        for log in logs:
            log.connection.close()
