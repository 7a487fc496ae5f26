"""A rebuilt view has the same rows, and takes the old one's place while the network serves (DOMAIN 9.5)."""

import dataclasses
import threading
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from network.cli import rebuild as command
from network.coalitions import open_connection
from network.projections import flows, merchants
from network.projections.catalogue import NAMES, PROJECTIONS, named
from network.projections.rebuilding import RebuildFailed, rebuild
from network.projections.runner import ProjectionRunner
from network.projections.tables import View
from network.projections.tracking import progress, wait_for
from network.store.directory import Directory
from tests.projections.worlds import catch_up, contents, world


@pytest.mark.parametrize("seed", [21, 22])
def test_rebuilding_every_view_gives_the_same_rows(database_url, seed):
    with world(database_url, seed) as street:
        street.trade(300)
        catch_up(database_url, street.schema)
        before = contents(database_url, street.schema)

        with psycopg.connect(database_url, autocommit=True) as connection:
            position = rebuild(connection, street.schema)

        assert contents(database_url, street.schema) == before
        with street.opened.reading() as recorder:
            assert position == recorder.head()[0]


def test_views_rebuilt_while_everybody_trades_lose_and_double_nothing(database_url):
    with world(database_url, seed=23) as street:
        street.trade(150)
        runner = ProjectionRunner(Directory(database_url), open_connection)
        trading = threading.Event()
        trading.set()

        def trade() -> None:
            while trading.is_set():
                street.trade(5)

        trader = threading.Thread(target=trade)
        runner.start()
        trader.start()
        try:
            with psycopg.connect(database_url, autocommit=True) as connection:
                for names in (NAMES, ("balances",), ("certificates", "flows")):
                    rebuild(connection, street.schema, named(names))
        finally:
            trading.clear()
            trader.join()
        with street.opened.reading() as recorder:
            wait_for(recorder.connection, street.schema, NAMES, recorder.head()[0], timeout=60)
        runner.stop()
        served = contents(database_url, street.schema)

        with psycopg.connect(database_url, autocommit=True) as connection:
            rebuild(connection, street.schema)

        assert contents(database_url, street.schema) == served


def test_the_new_view_never_shows_less_than_the_old_one_did(settled_url):
    with world(settled_url) as street:
        catch_up(settled_url, street.schema)
        shown: list[int] = []

        def look(done: int, total: int) -> None:
            street.pay(street.merchants[0], 1_000)
            catch_up(settled_url, street.schema)
            with street.opened.reading() as recorder:
                shown.append(
                    min(one.position for one in progress(recorder.connection, street.schema) if one.projection in NAMES)
                )

        with psycopg.connect(settled_url, autocommit=True) as connection:
            rebuild(connection, street.schema, progress=look)

        assert shown == sorted(shown)
        assert len(shown) >= 2


def test_a_rebuild_that_fails_leaves_the_old_view_serving(settled_url):
    def fold(facts: Sequence[tuple[int, Any]], view: View) -> None:
        raise RuntimeError("a bug")

    with world(settled_url) as street:
        catch_up(settled_url, street.schema)
        before = contents(settled_url, street.schema)

        with psycopg.connect(settled_url, autocommit=True) as connection:
            with pytest.raises(RebuildFailed, match=r"merchants stopped: position 3, Merchant\.Applied"):
                rebuild(connection, street.schema, (dataclasses.replace(merchants.PROJECTION, fold=fold),))
            left = connection.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE '%\\_next'").fetchone()

        assert contents(settled_url, street.schema) == before
        assert left == (0,)


def test_a_stopped_view_serves_again_after_its_rebuild(settled_url):
    with world(settled_url) as street:
        street.issue(street.agreements[0])
        catch_up(settled_url, street.schema)
        before = contents(settled_url, street.schema)
        with psycopg.connect(settled_url, autocommit=True) as connection:
            connection.execute(
                f"UPDATE {street.schema}.tracking SET stopped = 'a bug', position = 5 WHERE projection = 'flows'"
            )

            rebuild(connection, street.schema, (flows.PROJECTION,))

        assert contents(settled_url, street.schema) == before


def test_one_rebuild_of_a_coalition_at_a_time(settled_url):
    with world(settled_url) as street, psycopg.connect(settled_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (f"{street.schema}.rebuild",))

        with (
            psycopg.connect(settled_url, autocommit=True) as connection,
            pytest.raises(RebuildFailed, match="another rebuild"),
        ):
            rebuild(connection, street.schema, PROJECTIONS[:1])


def test_the_command_rebuilds_the_views_it_is_told(settled_url, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("POLLEN_DATA_DIR", str(tmp_path))
    with world(settled_url) as street:
        asked = ["rebuild", "--database-url", settled_url, "--coalition", "street", "--projection", "balances"]
        monkeypatch.setattr("sys.argv", asked)

        assert command.main() == 0

        with street.opened.reading() as recorder:
            head = recorder.head()[0]
        assert f"street: 1 views speak for position {head}" in capsys.readouterr().out
