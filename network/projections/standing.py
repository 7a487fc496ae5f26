"""What the views say of a merchant's partners before a draw: who gave and received how much, and who owes whom."""

from collections.abc import Mapping
from uuid import UUID

from psycopg import Connection, sql

from network.domain.draw import Standing
from network.projections.tracking import at_one_position

VIEWS = ("agreements", "flows", "obligations")

_PLACES = "SELECT count(DISTINCT position) FROM {t} WHERE projection = ANY (%s)"
_AGREEMENTS = "SELECT agreement_id, acceptor_id FROM {a} WHERE issuer_id = %s AND state <> 'ended'"
_GAVE = "SELECT issuer_id, sum(used_count)::bigint FROM {f} WHERE issuer_id = ANY (%s) GROUP BY issuer_id"
_RECEIVED = "SELECT acceptor_id, sum(used_count)::bigint FROM {f} WHERE acceptor_id = ANY (%s) GROUP BY acceptor_id"
_OWED = """
SELECT partner, sum(owed)::bigint FROM (
    SELECT creditor_id AS partner, owed FROM {o} WHERE debtor_id = %(merchant)s AND creditor_id = ANY (%(partners)s)
    UNION ALL
    SELECT debtor_id, -owed FROM {o} WHERE creditor_id = %(merchant)s AND debtor_id = ANY (%(partners)s)
) AS both_ways GROUP BY partner
"""


def standing_of(connection: Connection, schema: str, merchant_id: UUID, lifts: Mapping[UUID, int]) -> Standing:
    """All of one instant. `lifts` are measured elsewhere. The connection is in autocommit.

    While one of the views is behind the others (it is made anew, or stands still) nothing is said of the partners, as
    at the beginning of the log: what a draw records must be true of one position.
    """
    tracking = sql.Identifier(schema, "tracking")
    names = {name[0]: sql.Identifier(schema, name) for name in VIEWS}
    with at_one_position(connection, schema, VIEWS) as position:
        agreements = connection.execute(sql.SQL(_AGREEMENTS).format(**names), [merchant_id]).fetchall()
        partners: list[UUID] = list({acceptor_id for _, acceptor_id in agreements})
        ids = tuple(agreement_id for agreement_id, _ in agreements)
        lifts = {partner: lifts[partner] for partner in partners if partner in lifts}
        (places,) = connection.execute(sql.SQL(_PLACES).format(t=tracking), [list(VIEWS)]).fetchone() or (0,)
        if places != 1:
            return Standing(seen_at=0, agreements=ids, lifts=lifts)
        return Standing(
            seen_at=position,
            agreements=ids,
            gave=dict(_rows(connection, _GAVE, names, [partners])),
            received=dict(_rows(connection, _RECEIVED, names, [partners])),
            owed=dict(_rows(connection, _OWED, names, {"merchant": merchant_id, "partners": partners})),
            lifts=lifts,
        )


def _rows(
    connection: Connection, text: str, names: dict[str, sql.Identifier], values: list[object] | dict[str, object]
) -> list[tuple[UUID, int]]:
    return connection.execute(sql.SQL(text).format(**names), values).fetchall()
