"""Writes a long statement's file in a process of its own: see `network.settlement.apart`. Only whole ones are kept."""

import shutil
import sys
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import msgspec

from network.coalitions import OpenCoalition, ReadCoalition
from network.papers import files
from network.settlement import apart
from network.settlement.reading import stated_window
from network.settlement.statement import StatementDiffers


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
    """As `files.write_statement`, with the same bytes and refusals. Raises besides: NotMade, TooMany."""
    with stated_window(coalition, number) as reading:
        files.must_know(reading, party_id)
        reading.summary(party_id, version)
        long = reading.is_longer_than(party_id, apart.EVENTS_HERE)
    if not long:
        return files.write_statement(coalition, number, party_id, version, kind=kind, languages=languages, out=out)
    with apart.turn() as folder:
        into = folder / "paper"
        place = coalition.database_url, coalition.coalition_id, coalition.schema
        asked = _Asked(*place, number, party_id, version, kind, languages, str(into))
        told = msgspec.msgpack.decode(apart.told_by(__name__, msgspec.msgpack.encode(asked), folder), type=_Told)
        if told.differs is not None:
            raise StatementDiffers(told.differs)
        with into.open("rb") as paper:
            shutil.copyfileobj(paper, out)
        return told.version


def main() -> int:
    """The child."""
    asked = msgspec.msgpack.decode(apart.asked_of_child(), type=_Asked)
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
