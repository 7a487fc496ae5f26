"""The draws that count, pair by pair and all together: read once, for as many readers as ask."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection, sql

from network.effect.distributions import Numbers
from network.effect.sample import Sample

NEUTRAL, TREATED = "none", "certificate"
Pair = tuple[UUID, UUID]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COUNTS: LiteralString = """
SELECT issuer_id, count(*), count(*) FILTER (WHERE randomised), count(*) FILTER (WHERE customer_id IS NULL),
    count(*) FILTER (WHERE customer_id IS NOT NULL AND NOT randomised),
    count(*) FILTER (WHERE customer_id IS NOT NULL AND randomised AND NOT counts),
    count(*) FILTER (WHERE counts AND drawn_at > %(until)s),
    count(*) FILTER (WHERE counts AND drawn_at <= %(until)s AND neutral_probability = 0),
    count(*) FILTER (WHERE counts AND drawn_at <= %(until)s AND neutral_probability > 0),
    count(*) FILTER (WHERE counts AND drawn_at <= %(until)s AND neutral_probability > 0 AND given = 'otherwise')
FROM {d} WHERE %(merchant)s::uuid IS NULL OR issuer_id = %(merchant)s GROUP BY issuer_id
"""
# An array for each column: millions of draws without an object for each row. In one order: sums of floating-point
# numbers in another one differ in their last digit.
_PAIRS: LiteralString = """
SELECT issuer_id, acceptor_id, array_agg(drawn), array_agg(probability), array_agg(visited), array_agg(revenue),
    array_agg(revenue_before), array_agg(at)
FROM (
    SELECT d.issuer_id, o.acceptor_id, o.drawn, CASE WHEN o.drawn THEN o.probability ELSE d.neutral_probability
        END::float8 / (o.probability + d.neutral_probability) AS probability, o.visits > 0 AS visited, o.revenue,
        o.revenue_before, (extract(epoch FROM d.drawn_at) * 1000000)::bigint AS at
    FROM {d} d JOIN {o} o USING (payment_id)
    WHERE d.counts AND d.neutral_probability > 0 AND d.drawn_at <= %(until)s AND (o.drawn OR d.arm IS NULL)
        AND (%(merchant)s::uuid IS NULL OR d.issuer_id = %(merchant)s OR o.acceptor_id = %(merchant)s)
    ORDER BY d.issuer_id, o.acceptor_id, d.payment_id
) AS draw GROUP BY issuer_id, acceptor_id ORDER BY issuer_id, acceptor_id
"""
_TOGETHER: LiteralString = """
SELECT issuer_id, array_agg(counts), array_agg(counts_in_street), array_agg(drawn), array_agg(probability),
    array_agg(visited), array_agg(revenue), array_agg(revenue_before), array_agg(at)
FROM (
    SELECT d.issuer_id, d.counts, d.counts_in_street, d.arm IS NOT NULL AS drawn,
        CASE WHEN d.arm IS NULL THEN d.neutral_probability ELSE 1000000 - d.neutral_probability END::float8 / 1000000
        AS probability, sum(o.visits) > 0 AS visited, sum(o.revenue)::bigint AS revenue,
        sum(o.revenue_before)::bigint AS revenue_before, (extract(epoch FROM d.drawn_at) * 1000000)::bigint AS at
    FROM {d} d JOIN {o} o USING (payment_id)
    WHERE d.neutral_probability > 0 AND d.drawn_at <= %(until)s
        AND (%(merchant)s::uuid IS NULL OR d.issuer_id = %(merchant)s)
    GROUP BY d.payment_id ORDER BY d.issuer_id, d.payment_id
) AS draw GROUP BY issuer_id ORDER BY issuer_id
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


