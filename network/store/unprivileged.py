"""The account that runs an embedded PostgreSQL: ourselves, or as root one made for it.

PostgreSQL refuses to run as root, which is who one is in most containers.
"""

import logging
import os
import pwd
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

ACCOUNT_FOR_ROOT = "pollen-postgres"

log = logging.getLogger(__name__)


class DatabaseUnavailable(RuntimeError):
    """The embedded PostgreSQL can't be had here; its text says why and what to do."""


class Identity(TypedDict, total=False):
    """The arguments of `subprocess` that make a child run as the account; none when it is ourselves."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """Who owns the database's files and runs its server."""

    uid: int
    identity: Identity

    def own(self, folder: Path) -> None:
        """Give the account `folder`, closed to everybody else but root."""
        if self.identity:
            os.chown(folder, self.identity["user"], self.identity["group"])
        folder.chmod(0o700)

    def admit(self, folder: Path) -> None:
        """Let the account pass through `folder` and all above it; listing them stays forbidden."""
        if not self.identity:
            return
        for each in (folder, *folder.parents):
            mode = each.stat().st_mode
            if not mode & stat.S_IXOTH:
                log.warning("PostgreSQL runs as %s: letting it pass through %s", ACCOUNT_FOR_ROOT, each)
                each.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)

    def admit_to_programs(self, folder: Path) -> None:
        """Let the account run the programs in `folder`, also when a strict umask installed them."""
        if not self.identity:
            return
        self.admit(folder)
        if (folder / "postgres").stat().st_mode & 0o005 != 0o005:
            subprocess.run(["/bin/chmod", "-R", "o+rX", str(folder.parent)], check=True)


def account_for_the_server() -> Account:
    """Ourselves, or when we are root an account without login, made on first use.

    Raises: DatabaseUnavailable when root can't make one.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), {})
    for _ in range(3):  # Two first starts may race to make it, so a failure is a reason to look again.
        with suppress(KeyError):
            entry = pwd.getpwnam(ACCOUNT_FOR_ROOT)
            return Account(entry.pw_uid, {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []})
        _add_account()
    raise DatabaseUnavailable(
        "PostgreSQL refuses to run as root, and useradd could not make the account for it. "
        f"Start as an ordinary user, add one named {ACCOUNT_FOR_ROOT}, or set DATABASE_URL."
    )


def _add_account() -> None:
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    command = ["useradd", *options, "--shell", "/usr/sbin/nologin", ACCOUNT_FOR_ROOT]
    search = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    with suppress(FileNotFoundError):
        subprocess.run(command, check=False, capture_output=True, env={"PATH": search})
