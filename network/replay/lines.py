"""One CSV file line by line, however damaged: what cannot be read is a bad line, and the next line is read."""

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

LINE_MAX = 4_096
"""Bytes of the longest line that is read. A field never spans lines, so that one bad line costs no other."""

_BROKEN = (EOFError, zlib.error, OSError)


class FileRefused(Exception):
    """A file that cannot be imported at all; its text names it and says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """The fields of one good line, in the order of the columns that were asked for."""

    number: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is left out, and why."""

    file: str
    number: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.number}: {self.reason}"


def find_file(folder: Path, name: str) -> Path:
    """`name`.csv or `name`.csv.gz. Raises: FileRefused unless there is exactly one of them."""
    if not folder.is_dir():
        raise FileRefused(f"{folder} is not a folder")
    found = [path for path in (folder / f"{name}.csv", folder / f"{name}.csv.gz") if path.is_file()]
    if not found:
        raise FileRefused(f"{folder} holds neither {name}.csv nor {name}.csv.gz")
    if len(found) > 1:
        raise FileRefused(f"{folder} holds both {name}.csv and {name}.csv.gz; remove the one that is not meant")
    return found[0]


def check_header(path: Path, columns: Sequence[str]) -> None:
    """Raises: FileRefused for a file that cannot be opened, or a header without `columns`."""
    with _opened(path) as file:
        _places(path.name, next(_raw_lines(file), b""), columns)


def read_lines(path: Path, columns: Sequence[str]) -> Iterator[Line | BadLine]:
    """Every line below the header; blank ones are passed over. Raises: FileRefused as `check_header`."""
    with _opened(path) as file:
        lines = _raw_lines(file)
        places = _places(path.name, next(lines, b""), columns)
        width = max(places) + 1
        for number, raw in enumerate(lines, start=2):
            fields = raw if isinstance(raw, str) else _fields(raw)
            if isinstance(fields, str):
                yield BadLine(path.name, number, fields)
            elif len(fields) >= width:
                yield Line(number, tuple(fields[place] for place in places))
            elif fields:
                yield BadLine(path.name, number, f"has {len(fields)} fields, expected {width}")


def _opened(path: Path) -> BinaryIO:
    try:
        return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")
    except OSError as problem:
        raise FileRefused(f"{path.name}: {problem.strerror}") from None


def _raw_lines(file: BinaryIO) -> Iterator[bytes | str]:
    """The bytes of each line, or why they could not be read."""
    try:
        while raw := file.readline(LINE_MAX):
            if len(raw) < LINE_MAX or raw.endswith(b"\n"):
                yield raw
            else:
                while (rest := file.readline(65_536)) and not rest.endswith(b"\n"):
                    pass
                yield f"is longer than {LINE_MAX} bytes"
    except _BROKEN as problem:
        yield f"the file is broken here, nothing after it could be read ({problem})"


def _places(name: str, header: bytes | str, columns: Sequence[str]) -> list[int]:
    fields = header if isinstance(header, str) else _fields(header.removeprefix(b"\xef\xbb\xbf"))
    if isinstance(fields, str):
        raise FileRefused(f"{name}:1: {fields}")
    for column in columns:
        if fields.count(column) != 1:
            times = "no column" if column not in fields else "more than one column"
            raise FileRefused(f"{name}:1: {times} {column}")
    return [fields.index(column) for column in columns]


def _fields(raw: bytes) -> list[str] | str:
    """The fields of a line, none for a blank one, or what is wrong with it."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    if "\0" in text:
        return "holds a NUL byte"
    try:
        rows = list(csv.reader([text], strict=True))
    except csv.Error as problem:
        return f"is not CSV ({problem})"
    return rows[0] if rows else []
