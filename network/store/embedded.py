"""A real PostgreSQL inside the project: for development, the demo, tests and one shop street."""

import atexit
import fcntl
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO

import psycopg

from network.store.cluster import Cluster, Postmaster
from network.store.unprivileged import DatabaseUnavailable, account_for_the_server

MARKER = "POLLEN"
MARKER_TEXT = "This folder holds the embedded PostgreSQL of a Pollen network; Pollen alone starts it.\n"
PATIENCE_SECONDS = 60.0  # recovery after a crash replays up to max_wal_size


class EmbeddedPostgres:
    """One PostgreSQL server and its folder.

    The first process to ask owns it: starts it, or adopts what a killed owner left running, and stops it.
    While an owner lives, other processes are guests of the same server and leave it running.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.folder = data_dir.resolve()
        self._account = account_for_the_server()
        self._cluster = Cluster(self.folder, self._account, durable)
        self._ownership: IO[str] | None = None

    @property
    def is_owner(self) -> bool:
        """Whether this process will stop the server."""
        return self._ownership is not None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> str:
        """Serve, and return the libpq URL of the database `pollen`.

        Raises: DatabaseUnavailable when the folder is not ours, or no server of ours answers in a minute.
        """
        self._prepare_folder()
        try:
            return self._url_of_pollen(self._wait_for_an_answer())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server if this process owns it. Safe to repeat."""
        if self._ownership is None:
            return
        atexit.unregister(self.stop)
        try:
            self._cluster.stop()
        finally:
            self._ownership.close()
            self._ownership = None

    def erase(self) -> None:
        """Remove all data, for a fresh start.

        Raises: DatabaseUnavailable when the folder is not ours or another process uses it.
        """
        self._prepare_folder()
        if not self._become_owner():
            raise DatabaseUnavailable(f"{self.folder} is in use by another process; stop that first")
        try:
            self._cluster.erase()
        finally:
            self.stop()

    def _prepare_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / MARKER).exists():
            if any(self.folder.iterdir()):
                raise DatabaseUnavailable(f"{self.folder} holds other files; no database is made there")
            (self.folder / MARKER).write_text(MARKER_TEXT)
        self._account.own(self.folder)
        self._account.admit(self.folder.parent)

    def _wait_for_an_answer(self) -> Postmaster:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            # Asked each time round: the owner that a guest waits for may die.
            if not self.is_owner and self._become_owner():
                self._cluster.prepare()
            if postmaster := self._answering():
                return postmaster
            if self.is_owner:
                self._cluster.ensure_coming()
            time.sleep(0.02)
        raise DatabaseUnavailable(
            f"The PostgreSQL of {self.folder} does not answer. Its last words:\n{self._cluster.end_of_log()}"
        )

    def _become_owner(self) -> bool:
        """Take the lock that the kernel releases with its holder, however that dies."""
        ownership = (self.folder / "owner.lock").open("a+")
        try:
            fcntl.flock(ownership, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            ownership.close()
            return False
        self._ownership = ownership
        atexit.register(self.stop)
        return True

    def _answering(self) -> Postmaster | None:
        """Ask a real query; a server that answers from another data directory is refused."""
        postmaster = self._cluster.postmaster()
        if postmaster is None:
            return None
        try:
            with psycopg.connect(postmaster.url("postgres"), connect_timeout=2) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return None
        if row is None or Path(row[0]).resolve() != self._cluster.files:
            raise DatabaseUnavailable(f"the PostgreSQL at {postmaster.socket_folder} keeps its data elsewhere: {row}")
        return postmaster

    def _url_of_pollen(self, postmaster: Postmaster) -> str:
        with psycopg.connect(postmaster.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT FROM pg_database WHERE datname = 'pollen'").fetchone():
                # The owner and a guest may both find it missing.
                with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    connection.execute("CREATE DATABASE pollen")
        return postmaster.url("pollen")


@contextmanager
def open_database(data_dir: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """The URL of the database to use: DATABASE_URL when set, else an embedded one under `data_dir`.

    SIGTERM and SIGHUP end the block like any other exit, so that an embedded server never outlives it. What ends is
    not interrupted once more: who presses Ctrl-C twice means the same as who presses it once.
    """
    with _ending_on_signals():
        if url := environment.get("DATABASE_URL"):
            yield url
            return
        with EmbeddedPostgres(data_dir / "postgres") as url:
            yield url


@contextmanager
def _ending_on_signals() -> Iterator[None]:
    def end(number: int, _: FrameType | None) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)

    in_main = threading.current_thread() is threading.main_thread()
    wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if in_main else ()
    unheeded = (signal.SIG_DFL, signal.default_int_handler)
    before = {each: signal.getsignal(each) for each in wanted if signal.getsignal(each) in unheeded}
    for each in before:
        signal.signal(each, end)
    try:
        yield
    finally:
        for each, handler in before.items():
            if signal.getsignal(each) is end:  # or the process was told to end, and nothing is to be added to that
                signal.signal(each, handler)
