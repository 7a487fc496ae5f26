"""What the steps of `scripts/settle` share: options that cannot be meant, and files that are written whole."""

from pathlib import Path


class OptionRefused(ValueError):
    """An option that can't be meant."""


def write_whole(path: Path, document: bytes) -> None:
    """Whole or not at all. Raises: OptionRefused when there is no such folder."""
    if not path.parent.is_dir():
        raise OptionRefused(f"there is no folder {path.parent}")
    draft = path.with_name(f"{path.name}.draft")
    draft.write_bytes(document)
    draft.replace(path)
