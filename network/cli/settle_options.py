"""What the steps of `scripts/settle` share: options that cannot be meant, and files that are written whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class OptionRefused(ValueError):
    """An option that can't be meant."""


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """What is written inside is there whole or not at all. Raises: OptionRefused when there is no such folder."""
    if not path.parent.is_dir():
        raise OptionRefused(f"there is no folder {path.parent}")
    draft = path.with_name(f"{path.name}.draft")
    try:
        with draft.open("w+b") as out:
            yield out
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_whole(path: Path, document: bytes) -> None:
    """The same of a document that is at hand. Raises: OptionRefused."""
    with whole_file(path) as out:
        out.write(document)
