"""The lines of a file that may be large, compressed, or damaged: some at a time, with their numbers."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO, cast

from network.effect.fields import FieldRefused

_BLOCK = 1 << 20
"""Letters read at a time, and of the longest line."""


class FileRefused(Exception):
    """A file that cannot be used at all; its text names the place and says why."""


def read_blocks(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines, some at a time, with the number of the first of them. Raises: FileRefused."""
    number, rest = 1, ""
    try:
        with _opened(path) as file:
            while block := file.read(_BLOCK):
                *lines, rest = (rest + block).split("\n")
                if len(rest) > _BLOCK:
                    raise FileRefused(f"{path.name}:{number + len(lines)}: is longer than {_BLOCK} letters")
                if lines:
                    yield number, lines
                number += len(lines)
    except (OSError, EOFError, zlib.error) as problem:
        raise FileRefused(f"{path.name}: {getattr(problem, 'strerror', None) or problem}") from None
    if rest:
        yield number, [rest]


def split(line: str) -> list[str]:
    """The fields of one line. Raises: FieldRefused."""
    if "\0" in line or any("\ud800" <= letter <= "\udfff" for letter in line):
        raise FieldRefused("holds a NUL byte" if "\0" in line else "is not UTF-8")
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error as problem:
        if "unexpected end" in str(problem):
            raise FieldRefused("opens a quote that it does not close; no field may hold a line break") from None
        raise FieldRefused(f"is not CSV ({problem})") from None


def _opened(path: Path) -> TextIO:
    # What is not UTF-8 becomes lone surrogates, so that the line at fault can be named.
    how = {"mode": "rt", "encoding": "utf-8-sig", "errors": "surrogateescape"}
    return cast(TextIO, gzip.open(path, **how) if path.suffix == ".gz" else path.open(**how))  # type: ignore[call-overload]
