"""What monthly windows would have come to, for a past that is already in the log. A report: it writes no event."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection, sql

from network.domain.statement import Debt, Due, Figures, Section, SettlementTerms, figures_of
from network.projections.payments import PAYMENTS
from network.projections.statement_rows import CAUSES, LINES

_MONTHLY = """
SELECT to_char(c.happened_at AT TIME ZONE %s, 'YYYY-MM') AS month, l.debtor_id, l.creditor_id, l.kind,
       sum(l.amount)::bigint, count(*)
FROM {lines} l JOIN {causes} c USING (position) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""

# A month of bills without a redemption is an empty window.
_CALENDAR = """
SELECT to_char(month, 'YYYY-MM') FROM
    (SELECT date_trunc('month', min(first_at AT TIME ZONE %(zone)s)) AS first,
            date_trunc('month', max(first_at AT TIME ZONE %(zone)s)) AS last FROM {payments}) AS trade,
    generate_series(first, last, interval '1 month') AS month
"""


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the coalition's calendar, by the recorded time of its redemptions. `month`: YYYY-MM."""

    month: str
    lines: int
    figures: Figures


def months(connection: Connection, schema: str, time_zone: str, terms: SettlementTerms) -> list[Month]:
    """Every month in which there was trade, the first one first; what is under the threshold rolls over."""
    statement = sql.SQL(_MONTHLY).format(
        lines=sql.Identifier(schema, LINES.name), causes=sql.Identifier(schema, CAUSES.name)
    )
    calendar = sql.SQL(_CALENDAR).format(payments=sql.Identifier(schema, PAYMENTS.name))
    named = connection.execute(calendar, {"zone": time_zone}).fetchall()
    found: dict[str, dict[tuple[UUID, UUID], dict[Section, int]]] = {month: {} for (month,) in named}
    lines: dict[str, int] = {}
    for month, debtor, creditor, kind, amount, entries in connection.execute(statement, (time_zone,)):
        found.setdefault(month, {}).setdefault((debtor, creditor), {})[Section(kind)] = amount
        lines[month] = lines.get(month, 0) + entries
    report: list[Month] = []
    carried: tuple[Due, ...] = ()
    for month, pairs in sorted(found.items()):
        figures = figures_of(_debts(pairs, carried), terms)
        carried = figures.carried
        report.append(Month(month, lines.get(month, 0), figures))
    return report


def _debts(pairs: dict[tuple[UUID, UUID], dict[Section, int]], carried: Sequence[Due]) -> list[Debt]:
    opening = {(due.debtor, due.creditor): due.amount for due in carried}
    return [
        Debt(
            *pair,
            opening=opening.get(pair, 0),
            value=(own := pairs.get(pair, {})).get(Section.VALUE, 0),
            commission=own.get(Section.COMMISSION, 0),
            fee=own.get(Section.FEE, 0),
            adjustment=own.get(Section.ADJUSTMENT, 0),
        )
        for pair in {**pairs, **opening}
    ]
