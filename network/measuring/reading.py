"""What certificates changed, measured from the log: its draws as samples for `network.effect`, pair by pair.

A pair compares the guests who were drawn for the acceptor with those who were drawn for nobody, among the draws in
which the acceptor had a chance. Each guest's probability is that of their arm, given that it was one of these two.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import numpy as np
from psycopg import Connection, sql

from network.effect.answers import Answer, Comparison, Effect
from network.effect.comparisons import holm
from network.effect.effects import judged
from network.effect.estimate import estimate
from network.effect.question import Question, QuestionRefused
from network.effect.sample import Sample
from network.measuring.releasing import released
from network.projections.assignments import HORIZON
from network.projections.tracking import at_one_position

VIEWS = ("assignments",)
NEUTRAL, TREATED = "none", "certificate"


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
class Measured:
    """One comparison. `acceptor_id` None: all neighbours together; `issuer_id` None: of all shops.

    `answer` None: there is nothing to compare yet, and `note` says why.
    """

    issuer_id: UUID | None
    acceptor_id: UUID | None
    answer: Answer | None
    note: str | None
    first_at: datetime | None

    @property
    def comparison(self) -> Comparison | None:
        """The treated arm against the neutral one."""
        return self.answer.comparisons[0] if self.answer else None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything at one log position. Draws whose horizon ended by `until` count."""

    position: int
    until: datetime
    horizon_days: int
    counts: Counts
    pairs: list[Measured]
    together: Measured


_COUNTS: LiteralString = """
SELECT count(*), count(*) FILTER (WHERE randomised), count(*) FILTER (WHERE customer_id IS NULL),
    count(*) FILTER (WHERE customer_id IS NOT NULL AND NOT randomised),
    count(*) FILTER (WHERE customer_id IS NOT NULL AND randomised AND NOT counts),
    count(*) FILTER (WHERE counts AND drawn_at > %(until)s),
    count(*) FILTER (WHERE counts AND drawn_at <= %(until)s AND neutral_probability = 0),
    count(*) FILTER (WHERE counts AND drawn_at <= %(until)s AND neutral_probability > 0),
    count(*) FILTER (WHERE counts AND drawn_at <= %(until)s AND neutral_probability > 0 AND given = 'otherwise')
FROM {d} WHERE %(merchant)s::uuid IS NULL OR issuer_id = %(merchant)s
"""
_PAIRS: LiteralString = """
SELECT d.issuer_id, o.acceptor_id, o.drawn, CASE WHEN o.drawn THEN o.probability ELSE d.neutral_probability END::float8
    / (o.probability + d.neutral_probability), o.visits > 0, o.revenue, o.revenue_before, d.drawn_at
FROM {d} d JOIN {o} o USING (payment_id)
WHERE d.counts AND d.neutral_probability > 0 AND d.drawn_at <= %(until)s AND (o.drawn OR d.arm IS NULL)
    AND (%(merchant)s::uuid IS NULL OR d.issuer_id = %(merchant)s OR o.acceptor_id = %(merchant)s)
ORDER BY d.issuer_id, o.acceptor_id
"""
_TOGETHER: LiteralString = """
SELECT d.arm IS NOT NULL,
    CASE WHEN d.arm IS NULL THEN d.neutral_probability ELSE 1000000 - d.neutral_probability END::float8 / 1000000,
    sum(o.visits) > 0, sum(o.revenue)::bigint, sum(o.revenue_before)::bigint, d.drawn_at
FROM {d} d JOIN {o} o USING (payment_id)
WHERE d.neutral_probability > 0 AND d.drawn_at <= %(until)s
    AND CASE WHEN %(merchant)s::uuid IS NULL THEN d.counts_in_street ELSE d.counts AND d.issuer_id = %(merchant)s END
GROUP BY d.payment_id, d.arm, d.neutral_probability, d.drawn_at
"""


