import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.databases import quick_folder

RUN = [sys.executable, "-P", "-m", "network.cli.run"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own folder: each new pytest closes that again to the account that runs PostgreSQL for root."""
    made = quick_folder()
    yield made
    shutil.rmtree(made)


def surroundings(folder: Path, **more: str) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**mine, "POLLEN_DATA_DIR": str(folder / "data"), "PYTHONUNBUFFERED": "1", **more}


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = surroundings(folder)
    command = [*RUN, "--port", "0", "--demo-days", "28", *arguments]  # no more than is looked at here
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def press_ctrl_c(process: subprocess.Popen[str], times: int) -> str:
    """As a terminal does it, to all that was started; what was said after that."""
    for _ in range(times):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.2)
    assert process.wait(120) == 0
    assert process.stdout is not None
    with process.stdout as said:
        return said.read()


def welcome(process: subprocess.Popen[str]) -> tuple[str, list[str]]:
    """The address, and the table's lines with the credentials."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Every command"):
            break
    address = re.search(r"http://localhost:\d+", "".join(lines))
    assert address is not None
    return address[0], [line for line in lines if line.startswith("│")]


def test_refuses_a_taken_port_before_it_touches_anything(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [*RUN, "--port", str(taken.getsockname()[1])]
        done = subprocess.run(command, env=surroundings(folder), capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "is taken by another program" in done.stderr
    assert not (folder / "data").exists()


def test_refuses_to_empty_the_database_of_others_unless_told_twice(folder: Path) -> None:
    environment = surroundings(folder, DATABASE_URL="postgresql://nobody@localhost:1/nothing")

    done = subprocess.run(
        [*RUN, "--port", "0", "--fresh"], env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "--yes" in done.stderr


def test_serves_stops_on_ctrl_c_and_keeps_data_and_credentials_for_the_next_start(folder: Path) -> None:
    seen = []
    for times, arguments in [(1, []), (4, []), (1, ["--fresh"])]:
        process = start(folder, *arguments)
        address, credentials = welcome(process)
        assert httpx.get(f"{address}/openapi.json", timeout=10).status_code == 200
        server = int((folder / "data/postgres/cluster/postmaster.pid").read_text().split()[0])
        said = press_ctrl_c(process, times)
        assert said.endswith("Stopped. The data is kept.\n")
        assert "Traceback" not in said
        assert not Path(f"/proc/{server}/cwd").exists()
        seen.append(credentials)

    first, second, fresh = seen
    assert len(first) > 1
    assert first == second
    assert fresh != first
    assert (folder / "data/demo-credentials.json").stat().st_mode & 0o077 == 0
