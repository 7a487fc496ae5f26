"""Makes long files in processes of their own, because tills share this one's interpreter.

A child reads what it needs from the database itself. It is no child of a fork, has a lower priority, an end to its
memory and to its time, and a folder of its own for all that it puts on disk, which goes whatever becomes of it.
"""

import logging
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from typing import Final

log = logging.getLogger(__name__)

EVENTS_HERE: Final = 2_000
"""A statement of so many takes about as long as starting a process."""
AT_ONCE: Final = 2
SECONDS_MAX: Final = 900
CPU_SECONDS_MAX: Final = 600
MEMORY_BYTES_MAX: Final = 2 * 1024**3
SAID_MAX: Final = 500
_turns = BoundedSemaphore(AT_ONCE)


class NotMade(Exception):
    """It took more than this network has, or the child failed; the text is for the operator."""


class TooMany(Exception):
    """As many as may be are being made."""


@contextmanager
def turn() -> Iterator[Path]:
    """A folder for one child. Raises: TooMany."""
    if not _turns.acquire(blocking=False):
        raise TooMany()
    try:
        with TemporaryDirectory(prefix="pollen-apart-") as folder:
            yield Path(folder)
    finally:
        _turns.release()


def told_by(module: str, asked: bytes, folder: Path) -> bytes:
    """What a child says: the module's `main`, which is given what was asked. Raises: NotMade."""
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-m", module],
            input=asked,
            capture_output=True,
            env={**os.environ, "TMPDIR": str(folder)},
            timeout=SECONDS_MAX,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise _not_made(f"stopped after {SECONDS_MAX} seconds") from None
    except subprocess.CalledProcessError as failed:
        says = failed.stderr.decode(errors="replace").strip()[-SAID_MAX:]
        raise _not_made(f"the child ended with {failed.returncode}: {says}") from None
    return child.stdout


def _not_made(says: str) -> NotMade:
    log.error("file_not_made", extra={"says": says})
    return NotMade(says)


def asked_of_child() -> bytes:
    """What the parent asks, for a child that keeps its place from now on."""
    os.nice(10)
    with suppress(ValueError, OSError):  # not every system keeps this limit
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    return sys.stdin.buffer.read()
