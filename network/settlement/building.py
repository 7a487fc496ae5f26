"""Makes a party's statement from the stated figures, and holds the rows behind it against them. Pure.

The sums need no lines: they are the debts that `Window.Stated` froze, and must be what the view's running totals say.
The lines must add up to the same (`held`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from network.domain.statement import Debt, Due, Section
from network.domain.tax import tax_within
from network.domain.window import Window
from network.projections.statement_rows import UNKNOWN_RATE, SupplyRow, TotalRow
from network.settlement.statement import (
    EachLine,
    Heading,
    Line,
    PairStatement,
    Statement,
    StatementDiffers,
    Supplied,
    Turnover,
    by_pair,
)


@dataclass(frozen=True, slots=True)
class Sums:
    """What the view has added up for one party of a window."""

    totals: Sequence[TotalRow]
    supplies: Sequence[SupplyRow]


def statement_of(
    heading: Heading,
    party_id: UUID,
    stated: Window.Stated,
    sums: Sums,
    names: Mapping[UUID, str],
) -> Statement:
    """What the party has to check in this window, without its lines. Raises: StatementDiffers."""
    supplied = _by_pair(party_id, sums.supplies)
    totals = _totals(party_id, sums.totals)
    pairs = []
    for between in _between(party_id, stated, {*supplied, *totals}):
        pair = _pair(between, supplied.get(between.other_id, []), names)
        if pair.sections != totals.get(between.other_id, {}):
            raise StatementDiffers(f"{party_id} and {between.other_id}: the running totals are not what was stated")
        pairs.append(pair)
    statement = Statement(
        heading=heading,
        party_id=party_id,
        party_name=names.get(party_id, ""),
        opening=sum(pair.opening for pair in pairs),
        sections=_added_up(pairs),
        closing=sum(pair.closing for pair in pairs),
        due=sum(pair.due for pair in pairs),
        rolled_over=sum(pair.rolled_over for pair in pairs),
        redeemed_here=sum(pair.redeemed_here for pair in pairs),
        redeemed_there=sum(pair.redeemed_there for pair in pairs),
        pairs=tuple(pairs),
    )
    net = next((one.net for one in stated.parties if one.party == party_id), 0)
    if not statement.closing == net == statement.due + statement.rolled_over:
        raise StatementDiffers(f"party {party_id}: stated {net}, the debts make {statement.closing}")
    return statement


def held(statement: Statement, lines: EachLine) -> EachLine:
    """The same lines. At the end of each pair they must have been what was stated of it. Raises: StatementDiffers."""
    for pair, own in by_pair(statement, lines):
        tally = _Tally()
        for line in own:
            tally.count(line, pair.counterparty_id, statement.party_id)
            yield pair.counterparty_id, line
        if (tally.sections, tally.here, tally.there) != (pair.sections, pair.redeemed_here, pair.redeemed_there):
            raise StatementDiffers(
                f"{statement.party_id} and {pair.counterparty_id}: the lines are not what was stated"
            )


@dataclass(slots=True)
class _Tally:
    """What the lines of a pair come to."""

    sections: dict[str, Turnover] = field(default_factory=dict)
    here: int = 0
    there: int = 0

    def count(self, line: Line, other_id: UUID, party_id: UUID) -> None:
        for entry in line.entries:
            was = self.sections.get(entry.section, Turnover(0, 0))
            amounts = was.receives + max(0, entry.amount), was.owes + max(0, -entry.amount)
            self.sections[entry.section] = Turnover(*amounts)
        sides = line.issuer_id, line.acceptor_id
        self.here += line.deducted if sides == (other_id, party_id) else 0
        self.there += line.deducted if sides == (party_id, other_id) else 0


def signed(party_id: UUID, dues: Iterable[Due]) -> dict[UUID, int]:
    """`{other: what the party receives of it}`; below zero it pays."""
    found: dict[UUID, int] = {}
    for due in dues:
        if due.creditor == party_id:
            found[due.debtor] = found.get(due.debtor, 0) + due.amount
        elif due.debtor == party_id:
            found[due.creditor] = found.get(due.creditor, 0) - due.amount
    return found


@dataclass(frozen=True, slots=True)
class _Between:
    """What was stated between the party and another: owed `to` it, owed `by` it, and what becomes of the net."""

    party_id: UUID
    other_id: UUID
    to: Debt
    by: Debt
    due: int
    rolled_over: int


def _between(party_id: UUID, stated: Window.Stated, met: set[UUID]) -> list[_Between]:
    """Every counterparty that the figures or the rows name, by id."""
    debts = {(debt.debtor, debt.creditor): debt for debt in stated.debts if party_id in (debt.debtor, debt.creditor)}
    payments, carried = signed(party_id, stated.payments), signed(party_id, stated.carried)
    others = {one for pair in debts for one in pair} | {*payments, *carried, *met}
    return [
        _Between(
            party_id,
            other,
            to=debts.get((other, party_id), Debt(other, party_id)),
            by=debts.get((party_id, other), Debt(party_id, other)),
            due=payments.get(other, 0),
            rolled_over=carried.get(other, 0),
        )
        for other in sorted(others - {party_id})
    ]


def _pair(between: _Between, supplied: Sequence[SupplyRow], names: Mapping[UUID, str]) -> PairStatement:
    to, by = between.to, between.by
    closing = to.amount - by.amount
    here = [row for row in supplied if row.acceptor_id == between.party_id]
    there = [row for row in supplied if row.issuer_id == between.party_id]
    return PairStatement(
        counterparty_id=between.other_id,
        counterparty_name=names.get(between.other_id, ""),
        opening=to.opening - by.opening,
        sections=_sections(to, by),
        closing=closing,
        cleared=closing - between.due - between.rolled_over,
        due=between.due,
        rolled_over=between.rolled_over,
        redeemed_here=sum(row.amount for row in here),
        redeemed_there=sum(row.amount for row in there),
        supplied_here=_supplied(here),
        supplied_there=_supplied(there),
        lines=(),
    )


def _by_pair(party_id: UUID, rows: Iterable[SupplyRow]) -> dict[UUID, list[SupplyRow]]:
    found: dict[UUID, list[SupplyRow]] = {}
    for row in rows:
        found.setdefault(row.issuer_id if row.acceptor_id == party_id else row.acceptor_id, []).append(row)
    return found


def _supplied(rows: Iterable[SupplyRow]) -> tuple[Supplied, ...]:
    """Gross by instrument, country and rate; what has no tax on record is left out."""
    ordered = sorted(rows, key=lambda row: (row.instrument, row.country, row.rate))
    return tuple(
        Supplied(
            row.instrument,
            row.country or None,
            None if row.rate == UNKNOWN_RATE else row.rate,
            row.amount,
            None if row.rate == UNKNOWN_RATE else tax_within(row.amount, row.rate),
        )
        for row in ordered
        if row.instrument and row.amount
    )


def _sections(to: Debt, by: Debt) -> dict[str, Turnover]:
    both = {s.value: Turnover(getattr(to, s.value), getattr(by, s.value)) for s in Section}
    return {name: turnover for name, turnover in both.items() if turnover != Turnover(0, 0)}


def _totals(party_id: UUID, rows: Iterable[TotalRow]) -> dict[UUID, dict[str, Turnover]]:
    """`{counterparty: {section: both directions}}`, as the view added them up."""
    found: dict[UUID, dict[str, Turnover]] = {}
    for row in rows:
        receives = row.creditor_id == party_id
        sections = found.setdefault(row.debtor_id if receives else row.creditor_id, {})
        was = sections.get(row.section, Turnover(0, 0))
        amounts = (was.receives + row.amount, was.owes) if receives else (was.receives, was.owes + row.amount)
        sections[row.section] = Turnover(*amounts)
    return found


def _added_up(pairs: Iterable[PairStatement]) -> dict[str, Turnover]:
    both = [pair.sections for pair in pairs]
    return {
        section.value: Turnover(sum(t.receives for t in found), sum(t.owes for t in found))
        for section in Section
        if (found := [sections[section.value] for sections in both if section.value in sections])
    }
