"""Whether there is anything to measure: cheap to ask, and asked without loading what measures."""

from uuid import UUID

from psycopg import Connection, sql


def is_randomised(connection: Connection, schema: str, merchant_id: UUID | None) -> bool:
    """Whether anything was drawn by lot: by or for this merchant, or with None by anybody."""
    statement = sql.SQL(
        "SELECT EXISTS (SELECT FROM {d} WHERE randomised AND (%(merchant)s::uuid IS NULL OR issuer_id = %(merchant)s))"
        " OR EXISTS (SELECT FROM {o} WHERE acceptor_id = %(merchant)s)"
    ).format(d=sql.Identifier(schema, "draws"), o=sql.Identifier(schema, "draw_outcomes"))
    return connection.execute(statement, {"merchant": merchant_id}).fetchone() == (True,)
