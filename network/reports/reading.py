"""What reports ask of the views. The cost follows from the days of the period and the agreements, not from history."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from psycopg import Connection, sql

from network.projections.effects.rows import DAY_SUMS, HOP_SUMS, HORIZONS, MARGINS, MarginRow
from network.projections.tables import select
from network.reports.period import Period

VIEWS = ("agreements", "assignments", "coalition", "effects", "merchants")
"""The views that a report speaks for."""

Sums: TypeAlias = dict[str, int]
"""`{column of the day: its sum}`, and what `_MATURED` adds."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group's sums. `version` and `begins_on` where the question was by version or by stretch of time."""

    issuer_id: UUID
    acceptor_id: UUID
    agreement_id: UUID | None
    version: int | None
    begins_on: date | None
    sums: Sums
    waits: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop of the gift chains of a pair."""

    issuer_id: UUID
    acceptor_id: UUID
    hop: int
    sums: Sums


def sums(
    connection: Connection,
    schema: str,
    period: Period,
    *,
    merchant_id: UUID | None = None,
    by_version: bool = False,
    by: str | None = None,
) -> list[Group]:
    """The sums of the period by directed pair; with `by` ("day", "week", "month") also by stretch of time.

    With `merchant_id` only of pairs that it is in.
    """
    keys = ["issuer_id", "acceptor_id"] + (["agreement_id", "agreement_version"] if by_version else [])
    columns = [sql.SQL("sum({})::bigint").format(sql.Identifier(name)) for name in DAY_SUMS]
    names = [*DAY_SUMS]
    for horizon in HORIZONS:
        for name, text in _MATURED.items():
            summed = text.format(n=horizon)
            names.append(f"{name}_{horizon}")
            columns.append(
                sql.SQL("coalesce(sum({s}) FILTER (WHERE day <= {d}), 0)::bigint").format(
                    s=sql.SQL(summed), d=sql.Literal(period.as_of - timedelta(days=horizon + 1))
                )
            )
    begins = sql.SQL("date_trunc({}, day::timestamp)::date").format(sql.Literal(by)) if by else sql.SQL("NULL::date")
    rows = _grouped(connection, schema, "effect_days", keys, begins, columns, period, merchant_id)
    waits = {} if by else _waits(connection, schema, keys, period, merchant_id)
    found = []
    for row in rows:
        key, begins_on, counted = row[: len(keys)], row[len(keys)], row[len(keys) + 1 :]
        agreement_id, version = key[2:] if by_version else (None, None)
        summed_up = dict(zip(names, counted, strict=True))
        found.append(Group(key[0], key[1], agreement_id, version, begins_on, summed_up, waits.get(key, {})))
    return found


def hops(connection: Connection, schema: str, period: Period, *, merchant_id: UUID | None = None) -> list[Hop]:
    """Gift chains by pair and hop."""
    columns = [sql.SQL("sum({})::bigint").format(sql.Identifier(name)) for name in HOP_SUMS]
    keys = ["issuer_id", "acceptor_id", "hop"]
    rows = _grouped(connection, schema, "effect_hops", keys, sql.SQL("NULL::date"), columns, period, merchant_id)
    return [Hop(row[0], row[1], row[2], dict(zip(HOP_SUMS, row[4:], strict=True))) for row in rows]


def first_and_last_day(connection: Connection, schema: str) -> tuple[date, date] | None:
    """Between which days anything happened; None while nothing has."""
    found = connection.execute(
        sql.SQL("SELECT min(day), max(day) FROM {}").format(sql.Identifier(schema, "effect_days"))
    ).fetchone()
    return (found[0], found[1]) if found and found[0] else None


def margin(connection: Connection, schema: str, merchant_id: UUID) -> MarginRow | None:
    """What a partner says it keeps of a bill."""
    return next(iter(select(connection, schema, MARGINS, "WHERE merchant_id = %s", [merchant_id])), None)


_MATURED = {
    "matured": "new_count + lapsed_count + returning_count",
    "returned": "again_{n}_count",
    "matured_followed_count": "followed_{n}_count",
    "matured_followed_value": "followed_{n}_value",
}
"""Sums over the days whose horizon is over: a guest of yesterday has had no time to come again."""


def _waits(
    connection: Connection, schema: str, keys: Sequence[str], period: Period, merchant_id: UUID | None
) -> dict[tuple[UUID, ...], dict[int, int]]:
    found: dict[tuple[UUID, ...], dict[int, int]] = {}
    columns = [sql.SQL("sum(entries)::bigint")]
    binned = [*keys, "bin"]
    for row in _grouped(
        connection, schema, "effect_waits", binned, sql.SQL("NULL::date"), columns, period, merchant_id
    ):
        found.setdefault(row[: len(keys)], {})[row[len(keys)]] = row[-1]
    return found


def _grouped(
    connection: Connection,
    schema: str,
    table: str,
    keys: Sequence[str],
    begins: sql.Composable,
    columns: Sequence[sql.Composable],
    period: Period,
    merchant_id: UUID | None,
) -> list[tuple[Any, ...]]:
    text = (
        "SELECT {k}, {b} AS begins, {c} FROM {t} WHERE day BETWEEN %(first)s AND %(last)s {m} GROUP BY {g} ORDER BY {g}"
    )
    statement = sql.SQL(text).format(
        k=sql.SQL(", ").join(map(sql.Identifier, keys)),
        b=begins,
        c=sql.SQL(", ").join(columns),
        t=sql.Identifier(schema, table),
        m=sql.SQL("AND (issuer_id = %(merchant)s OR acceptor_id = %(merchant)s)" if merchant_id else ""),
        g=sql.SQL(", ").join([*map(sql.Identifier, keys), sql.Identifier("begins")]),
    )
    asked = {"first": period.first_on, "last": period.last_on, "merchant": merchant_id}
    return connection.execute(statement, asked, binary=True).fetchall()
