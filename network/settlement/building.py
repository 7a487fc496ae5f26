"""Puts a party's rows in order as its statement, and holds them against the stated figures. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import msgspec

from network.domain.statement import Debt, Due, Section
from network.domain.tax import AtRate, tax_within
from network.domain.window import Window
from network.projections.statement_lines import CauseRow, LineRow
from network.settlement.statement import (
    Entry,
    Heading,
    InForce,
    Line,
    PairInForce,
    PairStatement,
    Statement,
    StatementDiffers,
    Supplied,
    Turnover,
)

Entries: TypeAlias = dict[UUID, dict[int, list[Entry]]]
"""`{counterparty: {position: what was posted between the two}}`."""


def statement_of(
    heading: Heading,
    party_id: UUID,
    stated: Window.Stated,
    lines: Iterable[LineRow],
    causes: Sequence[CauseRow],
    names: Mapping[UUID, str],
) -> Statement:
    """What the party has to check in this window. Raises: StatementDiffers."""
    entries = _entries(party_id, lines)
    rows = _rows(party_id, entries, causes)
    pairs = tuple(
        _pair(between, rows.get(between.other_id, {}), entries.get(between.other_id, {}), names)
        for between in _between(party_id, stated, {*entries, *rows})
    )
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
        pairs=pairs,
    )
    net = next((one.net for one in stated.parties if one.party == party_id), 0)
    if not statement.closing == net == statement.due + statement.rolled_over:
        raise StatementDiffers(f"party {party_id}: stated {net}, the lines make {statement.closing}")
    return statement


def in_force_of(party_id: UUID, newest: Window.Recomputed, names: Mapping[UUID, str]) -> InForce:
    """What a version after the first asks of the party."""
    payments, carried = _signed(party_id, newest.payments), _signed(party_id, newest.carried)
    pairs = tuple(
        PairInForce(other, names.get(other, ""), payments.get(other, 0), carried.get(other, 0))
        for other in sorted({*payments, *carried})
    )
    due, rolled_over = sum(payments.values()), sum(carried.values())
    return InForce(party_id, newest.version, newest.timestamp, due, rolled_over, pairs)


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
    payments, carried = _signed(party_id, stated.payments), _signed(party_id, stated.carried)
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


def _rows(party_id: UUID, entries: Entries, causes: Iterable[CauseRow]) -> dict[UUID, dict[int, CauseRow]]:
    """`{counterparty: {position: event}}`: what moved money between the two, or was redeemed by one for the other."""
    found: dict[UUID, dict[int, CauseRow]] = {}
    met: dict[int, list[UUID]] = {}
    for other, positions in entries.items():
        for position in positions:
            met.setdefault(position, []).append(other)
    for row in causes:
        partner = {row.issuer_id: row.acceptor_id, row.acceptor_id: row.issuer_id}.get(party_id)
        for other in (*met.pop(row.position, ()), *((partner,) if partner else ())):
            found.setdefault(other, {})[row.position] = row
    if met:
        raise StatementDiffers(f"party {party_id}: no event is behind the lines of {sorted(met)}")
    return found


def _entries(party_id: UUID, lines: Iterable[LineRow]) -> Entries:
    found: Entries = {}
    for line in lines:
        receives = line.creditor_id == party_id
        other = line.debtor_id if receives else line.creditor_id
        entry = Entry(line.kind, line.section, line.amount if receives else -line.amount)
        found.setdefault(other, {}).setdefault(line.position, []).append(entry)
    return found


def _signed(party_id: UUID, dues: Iterable[Due]) -> dict[UUID, int]:
    signed: dict[UUID, int] = {}
    for due in dues:
        if due.creditor == party_id:
            signed[due.debtor] = signed.get(due.debtor, 0) + due.amount
        elif due.debtor == party_id:
            signed[due.creditor] = signed.get(due.creditor, 0) - due.amount
    return signed


def _pair(
    between: _Between, rows: Mapping[int, CauseRow], entries: Mapping[int, list[Entry]], names: Mapping[UUID, str]
) -> PairStatement:
    to, by = between.to, between.by
    lines = tuple(_line(row, entries.get(position, ())) for position, row in sorted(rows.items()))
    sections = _sections(to, by)
    if sections != _sections_of_lines(lines):
        raise StatementDiffers(f"{between.party_id} and {between.other_id}: the lines are not what was stated")
    closing = to.amount - by.amount
    return PairStatement(
        counterparty_id=between.other_id,
        counterparty_name=names.get(between.other_id, ""),
        opening=to.opening - by.opening,
        sections=sections,
        closing=closing,
        cleared=closing - between.due - between.rolled_over,
        due=between.due,
        rolled_over=between.rolled_over,
        redeemed_here=_redeemed(lines, issuer_id=between.other_id, acceptor_id=between.party_id),
        redeemed_there=_redeemed(lines, issuer_id=between.party_id, acceptor_id=between.other_id),
        supplied_here=_supplied(rows.values(), issuer_id=between.other_id, acceptor_id=between.party_id),
        supplied_there=_supplied(rows.values(), issuer_id=between.party_id, acceptor_id=between.other_id),
        lines=lines,
    )


def _redeemed(lines: Iterable[Line], *, issuer_id: UUID, acceptor_id: UUID) -> int:
    return sum(line.deducted for line in lines if (line.issuer_id, line.acceptor_id) == (issuer_id, acceptor_id))


def _supplied(rows: Iterable[CauseRow], *, issuer_id: UUID, acceptor_id: UUID) -> tuple[Supplied, ...]:
    """Gross by instrument, country and rate; what came before tax was on record is left out."""
    sums: dict[tuple[str, str | None, int | None], int] = {}
    for row in rows:
        if (row.issuer_id, row.acceptor_id) == (issuer_id, acceptor_id) and row.instrument is not None:
            for part in msgspec.convert(row.supplied, list[AtRate]):
                key = (row.instrument, row.country, part.rate)
                sums[key] = sums.get(key, 0) + part.amount
    ordered = sorted(sums.items(), key=lambda one: (one[0][0], one[0][1] or "", -1 if one[0][2] is None else one[0][2]))
    return tuple(
        Supplied(*key, gross, None if key[2] is None else tax_within(gross, key[2])) for key, gross in ordered if gross
    )


def _line(row: CauseRow, entries: Iterable[Entry]) -> Line:
    kept = tuple(entries)
    return Line(
        position=row.position,
        happened_at=row.happened_at,
        cause=row.cause,
        issuer_id=row.issuer_id,
        acceptor_id=row.acceptor_id,
        certificate_id=row.certificate_id,
        redemption_id=row.redemption_id,
        bill_reference=row.bill_reference,
        bill=row.bill,
        deducted=row.deducted,
        adjusts=row.adjusts,
        entries=kept,
        amount=sum(entry.amount for entry in kept),
    )


def _sections(to: Debt, by: Debt) -> dict[str, Turnover]:
    both = {s.value: Turnover(getattr(to, s.value), getattr(by, s.value)) for s in Section}
    return {name: turnover for name, turnover in both.items() if turnover != Turnover(0, 0)}


def _sections_of_lines(lines: Iterable[Line]) -> dict[str, Turnover]:
    found: dict[str, Turnover] = {}
    for entry in (entry for line in lines for entry in line.entries):
        was = found.get(entry.section, Turnover(0, 0))
        found[entry.section] = Turnover(was.receives + max(0, entry.amount), was.owes + max(0, -entry.amount))
    return {section.value: found[section.value] for section in Section if section.value in found}


def _added_up(pairs: Iterable[PairStatement]) -> dict[str, Turnover]:
    both = [pair.sections for pair in pairs]
    return {
        section.value: Turnover(sum(t.receives for t in found), sum(t.owes for t in found))
        for section in Section
        if (found := [sections[section.value] for sections in both if section.value in sections])
    }
