"""The published status lists of each coalition, as this process keeps them: changed place by place, not made anew."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from network.api.errors import RequestRefused
from network.api.threads import in_thread
from network.coalitions import Clock, OpenCoalition
from network.domain.errors import NotFound
from network.projections import status_lists
from network.projections.tracking import at_one_position
from network.status_list import BLOCK, Heading, put, room_for, sign_delta, sign_list

RENEWED = timedelta(seconds=60)
"""How old a published list may be: as often a new one is signed, if anybody asks."""

CHANGES_MAX = 20_000
DELTAS_KEPT = 64
EVERYTHING = 2**62


class StatusListNotFound(NotFound):
    """No certificate of this coalition ends in that quarter."""

    code = "status_list_not_found"
    sentence = "There is no status list of this name."


class StatusDeltaGone(RequestRefused):
    """Too much changed since, or the version is not one of ours."""

    status = 410
    code = "status_delta_gone"
    sentence = "Fetch the whole list instead: too much changed since version {since}."


@dataclass(frozen=True)
class Signed:
    """A document and when it was made. `etag`: the same as long as the bytes are."""

    content: bytes
    made_at: datetime

    @property
    def etag(self) -> str:
        """What a caller may name to be spared the same bytes."""
        return f'"{sha256(self.content).hexdigest()[:32]}"'


@dataclass
class _Kept:
    places: bytearray = field(default_factory=bytearray)
    version: int = 0
    signed: Signed | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class StatusLists:
    """Belongs to the event loop. `address`: where the service is reached."""

    def __init__(self, clock: Clock, address: str) -> None:
        self._clock = clock
        self._address = address.rstrip("/")
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._deltas: OrderedDict[tuple[str, str, int], Signed] = OrderedDict()

    def url(self, coalition: OpenCoalition, quarter: str) -> str:
        """Where a list is published."""
        return f"{self._address}{path_of(coalition, quarter)}"

    async def whole(self, coalition: OpenCoalition, quarter: str) -> Signed:
        """The list as of a minute ago at most. Raises: StatusListNotFound."""
        kept = self._kept.get((coalition.schema, quarter)) or _Kept()
        async with kept.lock:
            now = self._clock()
            if kept.signed is None or not timedelta(0) <= now - kept.signed.made_at < RENEWED:
                kept.signed = await in_thread(self._make, coalition, quarter, kept, now)
                self._kept[coalition.schema, quarter] = kept
            return kept.signed

    async def delta(self, coalition: OpenCoalition, quarter: str, since: int) -> Signed:
        """What changed since a version. Raises: StatusListNotFound, StatusDeltaGone."""
        key = (coalition.schema, quarter, since)
        signed, now = self._deltas.get(key), self._clock()
        if signed is None or not timedelta(0) <= now - signed.made_at < RENEWED:
            signed = await in_thread(self._difference, coalition, quarter, since, now)
            self._deltas[key] = signed
            self._deltas.move_to_end(key)
            while len(self._deltas) > DELTAS_KEPT:
                self._deltas.popitem(last=False)
        return signed

    def _make(self, coalition: OpenCoalition, quarter: str, kept: _Kept, now: datetime) -> Signed:
        schema, name = coalition.schema, status_lists.PROJECTION.name
        with coalition.readers.connection() as connection, at_one_position(connection, schema, (name,)) as position:
            entries = _entries(status_lists.all(connection, schema), quarter)
            found = status_lists.changes(connection, schema, quarter, after=kept.version, limit=EVERYTHING)
        kept.places.extend(bytes(max(0, len(room_for(entries)) - len(kept.places))))
        for entry in found:
            put(kept.places, entry.place, entry.status)
        # A view that is being made anew is behind: what was published stays until it is there.
        kept.version = max(position, kept.version)
        heading = self._heading(coalition, quarter, kept.version, now)
        return Signed(sign_list(heading, kept.places, coalition.keyring.root()), now)

    def _difference(self, coalition: OpenCoalition, quarter: str, since: int, now: datetime) -> Signed:
        schema, name = coalition.schema, status_lists.PROJECTION.name
        with coalition.readers.connection() as connection, at_one_position(connection, schema, (name,)) as position:
            entries = _entries(status_lists.all(connection, schema), quarter)
            if since > position:
                raise StatusDeltaGone(since=since)
            found = status_lists.changes(connection, schema, quarter, after=since, limit=CHANGES_MAX + 1)
        if len(found) > CHANGES_MAX:
            raise StatusDeltaGone(since=since)
        signed = sign_delta(
            self._heading(coalition, quarter, position, now),
            since=since,
            entries=entries,
            changes=[(entry.place, entry.status) for entry in found],
            root=coalition.keyring.root(),
        )
        return Signed(signed, now)

    def _heading(self, coalition: OpenCoalition, quarter: str, position: int, now: datetime) -> Heading:
        return Heading(
            url=self.url(coalition, quarter),
            coalition_id=coalition.coalition_id,
            coalition_number=coalition.entry.number,
            quarter=quarter,
            version=position,
            made_at=now,
        )


def path_of(coalition: OpenCoalition, quarter: str) -> str:
    """The path of a list."""
    return f"/.well-known/pollen/{coalition.entry.slug}/status/{quarter}.cwt"


def _entries(found: list[status_lists.ListRow], quarter: str) -> int:
    for row in found:
        if row.quarter == quarter:
            return max(row.entries, BLOCK)
    raise StatusListNotFound()
