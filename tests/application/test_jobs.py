"""Work that comes round for every coalition."""

from datetime import datetime
from threading import Event

from network.coalitions import OpenCoalition
from network.jobs import Job
from tests.support import HandClock, coalitions_of, found, migrated


def test_the_trouble_of_one_coalition_is_not_that_of_the_others(database_url: str) -> None:
    done: list[str] = []
    twice = Event()

    with coalitions_of(migrated(database_url)) as coalitions:
        streets = [found(coalitions, HandClock()) for _ in range(2)]
        troubled = coalitions.directory.all()[0].slug

        def work(coalition: OpenCoalition, at: datetime) -> None:
            if coalition.entry.slug == troubled:
                raise RuntimeError("a bug that only its log wakes")
            done.append(coalition.entry.slug)
            if len(done) > 1:
                twice.set()

        job = Job(coalitions, "work", work, every_seconds=0.01)
        job.start()
        went_on = twice.wait(30)
        job.stop()

    assert went_on, "the second coalition's work was done, round after round"
    assert set(done) == {street.opened.entry.slug for street in streets} - {troubled}
    assert not job.is_alive
