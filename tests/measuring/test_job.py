"""When effects are measured: as soon as the views are there, and then every hour."""

from datetime import datetime, timedelta

from psycopg import Connection

from network.coalitions import open_connection
from network.measuring.job import MeasuringJob
from network.measuring.keeping import VIEWS
from network.projections.batches import Follower
from network.projections.catalogue import named
from tests.measuring.street import Drawing, drawing
from tests.support import coalitions_of


def test_half_a_history_is_not_measured_and_what_is_there_is_measured_every_hour(database_url: str) -> None:
    with drawing(database_url) as made, coalitions_of(database_url, clock=made.street.clock) as coalitions:
        job = MeasuringJob(coalitions, patience_seconds=0.05)
        with open_connection(database_url) as connection:
            seen = []
            for views_are_there, minutes in [(False, 0), (True, 5), (True, 59), (True, 1)]:
                made.draw(made.guests(2))
                if views_are_there:
                    follow(made, connection)
                made.street.clock.move(minutes=minutes)
                job.run_once()
                seen.append(measured_at(made, connection))
            made.draw(made.guests(2))
            for minutes in (100, 19, 1):
                made.street.clock.move(minutes=minutes)
                job.run_once()
                seen.append(measured_at(made, connection))

    first = seen[1]
    assert first is not None
    assert seen[:4] == [None, first, first, first + timedelta(hours=1)]
    waited = "views that are behind are waited for, but no longer than an hour"
    assert seen[4:] == [seen[3], seen[3], first + timedelta(hours=3)], waited


def follow(made: Drawing, connection: Connection) -> None:
    follower = Follower(connection, made.street.opened.schema, named(VIEWS))
    while follower.step():
        pass


def measured_at(made: Drawing, connection: Connection) -> datetime | None:
    row = connection.execute(f"SELECT max(measured_at) FROM {made.street.opened.schema}.measured_documents").fetchone()
    return row[0] if row else None
