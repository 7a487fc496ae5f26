"""Statements and archives over HTTP: each partner's own, all of them for the organizer."""

from base64 import urlsafe_b64decode
from pathlib import Path

import pytest

from merchants.statements.archive import read_archive
from merchants.statements.command import checked
from network.settlement import apart
from network.settlement.closing import cut_window, state_window
from tests.api.street import Server, Street

KINDS = {
    "statement.pdf": ("application/pdf", b"%PDF-"),
    "statement.xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
    "statement.csv": ("text/csv; charset=utf-8", b"window,"),
    "archive.zip": ("application/zip", b"PK"),
}


@pytest.fixture(scope="module")
def window(street: Street, server: Server) -> Street:
    """The first window, with one redemption, stated."""
    paper = street.paper()
    street.done("POST", "/v1/redemptions", street.restaurant.till, street.redeeming(token=paper["token"]))
    opened = server.app.state.service.coalitions.open(street.slug)
    cut_window(opened, 1).facts()
    state_window(opened, 1).facts()
    return street


@pytest.mark.parametrize("kind", KINDS)
def test_an_owner_fetches_its_own(window: Street, kind: str) -> None:
    path = f"/v1/windows/1/{kind}"

    own = window.call("GET", path, window.salon.owner)
    again = window.call("GET", f"{path}?party={window.salon.id}", window.organizer)

    media_type, begins = KINDS[kind]
    assert (own.status_code, own.headers["Content-Type"], own.content[: len(begins)]) == (200, media_type, begins)
    assert f"{window.salon.id}.{kind.rpartition('.')[2]}" in own.headers["Content-Disposition"]
    assert own.content == again.content


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_fetches_anothers(window: Street, kind: str) -> None:
    path = f"/v1/windows/1/{kind}?party={window.salon.id}"

    refused = [window.call("GET", path, window.restaurant.owner), window.call("GET", path, window.salon.till)]

    assert [answer.json()["code"] for answer in refused] == ["not_your_merchant", "role_not_allowed"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/windows/9/statement.pdf?party={salon}", "window_not_found"),
        ("/v1/windows/1/statement.pdf", "invalid_request"),
        ("/v1/windows/1/statement.pdf?party={salon}&language=de", "invalid_request"),
        ("/v1/windows/1/statement.pdf?party=00000000-0000-4000-8000-000000000000", "merchant_not_found"),
        ("/v1/windows/1/archive.zip?party=00000000-0000-4000-8000-000000000000", "merchant_not_found"),
        ("/v1/windows/x/statement.csv?party={salon}", "invalid_request"),
    ],
)
def test_what_cannot_be_is_refused(window: Street, path: str, code: str) -> None:
    assert window.call("GET", path.format(salon=window.salon.id), window.organizer).json()["code"] == code


def test_two_languages_are_chosen_in_the_address(window: Street) -> None:
    papers = {
        language: window.call("GET", f"/v1/windows/1/statement.pdf?language={language}", window.salon.owner).content
        for language in ("en", "ru,lv")
    }

    assert len(set(papers.values())) == 2


def test_what_was_fetched_is_recomputed_with_the_published_key(window: Street, tmp_path: Path) -> None:
    published = window.done("GET", f"/v1/coalitions/{window.slug}")["root_key"]["public_key"]
    root_key = urlsafe_b64decode(published + "=").hex()

    for secret in (window.salon.owner, window.restaurant.owner, window.organizer):
        path = tmp_path / "archive.zip"
        path.write_bytes(window.call("GET", "/v1/windows/1/archive.zip", secret).content)
        report = checked(read_archive(path), root_key)
        assert (report["findings"], len(report["lines"])) == ([], 1)


def test_a_long_statement_that_cannot_be_written_is_refused(window: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "EVENTS_HERE", 0)
    path = "/v1/windows/1/statement.xlsx"

    with apart.turn(), apart.turn():
        busy = window.call("GET", path, window.salon.owner)
    monkeypatch.setattr(apart, "SECONDS_MAX", 0.01)
    failed = window.call("GET", path, window.salon.owner)

    assert [(it.status_code, it.json()["code"]) for it in (busy, failed)] == [
        (503, "papers_busy"), (503, "paper_not_made"),
    ]  # fmt: skip
    assert busy.headers["Retry-After"] == "60"
