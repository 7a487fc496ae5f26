"""A backup is worth what comes back from it: the drill of docs/operators.md, into another database."""

import subprocess

import psycopg

from network.application import Request
from network.audit import audit
from network.coalitions import Coalitions
from network.store.cluster import programs
from network.store.migrations import migrate_all
from tests.databases import fresh_database
from tests.projections.worlds import MASTER_KEY, catch_up, world


def test_a_coalition_that_was_restored_is_sound_and_goes_on(database_url, server_url, tmp_path):
    dump = tmp_path / "pollen.dump"
    with world(database_url, seed=61) as street:
        street.trade(120)
        catch_up(database_url, street.schema)
        with street.opened.reading() as recorder:
            noted = recorder.head()
        subprocess.run([programs() / "pg_dump", "-Fc", "-f", dump, database_url], check=True)
        slug, merchant_id, now = street.opened.entry.slug, street.merchants[0], street.now

    with fresh_database(server_url) as elsewhere:
        subprocess.run([programs() / "pg_restore", "--exit-on-error", "-d", elsewhere, dump], check=True)
        migrate_all(elsewhere)
        coalitions = Coalitions(elsewhere, MASTER_KEY, clock=lambda: now)
        opened = coalitions.open(slug)
        paid = opened.application.record_payment(
            request=Request("till", "the first after it", b"bill"),
            merchant_id=merchant_id,
            bill_reference="after it",
            amount=2_400,
            currency="EUR",
            customer_id=None,
        ).result(30)
        coalitions.close()
        catch_up(elsewhere, opened.schema)
        with psycopg.connect(elsewhere, autocommit=True) as connection:
            report = audit(connection, opened.schema, expected=noted)

    assert not paid.refused
    assert report.findings == []
    assert report.position == noted[0] + 1
    assert report.certificates > 10
