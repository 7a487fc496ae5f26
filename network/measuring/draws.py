"""The draws that count, pair by pair and all together: read once, for as many readers as ask."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection, sql

from network.effect.distributions import Numbers
from network.effect.sample import Sample
from network.measuring.columns import Columns, read_columns

NEUTRAL, TREATED = "none", "certificate"
Pair = tuple[UUID, UUID]
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_OUTCOME = {
    "drawn": "boolean",
    "probability": "double precision",
    "visited": "boolean",
    "revenue": "bigint",
    "revenue_before": "bigint",
    "drawn_at": "timestamptz",
}
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
# In one order: sums of floating-point numbers in another one differ in their last digit.
_PAIRS: LiteralString = """
SELECT d.issuer_id, o.acceptor_id, o.drawn, CASE WHEN o.drawn THEN o.probability ELSE d.neutral_probability END::float8
    / (o.probability + d.neutral_probability), o.visits > 0, o.revenue, o.revenue_before, d.drawn_at
FROM {d} d JOIN {o} o USING (payment_id)
WHERE d.counts AND d.neutral_probability > 0 AND d.drawn_at <= %(until)s AND (o.drawn OR d.arm IS NULL)
    AND (%(merchant)s::uuid IS NULL OR d.issuer_id = %(merchant)s OR o.acceptor_id = %(merchant)s)
ORDER BY d.issuer_id, o.acceptor_id, d.payment_id
"""
_TOGETHER: LiteralString = """
SELECT d.issuer_id, d.counts, d.counts_in_street, d.arm IS NOT NULL,
    CASE WHEN d.arm IS NULL THEN d.neutral_probability ELSE 1000000 - d.neutral_probability END::float8 / 1000000,
    sum(o.visits) > 0, sum(o.revenue)::bigint, sum(o.revenue_before)::bigint, d.drawn_at
FROM {d} d JOIN {o} o USING (payment_id)
WHERE d.neutral_probability > 0 AND d.drawn_at <= %(until)s
    AND (%(merchant)s::uuid IS NULL OR d.issuer_id = %(merchant)s)
GROUP BY d.payment_id ORDER BY d.payment_id
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
    """The draws of one comparison, an entry each. `at`: microseconds since 2000."""

    drawn: NDArray[np.bool_]
    probability: Numbers
    visited: NDArray[np.bool_]
    revenue: Numbers
    revenue_before: Numbers
    at: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Columns) -> "Draws":
        """From columns as the database sent them."""
        return cls(
            drawn=rows["drawn"].astype(np.bool_),
            probability=rows["probability"].astype(np.float64),
            visited=rows["visited"].astype(np.bool_),
            revenue=rows["revenue"].astype(np.float64),
            revenue_before=rows["revenue_before"].astype(np.float64),
            at=rows["drawn_at"].astype(np.int64),
        )

    def where(self, kept: NDArray[np.bool_]) -> "Draws":
        """Some of them."""
        return Draws(*(column[kept] for column in self._columns()))

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

    def _columns(self) -> tuple[NDArray[Any], ...]:
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
        self._counts = self._read_counts()
        self._pairs = self._read_pairs()
        flags = {"issuer_id": "uuid", "counts": "boolean", "counts_in_street": "boolean"}
        self._together = read_columns(connection, self._sql(_TOGETHER), self._parameters, flags | _OUTCOME)

    def counts(self, merchant_id: UUID | None) -> Counts:
        """Of this merchant's draws, or with None of all."""
        wanted = [counts for issuer_id, counts in self._counts.items() if merchant_id in (None, issuer_id)]
        return Counts(*map(sum, zip(*wanted, strict=True))) if wanted else Counts(*(0 for _ in fields(Counts)))

    def pairs(self, merchant_id: UUID | None) -> dict[Pair, Draws]:
        """`{(issuer, acceptor): those that compare the two arms}`, of which this merchant is one, or with None all."""
        return {pair: draws for pair, draws in self._pairs.items() if merchant_id is None or merchant_id in pair}

    def together(self, merchant_id: UUID | None) -> Draws:
        """Any certificate against none, by what the guest did at all neighbours; with None of the whole street."""
        rows = self._together
        if merchant_id is None:
            kept = rows["counts_in_street"]
        else:
            kept = rows["counts"] & (rows["issuer_id"] == np.void(merchant_id.bytes))
        return self._release(Draws.of(rows[kept]))

    def _read_counts(self) -> dict[UUID, tuple[int, ...]]:
        found = self._connection.execute(self._sql(_COUNTS), self._parameters).fetchall()
        return {issuer_id: tuple(counts) for issuer_id, *counts in found}

    def _read_pairs(self) -> dict[Pair, Draws]:
        kinds = {"issuer_id": "uuid", "acceptor_id": "uuid"} | _OUTCOME
        rows = read_columns(self._connection, self._sql(_PAIRS), self._parameters, kinds)
        begins = np.flatnonzero(_begins(rows["issuer_id"]) | _begins(rows["acceptor_id"]))
        found = {}
        for own in np.split(rows, begins[1:]) if len(rows) else ():
            pair = UUID(bytes=own["issuer_id"][0].tobytes()), UUID(bytes=own["acceptor_id"][0].tobytes())
            found[pair] = self._release(Draws.of(own))
        return found

    def _sql(self, text: LiteralString) -> sql.Composed:
        return sql.SQL(text).format(**self._tables)


def _begins(ids: Columns) -> NDArray[np.bool_]:
    """Whether each is another one than that before it."""
    return np.concatenate([[True], ids[1:] != ids[:-1]])[: len(ids)]
