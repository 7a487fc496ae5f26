"""The expiry job ends what is due, releases its reserve, and may run as often as it likes."""

from datetime import timedelta

import pytest

from network.cli import expire as command
from network.expiry import Expiries, expire_due
from network.projections import certificates, reserves
from tests.projections.worlds import catch_up, world


@pytest.fixture
def street(settled_url):
    with world(settled_url) as made:
        yield made


def test_only_what_is_due_expires_and_its_reserve_is_released(street, settled_url):
    due, later = street.issue(street.agreements[0]), street.issue(street.agreements[1])
    catch_up(settled_url, street.schema)
    street.later(days=5)

    done = expire_due(street.opened, street.now)

    catch_up(settled_url, street.schema)
    with street.opened.reading() as recorder:
        states = [certificates.find(recorder.connection, street.schema, one).state for one in (due, later)]
        issuer_id, acceptor_id = street.agreements[0][1:]
        reserve = {(r.funder_id, r.creditor_id): r.reserved for r in reserves.all(recorder.connection, street.schema)}
    assert done == Expiries(expired=1, refused=0)
    assert states == ["expired", "active"]
    assert reserve[issuer_id, acceptor_id] == 0


def test_a_certificate_is_due_at_the_end_of_its_last_local_day_and_not_before(street, settled_url):
    certificate_id = street.issue(street.agreements[0])
    catch_up(settled_url, street.schema)
    with street.opened.reading() as recorder:
        expires_at = certificates.find(recorder.connection, street.schema, certificate_id).expires_at

    assert expire_due(street.opened, expires_at - timedelta(microseconds=1)) == Expiries(0, 0)
    assert expire_due(street.opened, expires_at) == Expiries(1, 0)


def test_a_second_run_on_a_view_that_lags_changes_nothing(street, settled_url):
    street.issue(street.agreements[0])
    catch_up(settled_url, street.schema)
    street.later(days=5)
    expire_due(street.opened, street.now)

    again = expire_due(street.opened, street.now)

    assert again == Expiries(expired=0, refused=1)
    catch_up(settled_url, street.schema)
    assert expire_due(street.opened, street.now) == Expiries(0, 0)


def test_many_are_expired_page_by_page(street, settled_url, monkeypatch):
    monkeypatch.setattr("network.expiry.AT_ONCE", 3)
    for _ in range(7):
        street.issue(street.agreements[0])
    catch_up(settled_url, street.schema)
    street.later(days=5)

    assert expire_due(street.opened, street.now) == Expiries(7, 0)


def test_the_command_expires_in_every_coalition(street, settled_url, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("POLLEN_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["expire", "--database-url", settled_url])
    street.issue(street.agreements[0])

    assert command.main() == 0

    assert capsys.readouterr().out == "street: 1 expired, 0 had ended before\n"
