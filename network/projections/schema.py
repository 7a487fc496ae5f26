"""Creates the tables of every view, for the owner of the schema: the application's role may not."""

from collections.abc import Iterable

from psycopg import Connection, sql

from network.projections.catalogue import PROJECTIONS
from network.projections.projection import Projection


def create_views(connection: Connection, schema: str, projections: Iterable[Projection] = PROJECTIONS) -> None:
    """Create what is missing; a view whose rows this version would write otherwise is emptied, to be folded anew.

    Runs in the caller's transaction, as the owner of the schema, after the log's own migrations. Safe to repeat. All
    in one go: a coalition is founded while somebody waits.
    """
    said = _said(connection, schema)
    tracked = _tracked(connection, schema)
    missing = [
        one
        for one in projections
        if one.name not in tracked or {said.get(table.name) for table in one.tables} != {one.digest}
    ]
    if not missing:
        return
    begun = sql.SQL(
        "INSERT INTO {} AS t (projection, position) SELECT unnest({}::text[]), 0"
        " ON CONFLICT (projection) DO UPDATE SET position = 0, stopped = NULL"
    ).format(sql.Identifier(schema, "tracking"), sql.Literal([one.name for one in missing]))
    made = [part for one in missing for part in (_dropped(schema, one, ""), _created(schema, one, ""))]
    connection.execute(sql.SQL(";").join([*made, begun]))


def create_tables(connection: Connection, schema: str, projection: Projection, suffix: str = "") -> None:
    """Create one view's tables, empty; the comment on each says which version of the view its rows are of."""
    connection.execute(_created(schema, projection, suffix))


def drop_tables(connection: Connection, schema: str, projection: Projection, suffix: str = "") -> None:
    """Drop one view's tables, if they are there."""
    connection.execute(_dropped(schema, projection, suffix))


def _created(schema: str, projection: Projection, suffix: str) -> sql.Composed:
    parts: list[sql.Composable] = []
    for table in projection.tables:
        parts.append(sql.SQL(table.definition(suffix)).format(schema=sql.Identifier(schema)))
        place = sql.Identifier(schema, table.name + suffix)
        parts.append(sql.SQL("COMMENT ON TABLE {} IS {}").format(place, sql.Literal(projection.digest)))
    return sql.SQL(";").join(parts)


def _dropped(schema: str, projection: Projection, suffix: str) -> sql.Composed:
    places = sql.SQL(", ").join(sql.Identifier(schema, table.name + suffix) for table in projection.tables)
    return sql.SQL("DROP TABLE IF EXISTS {}").format(places)


def _said(connection: Connection, schema: str) -> dict[str, str]:
    """`{table: what its comment says}`."""
    rows = connection.execute(
        "SELECT c.relname, d.description FROM pg_class c JOIN pg_description d"
        " ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0"
        " WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind = 'r'",
        (schema,),
    )
    return dict(rows.fetchall())


def _tracked(connection: Connection, schema: str) -> set[str]:
    rows = connection.execute(sql.SQL("SELECT projection FROM {}").format(sql.Identifier(schema, "tracking")))
    return {name for (name,) in rows}
