"""Which events go into an archive: all of the window for the organizer, for a partner those behind its own lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection, sql

from network.domain.window import window_id_of
from network.projections import statement_rows
from network.projections.tables import take_time
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

_OF_PARTY = """
WITH moved AS (
    SELECT position, certificate_id FROM {c} JOIN (
        SELECT position FROM {c} WHERE window_number = %(number)s AND issuer_id = %(party)s
        UNION SELECT position FROM {c} WHERE window_number = %(number)s AND acceptor_id = %(party)s
        UNION SELECT position FROM {l} WHERE window_number = %(number)s AND debtor_id = %(party)s
        UNION SELECT position FROM {l} WHERE window_number = %(number)s AND creditor_id = %(party)s
    ) AS found USING (position)
), own AS (
    SELECT position FROM moved
    UNION SELECT e.position FROM {e} e JOIN (SELECT DISTINCT certificate_id FROM moved) m
        ON e.originator_id = m.certificate_id WHERE e.position <= %(cut)s AND e.topic = ANY (%(topics)s)
)"""
_OF_ALL = """
WITH moved AS (
    SELECT DISTINCT certificate_id FROM {c} WHERE window_number = %(number)s
), own AS (
    SELECT position FROM {e} WHERE position > %(after)s AND position <= %(cut)s
    UNION SELECT e.position FROM {e} e JOIN moved m ON e.originator_id = m.certificate_id WHERE e.position <= %(cut)s
    UNION SELECT position FROM {e} WHERE topic = 'Window.Stated' AND originator_id = ANY (%(windows)s::uuid[])
)"""
_AGREED = """, agreed AS (
    SELECT DISTINCT (convert_from(e.state, 'UTF8')::json #>> '{{origin,agreement_id}}')::uuid AS agreement_id
    FROM {e} e JOIN own USING (position) WHERE e.topic = 'Certificate.Issued'
), kept AS (
    SELECT position FROM own
    UNION SELECT e.position FROM {e} e JOIN agreed a ON e.originator_id = a.agreement_id WHERE e.position <= %(cut)s
)"""
_KEPT = """
SELECT e.position, e.originator_id, e.originator_version, e.topic, e.state, e.hash, before.hash
FROM kept JOIN {e} e USING (position) LEFT JOIN {e} before ON before.position = e.position - 1
ORDER BY e.position
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


def events_of(reading: Reading, party_id: UUID | None) -> Iterator[Kept]:
    """Of a partner: its lines' certificates and agreements, from their first event. Else: the window and what is
    needed from before it. In log order, a few at a time.
    """
    schema, heading = reading.schema, reading.heading
    tables = {"e": "events", "c": statement_rows.CAUSES.name, "l": statement_rows.LINES.name}
    named = {name: sql.Identifier(schema, table) for name, table in tables.items()}
    facts = {
        "party": party_id,
        "number": heading.window,
        "topics": list(MOVES_MONEY),
        "cut": heading.position,
        "after": heading.after_position,
        "windows": [window_id_of(heading.coalition_id, heading.window - back) for back in (0, 1)],
    }
    statement = (_OF_ALL if party_id is None else _OF_PARTY) + _AGREED + _KEPT
    take_time(reading.connection)
    with reading.connection.cursor(name="archive_events") as cursor:
        cursor.itersize = 2_000
        for row in cursor.execute(sql.SQL(statement).format(**named), facts):
            yield _kept(row, party_id)


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


def _kept(row: tuple[Any, ...], party_id: UUID | None) -> Kept:
    position, some_id, version, topic, state, link, before = row
    open_to_all = party_id is None or topic.startswith("Agreement.")
    shown = None if open_to_all else _discreet(topic, msgspec.json.decode(state), str(party_id))
    whole = state.decode() if shown is None else None
    return Kept(position, some_id, version, topic, whole, shown, (before or GENESIS).hex(), link.hex())


def _discreet(topic: str, facts: dict[str, Any], party_id: str) -> dict[str, Any] | None:
    """What a partner may know of an event; None where that is all of it."""
    if topic.startswith("Default."):  # what came back is shared out among many
        own = [p for p in facts.get("postings", ()) if party_id in (p["debtor"], p["creditor"])]
        return {name: value for name, value in facts.items() if name != "shares"} | {"postings": own}
    if any(facts.get(name) is not None for name in _GUESTS):
        return {name: value for name, value in facts.items() if name not in _GUESTS}
    return None
