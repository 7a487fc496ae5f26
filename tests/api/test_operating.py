"""Health, figures, and what happens when the database is away."""

import logging
from collections.abc import Iterator

import psycopg
import pytest

from tests.api.street import Server, Street, serving


@pytest.fixture
def server(database_url: str) -> Iterator[Server]:
    with serving(database_url) as running:
        yield running


@pytest.fixture
def street(server: Server) -> Iterator[Street]:
    founded = Street.found(server, "street")
    yield founded
    founded.http.close()


def test_figures_name_routes_and_never_ids(street: Street) -> None:
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=street.paper()["token"]))
    street.call("GET", f"/v1/agreements/{street.agreement_id}", street.salon.owner)

    text = street.http.get("/metrics").text

    assert 'pollen_requests_total{method="POST",route="/v1/redemptions",status="200"} 1.0' in text
    assert 'route="/v1/agreements/{agreement_id}"' in text
    assert "pollen_command_seconds_count" in text
    assert 'pollen_projection_lag_events{coalition="street",projection="obligations"}' in text
    assert street.agreement_id not in text
    assert street.salon.id not in text


def test_ready_means_every_view_runs(street: Street, database_url: str) -> None:
    ready = street.http.get("/readyz")
    coalition = street.server.app.state.service.coalitions.open(street.slug)
    with psycopg.connect(database_url) as connection:
        connection.execute(f"UPDATE {coalition.schema}.tracking SET stopped = 'at 7: bad' WHERE projection = 'flows'")
    unready = street.http.get("/readyz")

    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert unready.status_code == 503
    assert unready.json()["stopped"] == [{"coalition": "street", "projection": "flows", "stopped": "at 7: bad"}]
    assert street.http.get("/healthz").status_code == 200


def test_a_database_that_is_away_is_busy_not_broken(
    street: Street, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = street.server.app.state.service
    coalition = service.coalitions.open(street.slug)

    def away() -> None:
        raise psycopg.OperationalError("the server closed the connection; password=hunter2")

    monkeypatch.setattr(coalition.readers, "connection", away)
    with caplog.at_level(logging.WARNING):
        answer = street.call("GET", "/v1/agreements", street.salon.owner)

    assert (answer.status_code, answer.json()["code"]) == (503, "network_busy")
    assert answer.headers["Retry-After"] == "1"
    assert "hunter2" not in answer.text


def test_a_mistake_of_ours_is_told_without_its_insides(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    coalition = street.server.app.state.service.coalitions.open(street.slug)

    def broken() -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr(coalition.readers, "connection", broken)
    answer = street.call("GET", "/v1/agreements", street.salon.owner)

    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
    assert "inside" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
