"""Counted tries in the database, so that several processes count together and a restart forgets nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from network.access.secrets import keyed_digest
from network.access.tables import all_rows, run
from network.coalitions import OpenCoalition


@dataclass(frozen=True, slots=True)
class Room:
    """At most `most` tries in `minutes`."""

    name: str
    most: int
    minutes: int


PASSWORDS = Room("passwords", 10, 15)
"""Of one login from one address, so that a stranger does not lock its owner out."""
PASSWORDS_OF_LOGIN = Room("passwords of a login", 100, 15)
"""Of one login from everywhere: ten addresses and more that guess together."""
PASSWORDS_OF_ADDRESS = Room("passwords of an address", 60, 15)
SECOND_FACTORS = Room("second factors", 6, 15)
PINS = Room("pins", 5, 10)
CODES_OF_ADDRESS = Room("codes of an address", 20, 15)
CODES = Room("codes", 500, 15)


def neighbourhood(address: str) -> str:
    """What one stranger has: an IPv4 address, or the 64 bits of IPv6 that a line is given."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(known) if known.version == 4 else str(ip_network((known, 64), strict=False))


@dataclass(frozen=True, slots=True)
class _Counted:
    counted: int
    began_at: datetime


def take(coalition: OpenCoalition, room: Room, who: str, at: datetime) -> int:
    """Count one try, before it is checked, so that parallel tries are counted too.

    Returns 0, or the seconds to wait when there is no room for it.
    """
    key = keyed_digest(coalition, room.name, who)
    stretch = timedelta(minutes=room.minutes)
    (found,) = all_rows(
        coalition,
        _Counted,
        "INSERT INTO {tries} AS t (key, counted, began_at) VALUES (%s, 1, %s) ON CONFLICT (key) DO UPDATE SET"
        " counted = CASE WHEN t.began_at <= %s THEN 1 ELSE t.counted + 1 END,"
        " began_at = CASE WHEN t.began_at <= %s THEN excluded.began_at ELSE t.began_at END"
        " RETURNING counted, began_at",
        (key, at, at - stretch, at - stretch),
    )
    if found.counted <= room.most:
        return 0
    return max(1, int((found.began_at + stretch - at).total_seconds()) + 1)


def forget(coalition: OpenCoalition, room: Room, who: str) -> None:
    """It was right: start counting anew."""
    run(coalition, "DELETE FROM {tries} WHERE key = %s", (keyed_digest(coalition, room.name, who),))


def forget_old(coalition: OpenCoalition, at: datetime) -> None:
    """Drop what no room looks at any more."""
    run(coalition, "DELETE FROM {tries} WHERE began_at < %s", (at - timedelta(hours=1),))
