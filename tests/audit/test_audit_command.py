"""`scripts/audit` says what it found, and its exit code can be trusted by a cron job."""

import json

import psycopg
import pytest

from network.cli import audit as command
from tests.projections.worlds import catch_up, world


@pytest.fixture
def street(settled_url, monkeypatch, tmp_path):
    monkeypatch.setenv("POLLEN_DATA_DIR", str(tmp_path))
    with world(settled_url) as made:
        made.issue(made.agreements[0])
        catch_up(settled_url, made.schema)
        yield made


@pytest.fixture
def run(settled_url, monkeypatch):
    def asked(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", ["audit", "--database-url", settled_url, *arguments])
        return command.main()

    return asked


def test_a_sound_network_ends_with_zero_and_prints_the_head(street, run, capsys):
    assert run() == 0

    said = capsys.readouterr().out
    with street.opened.reading() as recorder:
        position, head = recorder.head()
    assert "street: sound." in said
    assert f"head {head.hex()}@{position}" in said


def test_a_difference_ends_with_one_and_stands_in_the_report(street, run, settled_url, tmp_path):
    with psycopg.connect(settled_url) as connection:
        connection.execute(f"UPDATE {street.schema}.reserves SET reserved = 499")

    assert run("--coalition", "street", "--json", str(tmp_path / "report.json")) == 1

    [finding] = json.loads((tmp_path / "report.json").read_text())["street"]["findings"]
    assert (finding["check"], finding["says"]) == ("reserves", "the log gives 500, stored is 499")


def test_a_head_noted_earlier_is_expected(street, run):
    with street.opened.reading() as recorder:
        position, head = recorder.head()
    street.pay(street.merchants[0], 100)

    assert run("--coalition", "street", "--expect", f"{head.hex()}@{position}") == 0
    assert run("--coalition", "street", "--expect", f"{'0' * 64}@{position}") == 1


def test_views_of_an_older_version_are_named_in_a_sentence(street, run, settled_url, capsys):
    with psycopg.connect(settled_url) as connection:
        connection.execute(f"ALTER TABLE {street.schema}.statement_lines DROP COLUMN section")

    assert run() == 2

    assert "scripts/rebuild makes it anew" in capsys.readouterr().err


def test_an_unknown_coalition_ends_with_two(street, run, capsys):
    assert run("--coalition", "nowhere") == 2
    assert "no such coalition" in capsys.readouterr().err


def test_a_database_without_a_network_ends_with_two(database_url, run, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("POLLEN_DATA_DIR", str(tmp_path))

    assert run("--database-url", database_url) == 2
    assert "no network" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--expect", "x@1", "--coalition", "street"], ["--expect", f"{'0' * 64}@1"]])
def test_a_head_must_be_written_as_it_was_printed_and_belong_to_one_coalition(run, wrong):
    with pytest.raises(SystemExit) as refused:
        run(*wrong)

    assert refused.value.code == 2
