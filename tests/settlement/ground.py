"""Ground for many histories: one coalition's tables, made once and emptied for the next."""

from uuid import UUID

import psycopg
from psycopg import sql

from network.projections.catalogue import NAMES
from network.store.migrations import migrate_coalition

GROUND = UUID(int=1, version=4)
"""Always the same, so that a seed is a history."""


def emptied(database_url: str) -> UUID:
    """The id of a coalition whose tables are as good as new, whoever lived there before."""
    schema = f"coalition_{GROUND.hex}"
    with psycopg.connect(database_url) as connection:
        migrate_coalition(connection, schema)
        connection.execute("SET session_replication_role = replica")  # or the log refuses to forget
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s AND tablename <> 'migrations'", (schema,)
        ).fetchall()
        named = sql.SQL(", ").join(sql.Identifier(schema, table) for (table,) in tables)
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(named))
        connection.execute(sql.SQL("INSERT INTO {} DEFAULT VALUES").format(sql.Identifier(schema, "head")))
        begun = sql.SQL("INSERT INTO {} (projection, position) SELECT unnest(%s::text[]), 0")
        connection.execute(begun.format(sql.Identifier(schema, "tracking")), (list(NAMES),))
        connection.execute("DELETE FROM pollen.coalitions WHERE schema_name = %s", (schema,))
    return GROUND