def measure(
    connection: Connection,
    schema: str,
    *,
    at: datetime,
    merchant_id: UUID | None = None,
    question: Question | None = None,
) -> Report:
    """Every pair, or those of one merchant, and all neighbours together. `at`: now. The connection is in autocommit."""
    with at_one_position(connection, schema, VIEWS) as position:
        return read_report(connection, schema, position=position, at=at, merchant_id=merchant_id, question=question)


def read_report(
    connection: Connection,
    schema: str,
    *,
    position: int,
    at: datetime,
    merchant_id: UUID | None = None,
    question: Question | None = None,
    for_others: bool = False,
) -> Report:
    """As `measure`, inside a caller's transaction, in which the views speak for `position`.

    `for_others`: only of draws that may be shown across partners by now, see `releasing`.
    """
    until, asked = at - HORIZON, question or Question(control=NEUTRAL)
    names = {"d": sql.Identifier(schema, "draws"), "o": sql.Identifier(schema, "draw_outcomes")}
    parameters = {"until": until, "merchant": merchant_id}
    found = [
        connection.execute(sql.SQL(text).format(**names), parameters).fetchall()
        for text in (_COUNTS, _PAIRS, _TOGETHER)
    ]
    (counts,), pairs, together = found
    by_pair: dict[tuple[UUID, UUID], list[tuple[Any, ...]]] = {}
    for issuer_id, acceptor_id, *row in pairs:
        by_pair.setdefault((issuer_id, acceptor_id), []).append(tuple(row))
    if for_others:
        by_pair = {pair: released(rows, until) for pair, rows in by_pair.items()}
        together = released(together, until)
    return Report(
        position=position,
        until=until,
        horizon_days=HORIZON.days,
        counts=Counts(*counts),
        pairs=_pairs(by_pair, asked),
        together=_measured(merchant_id, None, together, asked),
    )


def _pairs(by_pair: dict[tuple[UUID, UUID], list[tuple[Any, ...]]], question: Question) -> list[Measured]:
    """Each pair by itself, and then judged with regard to all of this report."""
    asked = replace(question, together=max(1, len(by_pair)))
    found = [_measured(*pair, own, asked) for pair, own in by_pair.items()]
    visits = _judged([one.comparison.visits if one.comparison else None for one in found], question.alpha)
    revenue = _judged([one.comparison.revenue if one.comparison else None for one in found], question.alpha)
    return [_with(one, *effects) for one, *effects in zip(found, visits, revenue, strict=True)]


def _judged(effects: Sequence[Effect | None], alpha: float) -> list[Effect | None]:
    once = holm([effect.p_value if effect else None for effect in effects])
    always = holm([effect.always_valid_p_value if effect else None for effect in effects])
    return [
        judged(effect, holm=one, always_valid_holm=any_look, alpha=alpha) if effect else None
        for effect, one, any_look in zip(effects, once, always, strict=True)
    ]


def _with(one: Measured, visits: Effect | None, revenue: Effect | None) -> Measured:
    if one.answer is None or one.comparison is None or visits is None or revenue is None:
        return one
    comparison = replace(one.comparison, visits=visits, revenue=revenue)
    return replace(one, answer=replace(one.answer, comparisons=[comparison]))


def _measured(
    issuer_id: UUID | None, acceptor_id: UUID | None, rows: list[tuple[Any, ...]], question: Question
) -> Measured:
    """Rows of `(drawn, probability, visited, revenue, revenue before, drawn at)`."""
    first_at = min((row[-1] for row in rows), default=None)
    if len({row[0] for row in rows}) < 2:
        note = "nobody was drawn for this yet" if not any(row[0] for row in rows) else "nobody was drawn for none yet"
        return Measured(issuer_id, acceptor_id, None, note, first_at)
    try:
        return Measured(issuer_id, acceptor_id, estimate(_sample(rows), question), None, first_at)
    except QuestionRefused as refusal:
        return Measured(issuer_id, acceptor_id, None, str(refusal), first_at)


def _sample(rows: list[tuple[Any, ...]]) -> Sample:
    drawn, *numbers = (np.array(column, dtype=np.float64) for column in list(zip(*rows, strict=True))[:-1])
    return Sample((NEUTRAL, TREATED), drawn.astype(np.int64), *numbers)
