"""Reads a bank's file, a large one in a process of its own, because tills share this one's interpreter.

The child is given the file on its standard input and says on its standard output what it read, or why it refuses. It is
no child of a fork, has a lower priority and an end to its memory, and is stopped when it takes too long.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Final

import msgspec

from network.banking import refusals
from network.banking.bank_file import BYTES_MAX, read_bank_file
from network.banking.lines import BankFile
from network.telling import Told, to_nobody

APART_BYTES: Final = 256 * 1024
"""A file up to this size takes less time than starting a process."""
SECONDS_MAX: Final = 600
CPU_SECONDS_MAX: Final = 120
MEMORY_BYTES_MAX: Final = 1024**3
"""16 MiB of camt.053 took 10 seconds of a slow core and 0.3 GiB. On a busy machine that can be minutes."""


class _Asked(msgspec.Struct):
    own_ibans: list[str]
    currency: str
    content: bytes


class _Answer(msgspec.Struct):
    """`refused` is the code of a refusal, with its facts."""

    file: BankFile | None = None
    refused: str | None = None
    facts: dict[str, str | int | bool | None] = {}


def read_file(content: bytes, *, own_ibans: Collection[str], currency: str, told: Told = to_nobody) -> BankFile:
    """As `read_bank_file`, with the same refusals."""
    if not APART_BYTES < len(content) <= BYTES_MAX:
        return read_bank_file(content, own_ibans=own_ibans, currency=currency, told=told)
    asked = msgspec.msgpack.encode(_Asked(sorted(own_ibans), currency, content))
    try:
        with _heard(told) as pipe:
            child = subprocess.run(
                [sys.executable, "-P", "-m", __name__, str(pipe)],
                input=asked,
                capture_output=True,
                timeout=SECONDS_MAX,
                check=True,
                pass_fds=(pipe,),
            )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        raise refusals.BankFileUnreadable(problem="reading it takes more than this network has") from None
    answer = msgspec.msgpack.decode(child.stdout, type=_Answer)
    if answer.file is None:
        raise _refusal(answer)
    return answer.file


@contextmanager
def _heard(told: Told) -> Iterator[int]:
    """A pipe for the child: each byte that it writes there is how many percent it has read."""
    coming, going = os.pipe()

    def hear() -> None:
        with os.fdopen(coming, "rb", buffering=0) as said:
            while percent := said.read(1):
                told(percent[0], 100)

    listener = Thread(target=hear, daemon=True)
    listener.start()
    try:
        yield going
    finally:
        os.close(going)
        listener.join(timeout=1)


def _saying(pipe: int) -> Told:
    """The child's part of it."""
    last = 0

    def say(done: int, total: int) -> None:
        nonlocal last
        percent = done * 100 // max(1, total)
        if percent > last:
            last = percent
            os.write(pipe, bytes([percent]))

    return say


def _refusal(answer: _Answer) -> refusals.BankFileRefused:
    kinds = {kind.code: kind for kind in refusals.BankFileRefused.__subclasses__()}
    return kinds[answer.refused or ""](**answer.facts)


def main() -> int:
    """The child."""
    os.nice(10)
    with suppress(ValueError, OSError):  # not every system keeps this limit
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    asked = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=_Asked)
    try:
        answer = _Answer(
            read_bank_file(
                asked.content, own_ibans=asked.own_ibans, currency=asked.currency, told=_saying(int(sys.argv[1]))
            )
        )
    except refusals.BankFileRefused as refusal:
        answer = _Answer(refused=refusal.code, facts=refusal.facts)
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
