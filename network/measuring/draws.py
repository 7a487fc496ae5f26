"""The draws that count, as sums: of each comparison, week by week."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, LiteralString, TypeAlias
from uuid import UUID

import numpy as np
from psycopg import Connection, sql

from network.effect.sums import Guests
from network.measuring.releasing import MONDAY, Arms
from network.projections.tables import take_time

NEUTRAL, TREATED = "none", "certificate"
ALL = UUID(int=0)
"""All shops, or all neighbours of one."""
Comparison: TypeAlias = tuple[UUID, UUID]
"""The issuer and the acceptor."""
ByWeek: TypeAlias = dict[Comparison, dict[int, Arms]]

_WEEK = timedelta(weeks=1) // timedelta(microseconds=1)
# What is not over yet is taken from all, and so costs the same after ten years.
_COUNTS: LiteralString = """
SELECT c.drawn, c.randomised, c.without_guest, c.not_random, c.again, coalesce(r.waiting, 0),
    c.without_neutral - coalesce(r.without_neutral, 0), c.measurable - coalesce(r.measurable, 0),
    c.otherwise - coalesce(r.otherwise, 0)
FROM {c} c LEFT JOIN (
    SELECT issuer_id, count(*) AS waiting, count(*) FILTER (WHERE neutral_probability = 0) AS without_neutral,
        count(*) FILTER (WHERE neutral_probability > 0) AS measurable,
        count(*) FILTER (WHERE neutral_probability > 0 AND given = 'otherwise') AS otherwise
    FROM {d} WHERE counts AND drawn_at > %(until)s GROUP BY issuer_id
) r USING (issuer_id) WHERE %(merchant)s::uuid IS NULL OR issuer_id = %(merchant)s
"""
# An array for each column: a million draws without an object for each row.
_PAIRS: LiteralString = """
SELECT d.issuer_id, o.acceptor_id, array_agg(o.drawn),
    array_agg(CASE WHEN o.drawn THEN o.probability ELSE d.neutral_probability END),
    array_agg(CASE WHEN o.drawn THEN d.neutral_probability ELSE o.probability END), array_agg(o.visits > 0),
    array_agg(o.revenue), array_agg(o.revenue_before),
    array_agg((extract(epoch FROM d.drawn_at) * 1000000)::bigint)
FROM {d} d JOIN {o} o USING (payment_id)
WHERE d.counts AND d.neutral_probability > 0 AND d.drawn_at >= %(since)s AND d.drawn_at < %(before)s
    AND (o.drawn OR d.arm IS NULL)
GROUP BY d.issuer_id, o.acceptor_id
"""
_TOGETHER: LiteralString = """
SELECT issuer_id, array_agg(counts), array_agg(counts_in_street), array_agg(drawn),
    array_agg(CASE WHEN drawn THEN 1000000 - neutral ELSE neutral END),
    array_agg(CASE WHEN drawn THEN neutral ELSE 1000000 - neutral END), array_agg(visited), array_agg(revenue),
    array_agg(revenue_before), array_agg(at)
FROM (
    SELECT d.issuer_id, d.counts, d.counts_in_street, d.arm IS NOT NULL AS drawn, d.neutral_probability AS neutral,
        sum(o.visits) > 0 AS visited, sum(o.revenue)::bigint AS revenue,
        sum(o.revenue_before)::bigint AS revenue_before,
        (extract(epoch FROM d.drawn_at) * 1000000)::bigint AS at
    FROM {d} d JOIN {o} o USING (payment_id)
    WHERE d.neutral_probability > 0 AND d.drawn_at >= %(since)s AND d.drawn_at < %(before)s
    GROUP BY d.payment_id
) AS draw GROUP BY issuer_id
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many draws there were, and why not all of them are in an estimate.

    `randomised`: more than one outcome was possible. `without_guest`: nobody was named on the bill, so nobody can be
    followed. `not_random`: pinned. `again`: the same guest within the horizon of a draw that counts. `waiting`: the
    horizon is not over. `without_neutral`: nobody could have been drawn for nothing. `otherwise`: of those measured,
    the cashier gave something else; they stay in.
    """

    drawn: int
    randomised: int
    without_guest: int
    not_random: int
    again: int
    waiting: int
    without_neutral: int
    measured: int
    otherwise: int


def counts(connection: Connection, schema: str, until: datetime, merchant_id: UUID | None) -> Counts:
    """Of this merchant's draws, or with None of all; those until then can be measured."""
    statement = sql.SQL(_COUNTS).format(c=sql.Identifier(schema, "draw_counts"), d=sql.Identifier(schema, "draws"))
    found = connection.execute(statement, {"until": until, "merchant": merchant_id}).fetchall()
    return Counts(*map(sum, zip(*found, strict=True))) if found else Counts(*(0 for _ in fields(Counts)))


def sums_by_week(connection: Connection, schema: str, since: datetime, before: datetime) -> ByWeek:
    """What the draws of this time come to, from each of them."""
    take_time(connection)
    tables = {"d": sql.Identifier(schema, "draws"), "o": sql.Identifier(schema, "draw_outcomes")}
    time = {"since": since, "before": before}
    found: ByWeek = {}
    for issuer_id, acceptor_id, *columns in connection.execute(sql.SQL(_PAIRS).format(**tables), time, binary=True):
        _add(found, (issuer_id, acceptor_id), _columns(columns))
    for issuer_id, *columns in connection.execute(sql.SQL(_TOGETHER).format(**tables), time, binary=True):
        at_the_shop, in_street = (np.array(column, dtype=np.bool_) for column in columns[:2])
        drawn = _columns(columns[2:])
        _add(found, (issuer_id, ALL), [column[at_the_shop] for column in drawn])
        _add(found, (ALL, ALL), [column[in_street] for column in drawn])
    return found


def _columns(columns: Sequence[Sequence[Any]]) -> list[Any]:
    """Drawn, own, other, visited, revenue, before, at."""
    kinds = (np.bool_, np.int64, np.int64, np.bool_, np.int64, np.int64, np.int64)
    return [np.array(column, dtype=kind) for column, kind in zip(columns, kinds, strict=True)]


def _add(found: ByWeek, comparison: Comparison, columns: list[Any]) -> None:
    drawn, *guests = columns
    week = (guests[-1] - _SINCE) // _WEEK
    weeks = found.setdefault(comparison, {})
    for group, sums in Guests(*guests).sums(2 * week + drawn).items():
        number, is_drawn = divmod(group, 2)
        weeks[number] = weeks.get(number, Arms()) + (Arms(certificate=sums) if is_drawn else Arms(none=sums))


_SINCE = int(MONDAY.timestamp()) * 1_000_000