@dataclass(frozen=True, slots=True)
class Draws:
    """The draws of one comparison, an entry each. `at`: microseconds since 1970."""

    drawn: NDArray[np.bool_]
    probability: Numbers
    visited: NDArray[np.bool_]
    revenue: Numbers
    revenue_before: Numbers
    at: NDArray[np.int64]

    @classmethod
    def of(cls, columns: Sequence[Sequence[Any]]) -> "Draws":
        """From columns as the database has them."""
        kinds = (np.bool_, np.float64, np.bool_, np.float64, np.float64, np.int64)
        return cls(*(np.array(column, dtype=kind) for column, kind in zip(columns, kinds, strict=True)))

    def where(self, kept: NDArray[np.bool_]) -> "Draws":
        """Some of them."""
        return Draws(*(column[kept] for column in self.columns))

    @property
    def first_at(self) -> datetime | None:
        """When the first one was drawn."""
        return _EPOCH + timedelta(microseconds=int(self.at.min())) if len(self.at) else None

    @property
    def sample(self) -> Sample:
        """Both arms as what `estimate` reads."""
        came = self.visited.astype(np.float64)
        arms = (NEUTRAL, TREATED)
        return Sample(arms, self.drawn.astype(np.int64), self.probability, came, self.revenue, self.revenue_before)

    @property
    def columns(self) -> tuple[NDArray[Any], ...]:
        """In the order of the fields."""
        return self.drawn, self.probability, self.visited, self.revenue, self.revenue_before, self.at


Release = Callable[[Draws], Draws]


class Drawn:
    """All draws until an instant, or with `merchant_id` those that a report of this merchant needs."""

    def __init__(
        self,
        connection: Connection,
        schema: str,
        until: datetime,
        *,
        merchant_id: UUID | None = None,
        release: Release = lambda draws: draws,
    ) -> None:
        self._connection = connection
        self._tables = {"d": sql.Identifier(schema, "draws"), "o": sql.Identifier(schema, "draw_outcomes")}
        self._parameters = {"until": until, "merchant": merchant_id}
        self._release = release
        self.until = until
        self._counts: dict[UUID, list[int]] = {issuer_id: counts for issuer_id, *counts in self._read(_COUNTS)}
        self._pairs: dict[Pair, Draws] = {
            (issuer_id, acceptor_id): release(Draws.of(columns))
            for issuer_id, acceptor_id, *columns in self._read(_PAIRS)
        }
        self._together = {
            issuer_id: (np.array(counts, dtype=np.bool_), np.array(in_street, dtype=np.bool_), Draws.of(columns))
            for issuer_id, counts, in_street, *columns in self._read(_TOGETHER)
        }

    def counts(self, merchant_id: UUID | None) -> Counts:
        """Of this merchant's draws, or with None of all."""
        wanted = [counts for issuer_id, counts in self._counts.items() if merchant_id in (None, issuer_id)]
        return Counts(*map(sum, zip(*wanted, strict=True))) if wanted else Counts(*(0 for _ in fields(Counts)))

    def pairs(self, merchant_id: UUID | None) -> dict[Pair, Draws]:
        """`{(issuer, acceptor): those that compare the two arms}`, of which this merchant is one, or with None all."""
        return {pair: draws for pair, draws in self._pairs.items() if merchant_id is None or merchant_id in pair}

    def together(self, merchant_id: UUID | None) -> Draws:
        """Any certificate against none, by what the guest did at all neighbours; with None of the whole street."""
        if merchant_id is None:
            return self._release(_joined(draws.where(kept) for _, kept, draws in self._together.values()))
        if merchant_id not in self._together:
            return _joined(())
        counts, _, draws = self._together[merchant_id]
        return self._release(draws.where(counts))

    def _read(self, text: LiteralString) -> list[tuple[Any, ...]]:
        statement = sql.SQL(text).format(**self._tables)
        return self._connection.execute(statement, self._parameters, binary=True).fetchall()


def _joined(parts: Iterable[Draws]) -> Draws:
    nobody = Draws.of([()] * len(fields(Draws)))
    return Draws(*map(np.concatenate, zip(nobody.columns, *(part.columns for part in parts), strict=True)))
