"""The rules by which a till may take certificates without a network, by issuer."""

from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from network.domain.errors import CoalitionNotFound
from network.projections import coalition as coalition_view
from network.projections import merchants

_TERMS = """
SELECT DISTINCT v.agreement_id, v.version, a.issuer_id, v.terms
FROM {agreements} a JOIN {versions} v USING (agreement_id)
WHERE a.acceptor_id = %(acceptor)s AND (
    a.state = 'active' AND v.version = a.version_in_force
    OR EXISTS (SELECT FROM {certificates} c WHERE c.acceptor_id = %(acceptor)s AND c.state = 'active'
               AND c.agreement_id = v.agreement_id AND c.agreement_version = v.version))
"""


def rules_of(connection: Connection, schema: str, acceptor_id: UUID) -> dict[str, Any]:
    """Currency and time zone, this shop's number, and for each issuer the strictest rule that may bind it."""
    coalition = coalition_view.find(connection, schema)
    if coalition is None:
        raise CoalitionNotFound()
    partners = {row.merchant_id: row for row in merchants.all(connection, schema, limit=1_000_000)}
    rules: dict[UUID, dict[str, Any]] = {}
    for issuer_id, terms in _terms(connection, schema, acceptor_id):
        issuer = partners[issuer_id]
        rule = rules.setdefault(
            issuer_id,
            {
                "issuer_id": issuer_id,
                "issuer_number": issuer.number,
                "issuer_name": issuer.name,
                "ceiling": terms["offline_ceiling"],
                "smallest_bill": terms["smallest_bill_to_redeem"],
                "partial": terms["partial_redemption"],
                "transferable": terms["transferable"],
            },
        )
        rule["ceiling"] = min(rule["ceiling"], terms["offline_ceiling"])
        rule["smallest_bill"] = max(rule["smallest_bill"], terms["smallest_bill_to_redeem"])
        rule["partial"] = rule["partial"] and terms["partial_redemption"]
        rule["transferable"] = rule["transferable"] and terms["transferable"]
    return {
        "currency": coalition.currency,
        "time_zone": coalition.time_zone,
        "merchant_number": partners[acceptor_id].number,
        "rules": sorted(rules.values(), key=lambda rule: rule["issuer_number"]),
    }


def _terms(connection: Connection, schema: str, acceptor_id: UUID) -> list[tuple[UUID, dict[str, Any]]]:
    statement = sql.SQL(_TERMS).format(
        agreements=sql.Identifier(schema, "agreements"),
        versions=sql.Identifier(schema, "agreement_versions"),
        certificates=sql.Identifier(schema, "certificates"),
    )
    return [(issuer, terms) for _, _, issuer, terms in connection.execute(statement, {"acceptor": acceptor_id})]
