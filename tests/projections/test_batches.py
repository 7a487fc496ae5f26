"""Batches reach the same rows however they are cut, interrupted or fought over, and never skip an event."""

import dataclasses
import threading
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from psycopg import sql

from network.coalitions import open_connection
from network.projections import balances, certificates
from network.projections.batches import Follower, Overtaken
from network.projections.catalogue import NAMES, PROJECTIONS
from network.projections.projection import Projection
from network.projections.schema import create_views, drop_tables
from network.projections.tables import View
from network.projections.tracking import progress
from tests.projections.worlds import World, catch_up, contents, world


@pytest.fixture(scope="module")
def traded(module_database_url):
    with world(module_database_url, seed=11) as street:
        street.trade(300)
        yield street


@pytest.fixture
def fresh(traded, module_database_url):
    """The views of that history, empty."""
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        for projection in PROJECTIONS:
            drop_tables(connection, traded.schema, projection)
        create_views(connection, traded.schema)
    return module_database_url


@pytest.fixture(scope="module")
def whole(traded, module_database_url):
    """The contents when nothing disturbs."""
    catch_up(module_database_url, traded.schema)
    return contents(module_database_url, traded.schema)


@pytest.mark.parametrize("batch_events", [1, 7, 10_000])
def test_any_cut_into_batches_gives_the_same_rows(whole, fresh, traded, batch_events):
    with open_connection(fresh) as connection:
        follower = Follower(connection, traded.schema, batch_events=batch_events)

        while follower.step():
            pass

    assert contents(fresh, traded.schema) == whole


def test_a_view_killed_between_batches_or_within_one_goes_on_exactly(whole, fresh, traded):
    for _ in range(5):
        with open_connection(fresh) as connection:
            Follower(connection, traded.schema, batch_events=20).step()
    with open_connection(fresh) as doomed:
        follower = Follower(doomed, traded.schema, (_killing(balances.PROJECTION, doomed),), batch_events=200)
        with pytest.raises(psycopg.OperationalError):
            follower.step()

    catch_up(fresh, traded.schema)

    assert contents(fresh, traded.schema) == whole


def test_two_followers_at_once_do_not_double(whole, fresh, traded):
    def follow() -> None:
        with open_connection(fresh) as connection:
            follower = Follower(connection, traded.schema, batch_events=3)
            while any(place.position < head for places, head in [follower.places()] for place in places):
                follower.step()

    threads = [threading.Thread(target=follow) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert contents(fresh, traded.schema) == whole


def test_a_batch_read_at_an_old_position_is_not_applied(whole, fresh, traded):
    with open_connection(fresh) as connection:
        slow = Follower(connection, traded.schema, batch_events=50)
        events = slow._events(0, 50)
        catch_up(fresh, traded.schema)

        with pytest.raises(Overtaken):
            slow._advance(PROJECTIONS, 0, events)

    assert contents(fresh, traded.schema) == whole


def test_views_at_different_positions_come_together(whole, fresh, traded):
    with open_connection(fresh) as connection:
        Follower(connection, traded.schema, PROJECTIONS[:3], batch_events=77).step()
        Follower(connection, traded.schema, PROJECTIONS[3:5], batch_events=13).step()

    catch_up(fresh, traded.schema)

    assert contents(fresh, traded.schema) == whole


def test_a_poison_event_stops_its_own_view_right_before_it_and_no_other(whole, fresh, traded, caplog):
    poisoned = _third_issue(fresh, traded)
    broken = _failing_at(certificates.PROJECTION, poisoned)
    views = tuple(broken if one.name == "certificates" else one for one in PROJECTIONS)

    with open_connection(fresh) as connection:
        follower = Follower(connection, traded.schema, views)
        for _ in range(3):
            follower.step()
        tracked = {one.projection: one for one in progress(connection, traded.schema)}

    assert tracked["certificates"].position == poisoned - 1
    assert f"position {poisoned}, Certificate.Issued: RuntimeError: a bug" in str(tracked["certificates"].stopped)
    assert len(contents(fresh, traded.schema)["certificates"]) == 2
    assert {one.stopped for name, one in tracked.items() if name != "certificates"} == {None}
    assert {one.behind for name, one in tracked.items() if name != "certificates"} == {0}
    assert "projection_stopped" in caplog.text


def test_a_mended_view_goes_on_where_it_stopped_when_a_server_starts_again(whole, fresh, traded):
    broken = _failing_at(certificates.PROJECTION, _third_issue(fresh, traded))
    with open_connection(fresh) as connection:
        Follower(connection, traded.schema, (broken,)).step()
        mended = Follower(connection, traded.schema)
        mended.step()
        assert progress(connection, traded.schema)[NAMES.index("certificates")].stopped

        mended.resume()
        while mended.step():
            pass

    assert contents(fresh, traded.schema) == whole


def test_an_event_that_this_version_does_not_know_is_passed_by_no_view(settled_url):
    with world(settled_url) as street:
        catch_up(settled_url, street.schema)
        before = contents(settled_url, street.schema)
        before.pop("tracking")
        _append_by_hand(settled_url, street, "Comet.Seen")
        street.pay(street.merchants[0], 1_000)

        with open_connection(settled_url) as connection:
            follower = Follower(connection, street.schema)
            follower.step()
            follower.step()
            tracked = progress(connection, street.schema)

        assert {one.behind for one in tracked} == {2}
        assert all("Comet.Seen" in str(one.stopped) for one in tracked)
        after = contents(settled_url, street.schema)
        assert {name: after[name] for name in before} == before


def test_a_view_of_another_shape_is_emptied_and_folded_anew(whole, fresh, traded):
    catch_up(fresh, traded.schema)
    newer = dataclasses.replace(balances.PROJECTION, version=99)
    with psycopg.connect(fresh, autocommit=True) as connection:
        create_views(connection, traded.schema, (newer,))
        emptied = {one.projection: one.position for one in progress(connection, traded.schema)}
        create_views(connection, traded.schema)

    catch_up(fresh, traded.schema)

    assert emptied["balances"] == 0
    assert emptied["certificates"] > 0
    assert contents(fresh, traded.schema) == whole


def _failing_at(projection: Projection, position: int) -> Projection:
    def fold(facts: Sequence[tuple[int, Any]], view: View) -> None:
        if any(each == position for each, _ in facts):
            raise RuntimeError("a bug")
        projection.fold(facts, view)

    return dataclasses.replace(projection, fold=fold)


def _killing(projection: Projection, connection: psycopg.Connection) -> Projection:
    """A fold whose server process dies after the rows are written and before the commit."""

    def fold(facts: Sequence[tuple[int, Any]], view: View) -> None:
        projection.fold(facts, view)
        connection.execute("RESET ROLE")
        connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    return dataclasses.replace(projection, fold=fold)


def _third_issue(url: str, street: World) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            sql.SQL(
                "SELECT position FROM {} WHERE topic = 'Certificate.Issued' ORDER BY position OFFSET 2 LIMIT 1"
            ).format(sql.Identifier(street.schema, "events"))
        ).fetchone()
    assert row
    return int(row[0])


def _append_by_hand(url: str, street: World, topic: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            sql.SQL(
                "WITH h AS (UPDATE {h} SET position = position + 1 RETURNING position)"
                " INSERT INTO {e} SELECT position, gen_random_uuid(), 1, %s, '{{}}', '' FROM h"
            ).format(h=sql.Identifier(street.schema, "head"), e=sql.Identifier(street.schema, "events")),
            (topic,),
        )
