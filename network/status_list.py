"""A Token Status List in CWT form (draft-ietf-oauth-status-list), signed by a coalition's root, and its small deltas.

Two bits a place, the first place in the lowest bits of the first byte, compressed as zlib (RFC 1950). A delta is ours:
what changed since an earlier version, under the same signature. `docs/offline.md` describes both for others.
"""

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from network import cose
from network.key_set import seconds
from network.public_keys import COSE_ALGORITHMS
from network.signing import RootSigner

CONTENT_TYPE = "application/statuslist+cwt"
DELTA_TYPE = "application/pollen-status-delta+cwt"
BITS = 2
BLOCK = 1_024
"""A list grows by so many places at a time; the writers' processes draw their random places from such blocks."""

LIVES = timedelta(hours=24)
"""A till takes nothing by an older list."""

TTL_SECONDS = 300
FORMAT_VERSION = 1
_ALG, _KID, _TYPE = 1, 4, 16
_SUB, _EXP, _IAT, _STATUS_LIST, _TTL, _POLLEN, _DELTA = 2, 4, 6, 65533, 65534, -65537, -65540
_QUARTER = re.compile(r"\d{4}Q[1-4]")
_PER_BYTE = 8 // BITS


@dataclass(frozen=True, kw_only=True)
class Heading:
    """Which list, at which address, and the log position that it speaks for: its version, which only grows."""

    url: str
    coalition_id: UUID
    coalition_number: int
    quarter: str
    version: int
    made_at: datetime


def quarter_of(expires_at: datetime) -> str:
    """The list of a certificate that ends at this instant (UTC)."""
    return f"{expires_at.year}Q{(expires_at.month + 2) // 3}"


def is_quarter(text: str) -> bool:
    """Whether a list could have this name."""
    return _QUARTER.fullmatch(text) is not None


def room_for(entries: int) -> bytearray:
    """A list in which every place is untouched."""
    return bytearray(-(-entries // _PER_BYTE))


def put(places: bytearray, place: int, status: int) -> None:
    """Set the status of one place."""
    byte, shift = place // _PER_BYTE, BITS * (place % _PER_BYTE)
    places[byte] = places[byte] & ~(0b11 << shift) & 0xFF | status << shift


def sign_list(heading: Heading, places: bytes | bytearray, root: RootSigner) -> bytes:
    """The whole list, as it is published."""
    packed = {"bits": BITS, "lst": zlib.compress(bytes(places), 9)}
    return _sealed(heading, {_STATUS_LIST: packed, _TTL: TTL_SECONDS}, CONTENT_TYPE, root)


def sign_delta(
    heading: Heading, *, since: int, entries: int, changes: Iterable[tuple[int, int]], root: RootSigner
) -> bytes:
    """What makes this version of one that is `since` or later: `changes` are `(place, status)`."""
    flat = [number for change in changes for number in change]
    return _sealed(heading, {_DELTA: [since, entries, flat]}, DELTA_TYPE, root)


def _sealed(heading: Heading, says: dict[int, object], kind: str, root: RootSigner) -> bytes:
    key, at = root.key, seconds(heading.made_at)
    which = [
        FORMAT_VERSION, heading.coalition_number, heading.coalition_id.bytes, heading.quarter, heading.version
    ]  # fmt: skip
    payload = {
        _SUB: heading.url,
        _EXP: at + int(LIVES.total_seconds()),
        _IAT: at,
        **says,
        _POLLEN: which,
    }
    protected = {_ALG: COSE_ALGORITHMS[key.algorithm][0], _KID: key.kid, _TYPE: kind}
    return cose.seal(protected, cose.dumps(payload), root)
