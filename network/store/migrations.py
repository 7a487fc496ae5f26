"""The database brought to this version: the directory, the application's role, and every coalition's schema."""

import re
from importlib import resources

from psycopg import Connection, connect, sql

_DIRECTORY = """
CREATE SCHEMA IF NOT EXISTS pollen;
CREATE TABLE IF NOT EXISTS pollen.coalitions (
    coalition_id uuid    PRIMARY KEY,
    slug         text    NOT NULL UNIQUE CHECK (slug ~ '^[a-z][a-z0-9-]{1,39}$'),
    number       integer NOT NULL UNIQUE,
    schema_name  text    NOT NULL UNIQUE,
    database_url text,
    epoch        integer NOT NULL DEFAULT 1,
    founded_at   timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE pollen.coalitions ADD COLUMN IF NOT EXISTS importing boolean NOT NULL DEFAULT false;
GRANT USAGE ON SCHEMA pollen TO pollen_app;
GRANT SELECT ON pollen.coalitions TO pollen_app;
"""

_ROLE = """
DO $$ BEGIN
    CREATE ROLE pollen_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""


def migrate_all(database_url: str) -> None:
    """Create what is missing and bring every coalition's schema to this version. Safe to run at every start."""
    with connect(database_url, autocommit=True) as connection:
        connection.execute(_ROLE)
        connection.execute("GRANT pollen_app TO CURRENT_USER")
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('pollen.migrations'))")
            connection.execute(_DIRECTORY)
            for (schema,) in connection.execute("SELECT schema_name FROM pollen.coalitions").fetchall():
                migrate_coalition(connection, schema)


def drop_all(database_url: str) -> None:
    """Remove every coalition and the directory from a database: a fresh start that the operator asked for twice."""
    with connect(database_url, autocommit=True) as connection, connection.transaction():
        present = connection.execute("SELECT to_regclass('pollen.coalitions') IS NOT NULL").fetchone()
        if present != (True,):
            return
        for (schema,) in connection.execute("SELECT schema_name FROM pollen.coalitions").fetchall():
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(_checked(schema))))
        connection.execute("DROP SCHEMA pollen CASCADE")


def migrate_coalition(connection: Connection, schema: str) -> None:
    """Apply the numbered files this schema has not seen, each once, then the views, in the caller's transaction."""
    from network.projections.schema import create_views  # noqa: PLC0415  the views stand on this room, not under it

    name = _checked(schema)
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(name)))
    connection.execute(
        sql.SQL("CREATE TABLE IF NOT EXISTS {}.migrations (file text PRIMARY KEY, applied_at timestamptz)").format(
            sql.Identifier(name)
        )
    )
    seen = {
        file
        for (file,) in connection.execute(
            sql.SQL("SELECT file FROM {}.migrations").format(sql.Identifier(name))
        ).fetchall()
    }
    for file in sorted(f.name for f in resources.files("network.store.ddl").iterdir() if f.name.endswith(".sql")):
        if file not in seen:
            text = resources.files("network.store.ddl").joinpath(file).read_text(encoding="utf-8")
            connection.execute(text.format(schema=name).encode())
            connection.execute(
                sql.SQL("INSERT INTO {}.migrations VALUES (%s, now())").format(sql.Identifier(name)), (file,)
            )
    create_views(connection, schema)


def _checked(schema: str) -> str:
    """Schema names go into DDL as they are, so they are ours alone: letters, digits, underscore."""
    assert re.fullmatch(r"coalition_[a-z0-9_]{1,50}", schema), schema
    return schema
