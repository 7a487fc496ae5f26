"""What certificates changed, measured from the log: its draws as samples for `network.effect`, pair by pair.

A pair compares the guests who were drawn for the acceptor with those who were drawn for nobody, among the draws in
which the acceptor had a chance. Each guest's probability is that of their arm, given that it was one of these two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from psycopg import Connection

from network.effect.answers import Answer, Comparison
from network.effect.effects import judged
from network.effect.question import Question
from network.effect.summed import compare_sums
from network.measuring import draws
from network.measuring.draws import ALL, NEUTRAL, TREATED, Counts
from network.measuring.releasing import Arms
from network.projections.assignments import HORIZON
from network.projections.tracking import at_one_position

VIEWS = ("assignments",)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EVER = datetime(1, 1, 1, tzinfo=UTC)


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
    """Every pair, or those of one merchant, and all neighbours together, from each draw: all until now count.

    `at`: now. The connection is in autocommit.
    """
    until = at - HORIZON
    with at_one_position(connection, schema, VIEWS) as position:
        by_week = draws.sums_by_week(connection, schema, _EVER, until + timedelta(microseconds=1))
        found = {one: sum(weeks.values(), Arms()) for one, weeks in by_week.items()}
        counts = draws.counts(connection, schema, until, merchant_id)
    return report_of(found, position=position, until=until, counts=counts, merchant_id=merchant_id, question=question)


def report_of(
    found: Mapping[draws.Comparison, Arms],
    *,
    position: int,
    until: datetime,
    counts: Counts,
    merchant_id: UUID | None = None,
    question: Question | None = None,
) -> Report:
    """What the sums of draws say to a merchant, or with None of the whole street."""
    asked = question or Question(control=NEUTRAL)
    pairs = {pair: found[pair] for pair in sorted(found) if ALL not in pair and merchant_id in (None, *pair)}
    (together,) = _judged([_measured(merchant_id, None, found.get((merchant_id or ALL, ALL), Arms()), asked)], asked)
    return Report(
        position=position,
        until=until,
        horizon_days=HORIZON.days,
        counts=counts,
        pairs=_pairs(pairs, asked),
        together=together,
    )


def _pairs(by_pair: Mapping[draws.Comparison, Arms], question: Question) -> list[Measured]:
    """Each pair by itself, and then judged with regard to all of this report."""
    asked = replace(question, together=max(1, len(by_pair)))
    return _judged([_measured(*pair, own, asked) for pair, own in by_pair.items()], asked)


def _judged(found: list[Measured], question: Question) -> list[Measured]:
    visits = judged([one.comparison.visits if one.comparison else None for one in found], question.alpha)
    revenue = judged([one.comparison.revenue if one.comparison else None for one in found], question.alpha)
    return [
        _with(one, replace(one.comparison, visits=came, revenue=spent)) if one.comparison and came and spent else one
        for one, came, spent in zip(found, visits, revenue, strict=True)
    ]


def _with(one: Measured, comparison: Comparison) -> Measured:
    return replace(one, answer=replace(one.answer, comparisons=[comparison])) if one.answer else one


def _measured(issuer_id: UUID | None, acceptor_id: UUID | None, arms: Arms, question: Question) -> Measured:
    first_at = (arms.none + arms.certificate).first_at
    since = _EPOCH + timedelta(microseconds=first_at) if first_at else None
    if not (arms.none.guests and arms.certificate.guests):
        note = "nobody was drawn for none yet" if arms.certificate.guests else "nobody was drawn for this yet"
        return Measured(issuer_id, acceptor_id, None, note, since)
    answer = compare_sums(arms.none, arms.certificate, question, treated_name=TREATED)
    return Measured(issuer_id, acceptor_id, answer, None, since)
