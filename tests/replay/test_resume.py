"""Stopped at any moment, the same command goes on: nothing is lost, nothing is doubled."""

import json
import random
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.databases import fresh_database
from tests.replay.files import REPLAY, a_busy_year, command, surroundings

SAME = ("files", "bad_lines", "expired", "certificates", "obligations", "balances", "sum_of_balances")


def report_of(folder: Path, files: Path, url: str) -> dict[str, Any]:
    done = command(folder, files, url, "--audit", "--json", str(folder / "report.json"))
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return report


def start(folder: Path, files: Path, url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*REPLAY, str(files)],
        env=surroundings(folder, url),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def stop_at(folder: Path, files: Path, url: str, position: int, *, by: signal.Signals, code: int) -> str:
    """Start, and send it a signal once the log has come that far, to end with `code`; returns what it said."""
    with start(folder, files, url) as process, psycopg.connect(url, autocommit=True) as connection:
        while head_of(connection) <= position:
            assert process.poll() is None, process.communicate()
            time.sleep(0.005)
        process.send_signal(by)
        _, said = process.communicate(timeout=120)
    assert process.returncode == code, said
    return said


def kill_at(folder: Path, files: Path, url: str, position: int) -> int:
    """Start, and kill -9 once the log has come that far; returns how far it came."""
    stop_at(folder, files, url, position, by=signal.SIGKILL, code=-signal.SIGKILL)
    with psycopg.connect(url, autocommit=True) as connection:
        return head_of(connection)


def head_of(connection: psycopg.Connection) -> int:
    """The last position of the only coalition, -1 while there is none."""
    with suppress(psycopg.errors.UndefinedTable):
        for (schema,) in connection.execute("SELECT schema_name FROM pollen.coalitions").fetchall():
            rows = connection.execute(sql.SQL("SELECT position FROM {}").format(sql.Identifier(schema, "head")))
            return int(rows.fetchall()[0][0])
    return -1


def test_killed_again_and_again_it_ends_as_if_it_had_not_been(
    tmp_path: Path, server_url: str, database_url: str
) -> None:
    files = a_busy_year(tmp_path / "files", seed=7, days=25)
    at_once = report_of(tmp_path, files, database_url)
    end = at_once["head"]["position"]
    drawn = random.Random(7)

    with fresh_database(server_url) as other_url:
        for position in [-1, 0, *sorted(drawn.randrange(end * 9 // 10) for _ in range(3))]:
            reached = kill_at(tmp_path, files, other_url, position)
        resumed = report_of(tmp_path, files, other_url)

    assert reached < end
    assert {name: resumed[name] for name in SAME} == {name: at_once[name] for name in SAME}
    assert resumed["head"]["position"] == end
    assert at_once["files"]["redemption_attempts"]["refused"]["certificate_redeemed"] > 50


def test_a_second_run_writes_the_same_bytes(tmp_path: Path, database_url: str) -> None:
    files = a_busy_year(tmp_path / "files", seed=8, days=10)
    report_of(tmp_path, files, database_url)
    first = (tmp_path / "report.json").read_bytes()

    report_of(tmp_path, files, database_url)

    assert (tmp_path / "report.json").read_bytes() == first


@pytest.mark.slow
def test_two_runs_at_once_double_nothing(tmp_path: Path, server_url: str, database_url: str) -> None:
    files = a_busy_year(tmp_path / "files", seed=9, days=15)
    at_once = report_of(tmp_path, files, database_url)

    with fresh_database(server_url) as other_url:
        both = [start(tmp_path, files, other_url) for _ in range(2)]
        said = [process.communicate(timeout=240)[1] for process in both]
        codes = [process.returncode for process in both]
        report = report_of(tmp_path, files, other_url)

    assert codes == [0, 0], said
    assert {name: report[name] for name in SAME} == {name: at_once[name] for name in SAME}
    assert report["head"]["position"] == at_once["head"]["position"]


@pytest.mark.parametrize("position", [0, 1_500])
def test_ctrl_c_says_how_far_it_is_and_that_it_goes_on(tmp_path: Path, database_url: str, position: int) -> None:
    files = a_busy_year(tmp_path / "files", seed=10, days=150)

    said = stop_at(tmp_path, files, database_url, position, by=signal.SIGINT, code=130)

    assert "Stopped " in said
    assert "run the same command again to go on" in said
    assert "Traceback" not in said
