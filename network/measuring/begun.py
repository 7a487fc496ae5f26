"""Whether there is anything to measure, and for whom: cheap to ask, and asked without loading what measures."""

from uuid import UUID

from psycopg import Connection, sql

_RANDOMISED = """
SELECT EXISTS (SELECT FROM {c} WHERE randomised > 0 AND (%(merchant)s::uuid IS NULL OR issuer_id = %(merchant)s))
    OR EXISTS (SELECT FROM {p} WHERE acceptor_id = %(merchant)s)
"""
_READERS = "SELECT issuer_id FROM {c} WHERE randomised > 0 UNION SELECT acceptor_id FROM {p} ORDER BY 1"


def is_randomised(connection: Connection, schema: str, merchant_id: UUID | None) -> bool:
    """Whether anything was drawn by lot: by or for this merchant, or with None by anybody."""
    statement = sql.SQL(_RANDOMISED).format(**_tables(schema))
    return connection.execute(statement, {"merchant": merchant_id}).fetchone() == (True,)


def readers(connection: Connection, schema: str) -> list[UUID | None]:
    """Everybody for whom that is so, and None for the street; nobody if nothing was drawn by lot."""
    found = [row[0] for row in connection.execute(sql.SQL(_READERS).format(**_tables(schema))).fetchall()]
    return [None, *found] if found else []


def pairs(connection: Connection, schema: str) -> list[tuple[UUID, UUID]]:
    """Who drew, and a partner that could have been drawn."""
    statement = sql.SQL("SELECT issuer_id, acceptor_id FROM {p} ORDER BY 1, 2").format(**_tables(schema))
    return [(issuer_id, acceptor_id) for issuer_id, acceptor_id in connection.execute(statement).fetchall()]


def _tables(schema: str) -> dict[str, sql.Identifier]:
    return {"c": sql.Identifier(schema, "draw_counts"), "p": sql.Identifier(schema, "drawn_pairs")}
