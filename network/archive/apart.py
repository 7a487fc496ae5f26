"""Writes a long archive with a process of its own: see `network.settlement.apart`. The keys stay in this one."""

import sys
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import msgspec

from network.archive import writing
from network.coalitions import OpenCoalition
from network.settlement import apart
from network.settlement.reading import Reading, stated_window


class _Asked(msgspec.Struct):
    place: apart.Place
    number: int
    party_id: UUID | None
    into: str


def write_archive(coalition: OpenCoalition, number: int, party_id: UUID | None, out: BinaryIO) -> None:
    """As `writing.write_archive`, with the same bytes and refusals. Raises besides: NotMade, TooMany."""
    with stated_window(coalition, number) as reading:
        long = _is_long(reading, party_id)
    if not long:
        writing.write_archive(coalition, number, party_id, out)
        return
    with apart.turn() as folder:
        asked = _Asked(apart.Place.of(coalition), number, party_id, str(folder))
        writing.pack(coalition, apart.told_by(__name__, asked, folder), folder, out)


def _is_long(reading: Reading, party_id: UUID | None) -> bool:
    if party_id is not None:
        return reading.is_longer_than(party_id, apart.EVENTS_HERE)
    return reading.heading.position - reading.heading.after_position > apart.EVENTS_HERE


def _make(asked: bytes) -> bytes:
    """In the child: the files, and what the manifest says of them."""
    one = msgspec.msgpack.decode(asked, type=_Asked)
    return writing.make_members(one.place.opened(), one.number, one.party_id, Path(one.into))


if __name__ == "__main__":
    sys.exit(apart.answered(_make))
