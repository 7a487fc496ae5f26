"""Answers that are files: written whole to disk before a byte is sent, so that what fails half-way is refused."""

import tempfile
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, TypeVar, cast

from fastapi.responses import Response, StreamingResponse

R = TypeVar("R")

IN_MEMORY_BYTES: Final = 1024 * 1024
PIECE_BYTES: Final = 256 * 1024


def draft(write: Callable[[BinaryIO], R]) -> tuple[BinaryIO, R]:
    """A file that `write` has filled, and what it returned. It has no name, and goes when nobody holds it."""
    out = cast(BinaryIO, tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES))  # noqa: SIM115 - whoever sends it closes it
    try:
        return out, write(out)
    except BaseException:
        out.close()
        raise


def sent(document: BinaryIO, name: str, media_type: str) -> Response:
    """As a download."""
    size = document.seek(0, 2)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(size),
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(_pieces(document), 200, headers, media_type)


def _pieces(document: BinaryIO) -> Iterator[bytes]:
    with document:
        document.seek(0)
        while piece := document.read(PIECE_BYTES):
            yield piece
