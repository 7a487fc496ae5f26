"""The next batch is decided on top of the one that is being appended, and on guesses that the append checks."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from network.application import Request
from network.domain.errors import BillAlreadyPaid, InsufficientBalance
from network.domain.terms import FaceValue, Terms
from network.unit import Unit
from tests.support import Neighbourhood, coalitions_of

IN_PARTS = Terms(face=FaceValue(fixed=500), partial_redemption=True)


@pytest.fixture
def rival(module_database_url: str, street: Neighbourhood) -> Iterator[Neighbourhood]:
    """Another process's view of the same coalition."""
    with coalitions_of(module_database_url, street.clock) as others:
        yield Neighbourhood(others.open(street.opened.entry.slug), street.clock)


@contextmanager
def slow_database(database_url: str, street: Neighbourhood) -> Iterator[None]:
    """Inside the block no append comes to an end."""
    with psycopg.connect(database_url) as connection:
        connection.execute(
            sql.SQL("UPDATE {}.head SET position = position").format(sql.Identifier(street.opened.schema))
        )
        yield


def until_an_append_waits(database_url: str) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%append(%'"
    with psycopg.connect(database_url, autocommit=True) as connection:
        for _ in range(1_000):
            if connection.execute(waiting).fetchone() != (0,):
                return
            time.sleep(0.01)
    raise AssertionError("no append waits for the head row")


def test_commands_are_decided_while_the_database_appends(street: Neighbourhood, module_database_url: str) -> None:
    decided = threading.Event()

    def decide(unit: Unit) -> dict[str, Any]:
        decided.set()
        return {}

    street.wallet()
    with slow_database(module_database_url, street):
        first = street.ask("open_wallet", wallet_id=uuid4())
        until_an_append_waits(module_database_url)
        second = street.application.committer.submit(Request("test", str(uuid4()), b""), decide)
        assert decided.wait(10)
        assert not first.done()
        assert not second.done()

    assert first.result(10).position < second.result(10).position + 1


def test_what_was_decided_on_top_of_a_stale_batch_is_decided_again(
    street: Neighbourhood, rival: Neighbourhood, module_database_url: str
) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    certificate_id = street.issued(salon, street.agreement(salon, restaurant, IN_PARTS))
    rival.redeem(certificate_id, restaurant, amount=100)

    with slow_database(module_database_url, street):
        too_much = street.ask("redeem_certificate", **street.redemption(certificate_id, restaurant, amount=450))
        until_an_append_waits(module_database_url)
        little = street.ask("redeem_certificate", **street.redemption(certificate_id, restaurant, amount=60))
        time.sleep(0.1)

    with pytest.raises(InsufficientBalance):
        too_much.result(10).facts()
    assert little.result(10).facts()["outstanding"] == 500 - 100 - 60


def test_a_bill_that_another_process_recorded_is_not_taken_for_new(street: Neighbourhood, rival: Neighbourhood) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    certificate_id = street.issued(salon, street.agreement(salon, restaurant))
    reference = f"till-{uuid4()}"
    rival.do(
        "record_payment", merchant_id=restaurant, bill_reference=reference, amount=700, currency="EUR", customer_id=None
    )

    with pytest.raises(BillAlreadyPaid):
        street.redeem(certificate_id, restaurant, bill_reference=reference, bill=1_800)


def test_what_another_process_changed_is_seen_though_it_was_remembered(
    street: Neighbourhood, rival: Neighbourhood
) -> None:
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    certificate_id = street.issued(salon, street.agreement(salon, restaurant, IN_PARTS))
    rival.redeem(certificate_id, restaurant, amount=100)
    street.wallet()  # an append of this process that looks at nothing the other one changed
    street.wallet()

    left = street.redeem(certificate_id, restaurant, amount=60)["outstanding"]

    assert left == 500 - 100 - 60
