"""A connection that is lost at the worst moment: nothing is written twice, and nothing is answered wrongly."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from network import coalitions as opening
from network.coalitions import Coalitions
from tests.databases import fresh_database, prepared_template
from tests.support import HandClock, Neighbourhood, coalitions_of, found, migrated, rows


class Line:
    """What the next appends meet: each entry is `before` or `after` the commit, or `fine`."""

    def __init__(self) -> None:
        self.losses: list[str] = []
        self.appends = 0
        self.down = False


@pytest.fixture(scope="module")
def line() -> Line:
    return Line()


@pytest.fixture(scope="module")
def unreliable(module_database_url: str, clock: HandClock, line: Line) -> Iterator[Coalitions]:
    """Coalitions whose connections break as the line says."""

    class Breaking(psycopg.Connection[Any]):
        def execute(self, query: Any, *args: Any, **options: Any) -> Any:
            appending = b".append(" in _text(query, self) or b'"."append' in _text(query, self)
            loss = line.losses.pop(0) if appending and line.losses else "fine"
            line.appends += appending
            if loss == "before":
                self._break()
            answer = super().execute(query, *args, **options)
            if loss == "after":
                self._break()
            return answer

        def _break(self) -> None:
            rows(module_database_url, "SELECT pg_terminate_backend(%s, 5000)", self.info.backend_pid)
            super().execute("SELECT 1")  # raises what a client sees of a lost connection

    def open_breaking(database_url: str, *, timeout: str = "10s") -> psycopg.Connection[Any]:
        if line.down:
            raise psycopg.OperationalError("nobody listens there")
        connection = Breaking.connect(database_url, autocommit=True)
        opening._configure(connection, timeout)
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "open_connection", open_breaking)
        with coalitions_of(migrated(module_database_url), clock) as coalitions:
            yield coalitions


def _text(query: Any, connection: Any) -> bytes:
    return query if isinstance(query, bytes) else query.as_bytes(connection) if hasattr(query, "as_bytes") else b""


@contextmanager
def losing(line: Line, *losses: str) -> Iterator[None]:
    line.losses[:] = losses
    line.appends = 0
    yield
    assert line.losses == [], "the test lost every connection that it meant to lose"


@pytest.fixture
def fragile(unreliable: Coalitions, clock: HandClock) -> Neighbourhood:
    return found(unreliable, clock)


@pytest.mark.parametrize("losses", [("after",), ("before",), ("before", "after")])
def test_a_redemption_whose_reply_was_lost_is_answered_once_it_is_found(
    fragile: Neighbourhood, line: Line, losses: tuple[str, ...]
) -> None:
    salon, restaurant = fragile.merchant("Salon"), fragile.merchant("Restaurant")
    certificate_id = fragile.issued(salon, fragile.agreement(salon, restaurant))
    details = fragile.redemption(certificate_id, restaurant)
    position = fragile.head()

    with losing(line, *losses):
        answer = fragile.answer("redeem_certificate", key="k", **details)

    assert (answer.facts()["deducted"], answer.position) == (500, position + 2)
    assert fragile.topics(position) == ["Certificate.Redeemed", "Payment.Announced"]
    assert fragile.answer("redeem_certificate", key="k", **details).body == answer.body


def test_a_whole_batch_is_found_again_refusals_and_all(fragile: Neighbourhood, line: Line) -> None:
    salon, restaurant = fragile.merchant("Salon"), fragile.merchant("Restaurant")
    certificate_id = fragile.issued(salon, fragile.agreement(salon, restaurant))
    uses = [fragile.redemption(certificate_id, restaurant) for _ in range(5)]
    position = fragile.head()

    with losing(line, "fine", "after"):
        with fragile.one_batch():
            asked = [fragile.ask("redeem_certificate", **use) for use in uses]
        answers = [one.result(20) for one in asked]

    assert [answer.refused for answer in answers] == [False, True, True, True, True]
    assert fragile.topics(position) == ["Certificate.Redeemed", "Payment.Announced"]


def test_an_outage_is_an_error_and_the_same_key_goes_on_after_it(fragile: Neighbourhood, line: Line) -> None:
    wallet_id = uuid4()
    position = fragile.head()

    with losing(line, "after"):
        line.down = True
        asked = fragile.ask("open_wallet", key="k", wallet_id=wallet_id)
        with pytest.raises(psycopg.OperationalError):
            asked.result(30)
    line.down = False

    assert fragile.do("open_wallet", key="k", wallet_id=wallet_id) == {"wallet_id": str(wallet_id)}
    assert fragile.topics(position) == ["Wallet.Opened"]


def test_a_connection_that_died_in_the_night_is_replaced(clock: HandClock, server_url: str) -> None:
    prepared = prepared_template(server_url)
    with fresh_database(server_url, prepared) as database_url, coalitions_of(database_url, clock) as coalitions:
        street = found(coalitions, clock)
        street.wallet()

        rows(
            database_url,
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle'",
        )

        assert street.do("open_wallet", wallet_id=uuid4())
