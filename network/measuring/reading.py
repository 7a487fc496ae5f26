"""What certificates changed, measured from the log: its draws as samples for `network.effect`, pair by pair.

A pair compares the guests who were drawn for the acceptor with those who were drawn for nobody, among the draws in
which the acceptor had a chance. Each guest's probability is that of their arm, given that it was one of these two.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from psycopg import Connection

from network.effect.answers import Answer, Comparison, Effect
from network.effect.comparisons import holm
from network.effect.effects import judged
from network.effect.estimate import estimate
from network.effect.question import Question, QuestionRefused
from network.measuring.draws import NEUTRAL, Counts, Drawn, Draws, Pair
from network.measuring.releasing import released
from network.projections.assignments import HORIZON
from network.projections.tracking import at_one_position

VIEWS = ("assignments",)


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
        drawn = read_drawn(connection, schema, at=at, merchant_id=merchant_id)
        return report_of(drawn, position=position, merchant_id=merchant_id, question=question)


def read_drawn(
    connection: Connection, schema: str, *, at: datetime, merchant_id: UUID | None = None, for_others: bool = False
) -> Drawn:
    """The draws whose horizon is over: of all, for as many reports as wanted, or only what one merchant's needs.

    Inside a caller's transaction. `for_others`: only what may be shown across partners by now, see `releasing`.
    """
    until = at - HORIZON

    def release(draws: Draws) -> Draws:
        return draws.where(released(draws.drawn, draws.visited, draws.at, until)) if for_others else draws

    return Drawn(connection, schema, until, merchant_id=merchant_id, release=release)


def report_of(
    drawn: Drawn, *, position: int, merchant_id: UUID | None = None, question: Question | None = None
) -> Report:
    """What the draws say to a merchant, or with None of the whole street."""
    asked = question or Question(control=NEUTRAL)
    return Report(
        position=position,
        until=drawn.until,
        horizon_days=HORIZON.days,
        counts=drawn.counts(merchant_id),
        pairs=_pairs(drawn.pairs(merchant_id), asked),
        together=_measured(merchant_id, None, drawn.together(merchant_id), asked),
    )


def _pairs(by_pair: dict[Pair, Draws], question: Question) -> list[Measured]:
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


def _measured(issuer_id: UUID | None, acceptor_id: UUID | None, draws: Draws, question: Question) -> Measured:
    treated = int(draws.drawn.sum())
    if treated in (0, len(draws.drawn)):
        note = "nobody was drawn for none yet" if treated else "nobody was drawn for this yet"
        return Measured(issuer_id, acceptor_id, None, note, draws.first_at)
    try:
        return Measured(issuer_id, acceptor_id, estimate(draws.sample, question), None, draws.first_at)
    except QuestionRefused as refusal:
        return Measured(issuer_id, acceptor_id, None, str(refusal), draws.first_at)
