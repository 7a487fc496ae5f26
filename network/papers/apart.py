"""Makes a long statement's file in a process of its own, because tills share this one's interpreter.

The child reads the statement from the database itself, is no child of a fork, has a lower priority, an end to its
memory and to its time, and a folder of its own for all that it puts on disk. It goes with it, whatever becomes of the
child. Only a file that is whole is copied.
"""

import logging
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from typing import BinaryIO, Final
from uuid import UUID

import msgspec

from network.coalitions import OpenCoalition, ReadCoalition
from network.papers import files
from network.settlement.reading import stated_window
from network.settlement.statement import StatementDiffers

log = logging.getLogger(__name__)

EVENTS_HERE: Final = 2_000
"""A statement of so many takes about as long as starting a process; PDF, which has no more lines, is drawn by Typst."""
AT_ONCE: Final = 2
SECONDS_MAX: Final = 900
CPU_SECONDS_MAX: Final = 600
MEMORY_BYTES_MAX: Final = 2 * 1024**3
"""A workbook of 100 000 events took 41 seconds of a busy core."""
_turns = BoundedSemaphore(AT_ONCE)


class PaperNotMade(Exception):
    """It took more than this network has, or the child failed."""


class PapersBusy(Exception):
    """As many as may be are being made."""


class _Asked(msgspec.Struct):
    database_url: str
    coalition_id: UUID
    schema: str
    number: int
    party_id: UUID
    version: int | None
    kind: str
    languages: tuple[str, ...]
    into: str


class _Told(msgspec.Struct):
    """Which version it is, or how the lines differ from what was stated."""

    version: int = 0
    differs: str | None = None


def write_statement(
    coalition: OpenCoalition,
    number: int,
    party_id: UUID,
    version: int | None,
    *,
    kind: str,
    languages: tuple[str, ...],
    out: BinaryIO,
) -> int:
    """As `files.write_statement`, with the same bytes and refusals. Raises besides: PaperNotMade, PapersBusy."""
    with stated_window(coalition, number) as reading:
        files.must_know(reading, party_id)
        reading.summary(party_id, version)
        long = reading.is_longer_than(party_id, EVENTS_HERE)
    if not long:
        return files.write_statement(coalition, number, party_id, version, kind=kind, languages=languages, out=out)
    with _turn(), TemporaryDirectory(prefix="pollen-paper-") as folder:
        into = Path(folder, "paper")
        place = coalition.database_url, coalition.coalition_id, coalition.schema
        told = _made(_Asked(*place, number, party_id, version, kind, languages, str(into)), folder)
        if told.differs is not None:
            raise StatementDiffers(told.differs)
        with into.open("rb") as paper:
            shutil.copyfileobj(paper, out)
        return told.version


@contextmanager
def _turn() -> Iterator[None]:
    """Raises: PapersBusy."""
    if not _turns.acquire(blocking=False):
        raise PapersBusy()
    try:
        yield
    finally:
        _turns.release()


def _made(asked: _Asked, folder: str) -> _Told:
    """Raises: PaperNotMade."""
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-m", __name__],
            input=msgspec.msgpack.encode(asked),
            capture_output=True,
            env={**os.environ, "TMPDIR": folder},
            timeout=SECONDS_MAX,
            check=True,
        )
    except subprocess.TimeoutExpired:
        log.error("paper_not_made", extra={"says": f"stopped after {SECONDS_MAX} seconds"})
        raise PaperNotMade() from None
    except subprocess.CalledProcessError as failed:
        says = failed.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        log.error("paper_not_made", extra={"says": says, "code": failed.returncode})
        raise PaperNotMade() from None
    return msgspec.msgpack.decode(child.stdout, type=_Told)


def main() -> int:
    """The child."""
    os.nice(10)
    with suppress(ValueError, OSError):  # not every system keeps this limit
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    asked = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=_Asked)
    coalition = ReadCoalition(asked.database_url, asked.coalition_id, asked.schema)
    try:
        with Path(asked.into).open("wb") as out:
            told = _Told(
                files.write_statement(
                    coalition, asked.number, asked.party_id, asked.version,
                    kind=asked.kind, languages=asked.languages, out=out,
                )
            )  # fmt: skip
    except StatementDiffers as differs:
        told = _Told(differs=str(differs))
    sys.stdout.buffer.write(msgspec.msgpack.encode(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
