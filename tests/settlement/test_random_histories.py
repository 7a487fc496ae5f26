"""Random histories, cut at random: each posting in one window, each statement a replay of the events it covers."""

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import psycopg
import pytest

from network.projections import statement_lines
from network.projections.batches import Follower
from network.projections.rebuilding import rebuild
from network.settlement.closing import cut_window
from tests.projections.worlds import World, catch_up, contents, settled, world
from tests.settlement.ground import emptied
from tests.settlement.histories import WINDOWS, check_history, live_through
from tests.settlement.streets import statements
from tests.written import as_csv, as_json

FIRST, HISTORIES = int(os.environ.get("POLLEN_SEED", "1000")), int(os.environ.get("POLLEN_HISTORIES", "20"))


@pytest.fixture
def street(module_database_url: str, seed: int) -> Iterator[World]:
    """A new street on the ground of the last one: making tables takes longer than emptying them."""
    with settled(module_database_url, Random(seed), "street", emptied(module_database_url)) as street:
        yield street


@pytest.mark.parametrize("seed", [71, 72, 73])
def test_every_posting_is_in_one_window_and_every_statement_is_a_replay(street: World, seed: int) -> None:
    live_through(street)

    check_history(street)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(FIRST, FIRST + HISTORIES))
def test_so_it_is_in_as_many_histories_as_one_has_time_for(street: World, seed: int) -> None:
    live_through(street)

    check_history(street)


def test_the_same_window_gives_the_same_bytes_after_a_rebuild_and_another_cut(database_url: str) -> None:
    with world(database_url, seed=74) as street:
        live_through(street)
        before, rows = bytes_of(street), contents(database_url, street.schema)

        with psycopg.connect(database_url, autocommit=True) as connection:
            rebuild(connection, street.schema)

        assert contents(database_url, street.schema) == rows
        cut_window(street.opened, WINDOWS + 1).facts()
        street.trade(30)
        catch_up(database_url, street.schema)
        assert bytes_of(street) == before
        assert len(before) > 10


def bytes_of(street: World) -> list[bytes]:
    return [
        write(statement)
        for number in range(1, WINDOWS + 1)
        for statement in statements(street.opened, number).values()
        for write in (as_json, as_csv)
    ]


def test_views_that_stand_elsewhere_give_the_same_rows(database_url: str) -> None:
    """A cut in the middle of a batch, or between two batches, divides the postings alike."""
    with world(database_url, seed=75) as street:
        live_through(street)
        rows = contents(database_url, street.schema)
        at_once = statement_lines.PROJECTION

        with psycopg.connect(database_url, autocommit=True) as connection:
            for batch_events in (1, 7):
                refold(connection, street, at_once, batch_events)

                again = contents(database_url, street.schema)
                assert {t.name: again[t.name] for t in at_once.tables} == {t.name: rows[t.name] for t in at_once.tables}


def refold(connection: psycopg.Connection, street: World, projection: Any, batch_events: int) -> None:
    names = ", ".join(f"{street.schema}.{table.name}" for table in projection.tables)
    connection.execute(f"TRUNCATE {names}".encode())
    connection.execute(
        f"UPDATE {street.schema}.tracking SET position = 0 WHERE projection = '{projection.name}'".encode()
    )
    follower = Follower(connection, street.schema, (projection,), batch_events=batch_events)
    while follower.step():
        pass
