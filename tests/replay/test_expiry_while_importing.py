"""The clock of today does not end what a file of the past still redeems."""

from datetime import UTC, datetime

from network.expiry import ExpiryJob
from network.projections.batches import Follower
from network.projections.certificates import due
from network.store.migrations import migrate_all
from tests.support import HandClock, coalitions_of, found


def test_the_expiry_job_leaves_a_coalition_alone_while_its_past_is_imported(database_url: str) -> None:
    migrate_all(database_url)
    clock = HandClock()
    with coalitions_of(database_url, clock) as coalitions:
        street = found(coalitions, clock)
        salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
        street.issued(salon, street.agreement(salon, restaurant))
        clock.move(days=400)
        with street.opened.readers.connection() as connection:
            while Follower(connection, street.opened.schema).step():
                pass
        coalitions.directory.mark_importing(street.opened.coalition_id, importing=True)

        ExpiryJob(coalitions).run_once()

        assert "Certificate.Expired" not in street.topics()
        coalitions.directory.mark_importing(street.opened.coalition_id, importing=False)
        ExpiryJob(coalitions).run_once()
        assert "Certificate.Expired" in street.topics()
        with street.opened.readers.connection() as connection:
            assert due(connection, street.opened.schema, datetime(2000, 1, 1, tzinfo=UTC)) == []
