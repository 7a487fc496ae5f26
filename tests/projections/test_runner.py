"""The runner keeps every coalition's views up, so that who writes can read it."""

import threading
import time

import psycopg
import pytest

from network.coalitions import open_connection
from network.projections import balances, certificates, payments
from network.projections.catalogue import NAMES, PROJECTIONS
from network.projections.runner import ProjectionRunner
from network.projections.schema import create_views, drop_tables
from network.projections.tracking import ViewBehind, at_one_position, position_of, wait_for
from network.store.directory import Directory
from tests.projections.worlds import World, catch_up, contents, world


@pytest.fixture
def street(settled_url):
    with world(settled_url) as made:
        yield made


@pytest.fixture
def runner(settled_url, street):
    made = ProjectionRunner(Directory(settled_url), open_connection)
    street.coalitions._appended = made.appended
    made.start()
    yield made
    made.stop()


def test_a_writer_reads_what_it_wrote(street, runner):
    for amount in range(1, 30):
        payment_id = street.pay(street.merchants[0], amount)
        with street.opened.reading() as recorder:
            head = recorder.head()[0]

            reached = wait_for(recorder.connection, street.schema, ("payments",), head, timeout=60)

            row = payments.find(recorder.connection, street.schema, payment_id)
        assert reached >= head
        assert row is not None
        assert row.amount == amount


def test_a_reader_that_waits_in_vain_is_told_how_far_the_view_is(street):
    with street.opened.reading() as recorder, pytest.raises(ViewBehind) as behind:
        wait_for(recorder.connection, street.schema, NAMES, 5, timeout=0.03)

    assert (behind.value.reached, behind.value.position, behind.value.stopped) == (0, 5, None)


def test_nobody_waits_for_a_view_that_is_stopped(street):
    with street.opened.reading() as recorder:
        recorder.connection.execute(f"UPDATE {street.schema}.tracking SET stopped = 'a bug' WHERE projection = 'flows'")
        began = time.monotonic()

        with pytest.raises(ViewBehind) as behind:
            wait_for(recorder.connection, street.schema, ("flows", "payments"), 5, timeout=10)

    assert behind.value.stopped == "a bug"
    assert time.monotonic() - began < 5


def test_what_is_read_at_one_position_is_of_one_instant(street, runner):
    agreement = street.agreements[0]
    with street.opened.reading() as recorder:
        wait_for(recorder.connection, street.schema, NAMES, recorder.head()[0], timeout=60)
        with at_one_position(recorder.connection, street.schema, NAMES) as position:
            before = certificates.of_merchant(recorder.connection, street.schema, agreement[1])
            street.issue(agreement)
            with open_connection(street.coalitions.database_url) as other:
                wait_for(other, street.schema, NAMES, position + 3, timeout=60)

            after = certificates.of_merchant(recorder.connection, street.schema, agreement[1])
            still = position_of(recorder.connection, street.schema, NAMES)

    assert (after, still) == (before, position)


def test_a_coalition_founded_later_is_followed_too(street, runner):
    other = street.coalitions.found(
        coalition_id=street.id(), slug="later", name="Later", currency="EUR", time_zone="Europe/Riga"
    )

    with other.reading() as recorder:
        assert wait_for(recorder.connection, other.schema, NAMES, 1, timeout=60) == 1


def test_views_go_on_after_the_connection_is_lost(street, runner, settled_url):
    with street.opened.reading() as recorder:
        wait_for(recorder.connection, street.schema, NAMES, recorder.head()[0], timeout=60)
    with psycopg.connect(settled_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )

    street.pay(street.merchants[0], 1)

    with street.opened.reading() as recorder:
        assert wait_for(recorder.connection, street.schema, NAMES, recorder.head()[0], timeout=60)


def test_a_second_server_takes_over_when_the_first_ends(street, runner, settled_url):
    second = ProjectionRunner(Directory(settled_url), open_connection)
    second.start()
    runner.stop()
    street.pay(street.merchants[0], 1)

    with street.opened.reading() as recorder:
        assert wait_for(recorder.connection, street.schema, NAMES, recorder.head()[0], timeout=60)
    second.stop()


def test_two_leaders_at_once_do_not_double(street, settled_url):
    """As after a failover that left the old leader alive: neither sees the other's lock."""
    runners = [_Careless(Directory(settled_url), open_connection) for _ in range(2)]
    for each in runners:
        each.start()
    street.trade(150)
    with street.opened.reading() as recorder:
        wait_for(recorder.connection, street.schema, NAMES, recorder.head()[0], timeout=60)
    for each in runners:
        each.stop()
    fought = contents(settled_url, street.schema)

    _empty(settled_url, street)
    catch_up(settled_url, street.schema)

    assert contents(settled_url, street.schema) == fought
    with street.opened.reading() as recorder:
        assert sum(row.net for row in balances.all(recorder.connection, street.schema)) == 0


def test_the_runner_ends_cleanly(street, settled_url):
    runner = ProjectionRunner(Directory(settled_url), open_connection)
    runner.start()
    assert runner.is_alive

    runner.stop()
    runner.stop()

    assert not runner.is_alive
    assert "projections" not in {thread.name for thread in threading.enumerate()}


class _Careless(ProjectionRunner):
    """Leads without asking, because its lock is another one."""

    def _lead(self, entry):
        connection = self._connection(self._url(entry))
        real = connection.execute
        connection.execute = lambda query, *rest: real(  # type: ignore[method-assign]
            "SELECT true" if "advisory" in str(query) else query, *([] if "advisory" in str(query) else rest)
        )
        try:
            return super()._lead(entry)
        finally:
            del connection.execute  # type: ignore[method-assign]


def _empty(settled_url: str, street: World) -> None:
    with psycopg.connect(settled_url, autocommit=True) as connection:
        for projection in PROJECTIONS:
            drop_tables(connection, street.schema, projection)
        create_views(connection, street.schema)


def test_a_reader_of_one_instant_who_meets_a_swap_sees_all_of_the_new_view(street, settled_url):
    """A snapshot from before the swap would find the new table and not its rows."""
    seen: list[int] = []

    def read() -> None:
        with open_connection(settled_url) as connection, at_one_position(connection, street.schema, NAMES) as position:
            seen.append(position)

    with psycopg.connect(settled_url) as swapping:
        swapping.execute(f"LOCK TABLE {street.schema}.flows IN ACCESS EXCLUSIVE MODE")
        reader = threading.Thread(target=read)
        reader.start()
        time.sleep(0.3)
        swapping.execute(f"UPDATE {street.schema}.tracking SET position = 7")
        swapping.commit()
        reader.join()

    assert seen == [7]
