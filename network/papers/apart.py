"""Writes a long statement's file in a process of its own: see `network.settlement.apart`. Only whole ones are kept."""

import shutil
import sys
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import msgspec

from network.coalitions import OpenCoalition
from network.papers import files
from network.settlement import apart
from network.settlement.reading import stated_window


class _Asked(msgspec.Struct):
    place: apart.Place
    number: int
    party_id: UUID
    version: int | None
    kind: str
    languages: tuple[str, ...]
    into: str


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
        asked = _Asked(apart.Place.of(coalition), number, party_id, version, kind, languages, str(into))
        made = int(apart.told_by(__name__, asked, folder))
        with into.open("rb") as paper:
            shutil.copyfileobj(paper, out)
        return made


def _make(asked: bytes) -> bytes:
    """In the child: the file, and which version it is."""
    one = msgspec.msgpack.decode(asked, type=_Asked)
    place = one.place.opened(), one.number, one.party_id, one.version
    with Path(one.into).open("wb") as out:
        return str(files.write_statement(*place, kind=one.kind, languages=one.languages, out=out)).encode()


if __name__ == "__main__":
    sys.exit(apart.answered(_make))
