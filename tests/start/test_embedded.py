import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from network.store.embedded import EmbeddedPostgres, open_database
from network.store.unprivileged import DatabaseUnavailable
from tests.databases import quick_folder

# Keeps a row and then says so, for whoever is to stop or kill it.
KEEPER = """
import sys, time
from pathlib import Path
import psycopg
from network.store.embedded import open_database
with open_database(Path(sys.argv[1]), {}) as url:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 41 + 1 AS answer")
    print("kept", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own folder: each new pytest closes that again to the account that runs PostgreSQL for root."""
    made = quick_folder()
    yield made
    shutil.rmtree(made)


@pytest.fixture
def keeper(folder: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", KEEPER, str(folder)], stdout=subprocess.PIPE, text=True, cwd=os.getcwd()
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "kept\n"
        yield process
        process.terminate()


def postmaster_of(folder: Path) -> int:
    return int((folder / "cluster" / "postmaster.pid").read_text().split()[0])


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{process_id}/status").read_text()


def setting(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def answer(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT answer FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def test_keeps_money_through_a_power_cut_by_default(folder: Path) -> None:
    with EmbeddedPostgres(folder / "postgres") as url:
        found = {name: setting(url, name) for name in ("fsync", "synchronous_commit", "full_page_writes")}

    assert set(found.values()) == {"on"}


def test_a_second_start_finds_the_data_and_takes_less_time(folder: Path) -> None:
    times = [time.monotonic()]
    with EmbeddedPostgres(folder) as url, psycopg.connect(url) as connection:
        times.append(time.monotonic())
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    times.append(time.monotonic())
    with EmbeddedPostgres(folder) as url:
        times.append(time.monotonic())
        assert answer(url) == 42

    first, _, second = (after - before for before, after in itertools.pairwise(times))
    assert second < first


def test_stops_its_server(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        server = postmaster_of(folder)

    assert not is_running(server)


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stops_its_server_when_it_is_told_to_end(
    keeper: subprocess.Popen[str], folder: Path, way: signal.Signals
) -> None:
    if signal.getsignal(way) is signal.SIG_IGN:
        pytest.skip("whoever started this run had the signal ignored, and a child inherits that")
    server = postmaster_of(folder / "postgres")

    keeper.send_signal(way)
    keeper.wait(120)

    assert not is_running(server)


def test_recovers_after_the_server_was_killed(keeper: subprocess.Popen[str], folder: Path) -> None:
    os.kill(postmaster_of(folder / "postgres"), signal.SIGKILL)
    keeper.kill()
    keeper.wait(120)

    with open_database(folder, {}) as url:
        assert answer(url) == 42


def test_adopts_and_stops_a_server_whose_owner_was_killed(keeper: subprocess.Popen[str], folder: Path) -> None:
    server = postmaster_of(folder / "postgres")
    keeper.kill()
    keeper.wait(120)

    with open_database(folder, {}) as url:
        assert answer(url) == 42
        assert postmaster_of(folder / "postgres") == server

    assert not is_running(server)


def test_a_guest_leaves_the_server_running(keeper: subprocess.Popen[str], folder: Path) -> None:
    guest = EmbeddedPostgres(folder / "postgres")

    with guest as url:
        assert answer(url) == 42
        assert not guest.is_owner

    assert keeper.poll() is None
    assert is_running(postmaster_of(folder / "postgres"))


def test_a_process_id_that_a_stranger_has_now_does_not_stop_a_start(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        note = (folder / "cluster" / "postmaster.pid").read_text()
    _, *rest = note.splitlines()
    (folder / "cluster" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *rest]) + "\n")

    with EmbeddedPostgres(folder) as url:
        assert setting(url, "fsync") == "on"


def test_refuses_a_folder_with_files_of_others(folder: Path) -> None:
    (folder / "letters.txt").write_text("Dear Anna")

    with pytest.raises(DatabaseUnavailable, match="other files"):
        EmbeddedPostgres(folder).start()

    assert [each.name for each in folder.iterdir()] == ["letters.txt"]


def test_refuses_a_server_that_keeps_its_data_elsewhere(folder: Path) -> None:
    ours, theirs = folder / "ours", folder / "theirs"
    with EmbeddedPostgres(ours), EmbeddedPostgres(theirs):
        note = (theirs / "cluster" / "postmaster.pid").read_text()

    with EmbeddedPostgres(theirs):
        (ours / "cluster" / "postmaster.pid").write_text(note)
        with pytest.raises(DatabaseUnavailable, match="elsewhere"):
            EmbeddedPostgres(ours).start()
        assert is_running(postmaster_of(theirs))


@pytest.mark.parametrize("name", ["x" * 120, 'a shop\'s, "näme" $HOME'])
def test_serves_from_a_path_that_no_socket_could_have(folder: Path, name: str) -> None:
    with EmbeddedPostgres(folder / name) as url:
        assert setting(url, "data_directory") == str(folder / name / "cluster")


def test_erases_only_what_nobody_uses(keeper: subprocess.Popen[str], folder: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="in use"):
        EmbeddedPostgres(folder / "postgres").erase()

    keeper.terminate()
    keeper.wait(120)
    EmbeddedPostgres(folder / "postgres").erase()

    assert not (folder / "postgres" / "cluster").exists()


def test_a_given_database_url_starts_nothing(folder: Path) -> None:
    with open_database(folder, {"DATABASE_URL": "postgresql://elsewhere/pollen"}) as url:
        assert url == "postgresql://elsewhere/pollen"

    assert not list(folder.iterdir())
