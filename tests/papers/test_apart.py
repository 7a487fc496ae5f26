"""A long statement's file is made in a process of its own: the same bytes, or nothing at all."""

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from network.archive import apart as archive
from network.archive import writing
from network.coalitions import Coalitions
from network.domain.errors import MerchantNotFound, VersionNotFound
from network.papers import files
from network.papers.apart import write_statement
from network.settlement import apart
from network.settlement.apart import NotMade, TooMany
from network.settlement.statement import StatementDiffers
from tests.settlement.streets import close
from tests.support import HandClock, Neighbourhood, coalitions_of, found, migrated


@pytest.fixture(scope="module")
def coalitions(module_database_url: str) -> Iterator[Coalitions]:
    with coalitions_of(migrated(module_database_url), HandClock()) as opened:
        yield opened


@pytest.fixture(scope="module")
def street(coalitions: Coalitions, module_database_url: str) -> Neighbourhood:
    """Its first window has four redemptions at the restaurant."""
    street = found(coalitions, HandClock())
    salon, restaurant = street.merchant("Salon"), street.merchant("Restaurant")
    agreement_id = street.agreement(salon, restaurant)
    for _ in range(4):
        street.redeem(street.issued(salon, agreement_id), restaurant)
    close(module_database_url, street.opened, 1)
    return street


@pytest.fixture
def salon(street: Neighbourhood) -> UUID:
    with files.stated_window(street.opened, 1) as reading:
        return next(party for party, name in reading.names.items() if name == "Salon")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where everything temporary goes; three events are many."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(apart, "EVENTS_HERE", 3)
    return tmp_path


def made(street: Neighbourhood, party_id: UUID, kind: str = "csv", version: int | None = None) -> bytes:
    out = io.BytesIO()
    asked = (street.opened, 1, party_id, version)
    assert write_statement(*asked, kind=kind, languages=("lv", "en"), out=out) == 1
    return out.getvalue()


def test_a_process_of_its_own_writes_the_same_bytes(
    street: Neighbourhood, salon: UUID, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = io.BytesIO()
    files.write_statement(street.opened, 1, salon, None, kind="xlsx", languages=("lv", "en"), out=here)
    monkeypatch.setattr(files, "write_statement", None)

    assert made(street, salon, "xlsx") == here.getvalue()
    assert list(folder.iterdir()) == []


def test_an_archive_too(street: Neighbourhood, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, here, there = (street.opened, 1, None), io.BytesIO(), io.BytesIO()
    writing.write_archive(*asked, here)
    monkeypatch.setattr(writing, "make_members", None)

    archive.write_archive(*asked, there)

    assert there.getvalue() == here.getvalue()
    assert list(folder.iterdir()) == []


def test_a_short_one_is_written_here(
    street: Neighbourhood, salon: UUID, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "EVENTS_HERE", 4)
    monkeypatch.setattr(apart, "told_by", None)

    assert made(street, salon).startswith(b"window,")


def test_what_is_not_there_is_refused_before(street: Neighbourhood, salon: UUID, folder: Path) -> None:
    with pytest.raises(VersionNotFound):
        made(street, salon, version=2)
    with pytest.raises(MerchantNotFound):
        made(street, UUID(int=7))


@pytest.mark.parametrize(("what", "instead"), [("SECONDS_MAX", 0.01), ("sys.executable", "/bin/false")])
def test_what_takes_too_long_or_fails_leaves_nothing(
    street: Neighbourhood, salon: UUID, folder: Path, what: str, instead: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"network.settlement.apart.{what}", instead)
    out = io.BytesIO()

    for _ in range(apart.AT_ONCE + 1):
        with pytest.raises(NotMade):
            write_statement(street.opened, 1, salon, None, kind="xlsx", languages=("en",), out=out)

    assert out.getvalue() == b""
    assert list(folder.iterdir()) == []


def test_more_than_a_few_at_once_are_asked_to_come_again(street: Neighbourhood, salon: UUID, folder: Path) -> None:
    with apart.turn(), apart.turn(), pytest.raises(TooMany):
        made(street, salon)


@pytest.mark.parametrize("events", [3, 1_000])
def test_lines_that_differ_leave_nothing(
    street: Neighbourhood, salon: UUID, folder: Path, events: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here and apart alike."""
    monkeypatch.setattr(apart, "EVENTS_HERE", events)
    table = sql.Identifier(street.opened.schema, "statement_lines")
    change = sql.SQL("UPDATE {} SET amount = amount + %s WHERE position = (SELECT max(position) FROM {})")
    with psycopg.connect(street.opened.database_url, autocommit=True) as connection:
        connection.execute(change.format(table, table), (1,))
        try:
            with pytest.raises(StatementDiffers):
                made(street, salon, "xlsx")
        finally:
            connection.execute(change.format(table, table), (-1,))

    assert list(folder.iterdir()) == []
