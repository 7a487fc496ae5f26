"""An honest log is sound: the naive fold agrees with the network on random histories, to the last unit."""

import ast
from pathlib import Path

import psycopg
import pytest

import network.audit
from network.audit import audit
from network.audit.compare import VIEWS
from network.audit.fold import READERS
from network.coalitions import open_connection
from network.projections.batches import Follower
from network.projections.catalogue import named
from network.projections.rebuilding import rebuild
from network.store.mapper import topics
from tests.projections.worlds import catch_up, world


@pytest.mark.parametrize("seed", [41, 42, 43])
def test_a_random_history_is_sound(database_url, seed):
    with world(database_url, seed) as street:
        street.trade(400)
        catch_up(database_url, street.schema)

        with psycopg.connect(database_url, autocommit=True) as connection:
            report = audit(connection, street.schema)

        with street.opened.reading() as recorder:
            position, head = recorder.head()
    assert report.findings == []
    assert report.sound
    assert (report.position, report.head, report.events) == (position, head.hex(), position)
    assert report.views == dict.fromkeys(VIEWS, position)
    assert report.certificates > 30


def test_the_auditor_reads_every_event_that_there_is():
    assert topics().keys() - READERS.keys() == set()


def test_each_view_is_compared_at_the_position_it_has_reached(database_url):
    with world(database_url, seed=44) as street:
        street.trade(200)
        with open_connection(database_url) as connection:
            Follower(connection, street.schema, named(("balances", "flows")), batch_events=90).step()
            Follower(connection, street.schema, named(("certificates",)), batch_events=120).step()

        with psycopg.connect(database_url, autocommit=True) as connection:
            report = audit(connection, street.schema)

    assert report.findings == []
    assert (report.views["flows"], report.views["certificates"], report.views["payments"]) == (90, 120, 0)


def test_an_audit_of_one_instant_is_sound_while_a_view_is_rebuilt(database_url):
    with world(database_url, seed=45) as street:
        street.trade(100)
        catch_up(database_url, street.schema)
        with (
            psycopg.connect(database_url, autocommit=True) as owner,
            psycopg.connect(database_url, autocommit=True) as other,
        ):
            sound = []

            rebuild(owner, street.schema, progress=lambda done, total: sound.append(audit(other, street.schema).sound))

    assert len(sound) >= 2
    assert all(sound)


def test_a_log_without_views_can_be_audited(settled_url):
    with world(settled_url) as street, psycopg.connect(settled_url, autocommit=True) as connection:
        connection.execute(f"DROP TABLE {street.schema}.balances")

        report = audit(connection, street.schema)

    assert report.findings == []
    assert report.notes == ["the view balances does not exist"]


def test_the_auditor_imports_no_projection_and_no_aggregate():
    package = Path(network.audit.__file__).parent
    imported = {
        name
        for file in package.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }

    assert {name for name in imported if name.startswith("network") and not name.startswith("network.audit")} == set()
