"""The command as a person types it: what it refuses, what it says, and how it ends."""

import json
from pathlib import Path

import pytest

from tests.replay.files import PAID, TRIED, command, write


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--slug", "Elm Street"], "--slug needs"),
        (["--name", " "], "--name needs"),
        (["--time-zone", "Mars/Base"], "--time-zone 'Mars/Base' is none"),
        (["--currency", "EURO"], "--currency 'EURO' is not in ISO 4217"),
        (["--limit", "0"], "--limit needs 1 or more"),
        (["--json", "/nowhere/report.json"], "there is no folder for /nowhere/report.json"),
        (["--json", "/tmp"], "/tmp is a folder"),
    ],
)
def test_refuses_an_option_before_anything_is_written(tmp_path: Path, options: list[str], said: str) -> None:
    done = command(tmp_path, write(tmp_path / "files"), None, *options)

    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "data").exists()


def test_refuses_a_missing_file_before_anything_is_written(tmp_path: Path) -> None:
    files = write(tmp_path / "files")
    (files / "payments.csv").unlink()

    done = command(tmp_path, files, None)

    assert done.returncode == 2
    assert "neither payments.csv nor payments.csv.gz" in done.stderr
    assert not (tmp_path / "data").exists()


def test_refuses_other_details_for_a_coalition_that_is_there(tmp_path: Path, database_url: str) -> None:
    files = write(tmp_path / "files")
    assert command(tmp_path, files, database_url).returncode == 0

    done = command(tmp_path, files, database_url, "--name", "Elm Street")

    assert done.returncode == 2
    assert "'neighbourhood-2017' is already there with other details" in done.stderr
    assert "Traceback" not in done.stderr


def test_says_what_came_of_it(tmp_path: Path, database_url: str) -> None:
    bad = "p9,[bold],anna,2017-01-02T10:00:00Z,all,EUR"
    files = write(tmp_path / "files", payments=[*PAID, bad], attempts=[*TRIED, TRIED[0]])

    done = command(tmp_path, files, database_url, "--json", str(tmp_path / "report.json"))

    assert done.returncode == 1, done.stderr
    for said in (
        "payments.csv:4: amount_minor is 'all'",
        "1 certificate_redeemed",
        "6.20 EUR",
        "-6.20 EUR",
        "Next: scripts/audit --coalition neighbourhood-2017",
    ):
        assert said in done.stdout
    assert "Traceback" not in done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["files"]["payments"] == {"lines": 3, "accepted": 2, "refused": {}, "bad": 1, "not_reached": 0}
    assert report["head"]["position"] > 0


def test_a_database_that_does_not_answer_is_told_in_one_sentence(tmp_path: Path) -> None:
    done = command(tmp_path, write(tmp_path / "files"), "postgresql://nobody@127.0.0.1:1/nothing")

    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert "before anything was imported" in done.stderr
