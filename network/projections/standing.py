"""What the views say of a merchant's partners before a draw: who gave and received how much, and who owes whom."""

from collections.abc import Mapping
from uuid import UUID

from psycopg import Connection, sql

from network.domain.draw import Standing
from network.projections.tracking import at_one_position

VIEWS = ("agreements", "flows", "obligations")

_ALL = """
WITH mine AS (SELECT agreement_id, acceptor_id FROM {agreements} WHERE issuer_id = %(merchant)s AND state <> 'ended'),
    partners AS (SELECT DISTINCT acceptor_id AS id FROM mine)
SELECT 'places' AS what, NULL::uuid AS partner, NULL::uuid AS agreement, count(DISTINCT position) AS amount
FROM {tracking} WHERE projection = ANY (%(views)s)
UNION ALL SELECT 'agreement', acceptor_id, agreement_id, 0 FROM mine
UNION ALL SELECT 'gave', issuer_id, NULL, sum(used_count)::bigint
FROM {flows} WHERE issuer_id IN (SELECT id FROM partners) GROUP BY issuer_id
UNION ALL SELECT 'received', acceptor_id, NULL, sum(used_count)::bigint
FROM {flows} WHERE acceptor_id IN (SELECT id FROM partners) GROUP BY acceptor_id
UNION ALL SELECT 'owed', partner, NULL, sum(owed)::bigint FROM (
    SELECT creditor_id AS partner, owed FROM {obligations}
    WHERE debtor_id = %(merchant)s AND creditor_id IN (SELECT id FROM partners)
    UNION ALL
    SELECT debtor_id, -owed FROM {obligations}
    WHERE creditor_id = %(merchant)s AND debtor_id IN (SELECT id FROM partners)
) AS both_ways GROUP BY partner
"""
"""In one question: a till waits for it, and each more is one more turn at the interpreter."""


def standing_of(connection: Connection, schema: str, merchant_id: UUID, lifts: Mapping[UUID, int]) -> Standing:
    """All of one instant. `lifts` are measured elsewhere. The connection is in autocommit.

    While one of the views is behind the others (it is made anew, or stands still) nothing is said of the partners, as
    at the beginning of the log: what a draw records must be true of one position.
    """
    names = {name: sql.Identifier(schema, name) for name in (*VIEWS, "tracking")}
    with at_one_position(connection, schema, VIEWS) as position:
        found = connection.execute(
            sql.SQL(_ALL).format(**names), {"merchant": merchant_id, "views": list(VIEWS)}
        ).fetchall()
    partners = {partner for what, partner, _, _ in found if what == "agreement"}
    ids = tuple(agreement_id for what, _, agreement_id, _ in found if what == "agreement")
    lifts = {partner: lifts[partner] for partner in partners if partner in lifts}
    if ("places", None, None, 1) not in found:
        return Standing(seen_at=0, agreements=ids, lifts=lifts)
    amounts: dict[str, dict[UUID, int]] = {"gave": {}, "received": {}, "owed": {}}
    for what, partner, _, amount in found:
        if what in amounts:
            amounts[what][partner] = amount
    return Standing(seen_at=position, agreements=ids, lifts=lifts, **amounts)
