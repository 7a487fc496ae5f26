"""Makes long files in processes of their own, because tills share this one's interpreter.

A child reads what it needs from the database itself. It is no child of a fork, has a lower priority, an end to its
memory and to its time, and a folder of its own for all that it puts on disk, which goes whatever becomes of it.
"""

import logging
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from typing import Final
from uuid import UUID

import msgspec

from network.coalitions import OpenCoalition, ReadCoalition
from network.settlement.statement import StatementDiffers

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


class Place(msgspec.Struct):
    """Where a child finds the coalition."""

    database_url: str
    coalition_id: UUID
    schema: str

    @classmethod
    def of(cls, coalition: OpenCoalition) -> "Place":
        """For a child of this process."""
        return cls(coalition.database_url, coalition.coalition_id, coalition.schema)

    def opened(self) -> ReadCoalition:
        """In the child."""
        return ReadCoalition(self.database_url, self.coalition_id, self.schema)


class _Told(msgspec.Struct):
    answer: bytes = b""
    differs: str | None = None


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


def told_by(module: str, asked: msgspec.Struct, folder: Path) -> bytes:
    """What a child says, which is the module's `main`. Raises: NotMade, StatementDiffers."""
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-m", module],
            input=msgspec.msgpack.encode(asked),
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
    told = msgspec.msgpack.decode(child.stdout, type=_Told)
    if told.differs is not None:
        raise StatementDiffers(told.differs)
    return told.answer


def _not_made(says: str) -> NotMade:
    log.error("file_not_made", extra={"says": says})
    return NotMade(says)


def answered(make: Callable[[bytes], bytes]) -> int:
    """A child's `main`: what it makes of what it was asked, or how lines differ. It keeps its place from now on."""
    os.nice(10)
    with suppress(ValueError, OSError):  # not every system keeps this limit
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    try:
        told = _Told(answer=make(sys.stdin.buffer.read()))
    except StatementDiffers as differs:
        told = _Told(differs=str(differs))
    sys.stdout.buffer.write(msgspec.msgpack.encode(told))
    return 0
