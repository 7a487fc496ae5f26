"""Which events go into an archive: all of the window for the organizer, for a partner those behind its own lines."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection, sql

from network.domain.window import window_id_of
from network.projections import statement_rows
from network.settlement.reading import Reading

GENESIS = sha256(b"pollen").digest()
MOVES_MONEY = (
    "Certificate.Issued",
    "Certificate.Redeemed",
    "Certificate.RedemptionReversed",
    "Certificate.RedemptionRefunded",
    "Certificate.OfflineConflicted",
)
"""What a partner needs of a certificate to recompute its lines."""
_GUESTS = ("holder_id", "from_id")

_KEPT = """
SELECT e.position, e.originator_id, e.originator_version, e.topic, e.state, e.hash, before.hash
FROM {e} e LEFT JOIN {e} before ON before.position = e.position - 1
WHERE {where} ORDER BY e.position
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """One event. `state` is what was hashed, or the facts without the guest where the reader may not know the guest."""

    position: int
    id: UUID
    version: int
    topic: str
    state: str | None
    facts: dict[str, Any] | None
    previous: str
    hash: str


def events_of(reading: Reading, party_id: UUID | None) -> list[Kept]:
    """Of a partner: its lines' certificates and agreements, from their first event. Else: the window and what is
    needed from before it.
    """
    connection, schema, heading = reading.connection, reading.schema, reading.heading
    moved = _moved(connection, schema, heading.window, party_id)
    certificates = list({certificate_id for _, certificate_id in moved if certificate_id is not None})
    where = sql.SQL(
        "e.originator_id = ANY (%(certificates)s) AND e.position <= %(cut)s"
        " AND (%(whole)s OR e.topic = ANY (%(topics)s))"
        " OR e.position = ANY (%(positions)s)"
        " OR %(whole)s AND (e.position > %(after)s AND e.position <= %(cut)s"
        " OR e.topic = 'Window.Stated' AND e.originator_id = ANY (%(windows)s))"
    )
    facts = {
        "certificates": certificates,
        "positions": [position for position, _ in moved],
        "topics": list(MOVES_MONEY),
        "cut": heading.position,
        "after": heading.after_position,
        "whole": party_id is None,
        "windows": [window_id_of(heading.coalition_id, heading.window - back) for back in (0, 1)],
    }
    found = list(_selected(connection, schema, where, facts, party_id))
    agreements = _agreements(found)
    if agreements:
        where = sql.SQL("e.originator_id = ANY (%(agreements)s) AND e.position <= %(cut)s")
        facts = {"agreements": agreements, "cut": heading.position}
        found += _selected(connection, schema, where, facts, None)
    return [kept for _, kept in sorted({kept.position: kept for kept in found}.items())]


def links_of(connection: Connection, schema: str, after: int, until: int) -> Iterator[bytes]:
    """The chain's hashes of these positions."""
    with connection.cursor(name="archive_links") as cursor:
        cursor.itersize = 20_000
        statement = sql.SQL("SELECT hash FROM {} WHERE position > %s AND position <= %s ORDER BY position")
        for (link,) in cursor.execute(statement.format(sql.Identifier(schema, "events")), (after, until)):
            yield link


def link_at(connection: Connection, schema: str, position: int) -> bytes:
    """The chain's hash at a position; that of the beginning at 0."""
    row = connection.execute(
        sql.SQL("SELECT hash FROM {} WHERE position = %s").format(sql.Identifier(schema, "events")), (position,)
    ).fetchone()
    return GENESIS if row is None else row[0]


def cuts_of(connection: Connection, schema: str, until: int) -> list[int]:
    """The position of every cut so far."""
    statement = sql.SQL("SELECT position FROM {} WHERE number <= %s ORDER BY number").format(
        sql.Identifier(schema, statement_rows.CUTS.name)
    )
    return [position for (position,) in connection.execute(statement, (until,))]


def _moved(connection: Connection, schema: str, number: int, party_id: UUID | None) -> list[tuple[int, UUID | None]]:
    if party_id is None:
        statement = sql.SQL("SELECT position, certificate_id FROM {} WHERE window_number = %s").format(
            sql.Identifier(schema, statement_rows.CAUSES.name)
        )
        return connection.execute(statement, (number,)).fetchall()
    lines = statement_rows.lines_of_party(connection, schema, number, party_id)
    positions = sorted({line.position for line in lines})
    causes = statement_rows.causes_of_party(connection, schema, number, party_id, positions)
    return [(cause.position, cause.certificate_id) for cause in causes]


def _selected(
    connection: Connection, schema: str, where: sql.SQL, facts: dict[str, Any], party_id: UUID | None
) -> Iterator[Kept]:
    statement = sql.SQL(_KEPT).format(e=sql.Identifier(schema, "events"), where=where)
    for position, some_id, version, topic, state, link, before in connection.execute(statement, facts):
        shown = None if party_id is None else _discreet(topic, msgspec.json.decode(state), str(party_id))
        whole = state.decode() if shown is None else None
        yield Kept(position, some_id, version, topic, whole, shown, (before or GENESIS).hex(), link.hex())


def _discreet(topic: str, facts: dict[str, Any], party_id: str) -> dict[str, Any] | None:
    """What a partner may know of an event; None where that is all of it."""
    if topic.startswith("Default."):  # what came back is shared out among many
        own = [p for p in facts.get("postings", ()) if party_id in (p["debtor"], p["creditor"])]
        return {name: value for name, value in facts.items() if name != "shares"} | {"postings": own}
    if any(facts.get(name) is not None for name in _GUESTS):
        return {name: value for name, value in facts.items() if name not in _GUESTS}
    return None


def _agreements(events: Collection[Kept]) -> list[UUID]:
    issued = [kept for kept in events if kept.topic == "Certificate.Issued"]
    origins = [kept.facts or msgspec.json.decode(kept.state or "") for kept in issued]
    return sorted({UUID(facts["origin"]["agreement_id"]) for facts in origins})
