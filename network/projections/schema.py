"""Creates the tables of every view, for the owner of the schema: the application's role may not."""

from collections.abc import Iterable

from psycopg import Connection, sql

from network.projections.catalogue import PROJECTIONS
from network.projections.projection import Projection


def create_views(connection: Connection, schema: str, projections: Iterable[Projection] = PROJECTIONS) -> None:
    """Create what is missing; a view whose rows this version would write otherwise is emptied, to be folded anew.

    Runs in the caller's transaction, as the owner of the schema, after the log's own migrations. Safe to repeat.
    """
    for projection in projections:
        if _digest(connection, schema, projection) == projection.digest:
            continue
        drop_tables(connection, schema, projection)
        create_tables(connection, schema, projection)
        connection.execute(
            sql.SQL(
                "INSERT INTO {} AS t (projection, position) VALUES (%s, 0)"
                " ON CONFLICT (projection) DO UPDATE SET position = 0, stopped = NULL"
            ).format(sql.Identifier(schema, "tracking")),
            (projection.name,),
        )


def create_tables(connection: Connection, schema: str, projection: Projection, suffix: str = "") -> None:
    """Create one view's tables, empty; the comment on each says which version of the view its rows are of."""
    for table in projection.tables:
        connection.execute(sql.SQL(table.definition(suffix)).format(schema=sql.Identifier(schema)))
        connection.execute(
            sql.SQL("COMMENT ON TABLE {} IS {}").format(
                sql.Identifier(schema, table.name + suffix), sql.Literal(projection.digest)
            )
        )


def drop_tables(connection: Connection, schema: str, projection: Projection, suffix: str = "") -> None:
    """Drop one view's tables, if they are there."""
    for table in projection.tables:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(schema, table.name + suffix)))


def _digest(connection: Connection, schema: str, projection: Projection) -> str | None:
    """What the tables say they are; None unless all are there and say the same, and the view is tracked."""
    said = set()
    for table in projection.tables:
        row = connection.execute(
            "SELECT obj_description(to_regclass(%s), 'pg_class')", (f'"{schema}"."{table.name}"',)
        ).fetchone()
        said.add(row[0] if row else None)
    tracked = connection.execute(
        sql.SQL("SELECT FROM {} WHERE projection = %s").format(sql.Identifier(schema, "tracking")), (projection.name,)
    ).fetchone()
    return said.pop() if len(said) == 1 and tracked is not None else None
