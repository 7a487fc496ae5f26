"""Netting what partners owe each other: bilateral, loops, multilateral (DOMAIN 4.4.3). Pure functions of sums.

Every function keeps each party's net position. Order is by party id, so the same debts always give the same payments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from network.domain.units import Minor

Debts: TypeAlias = dict[tuple[UUID, UUID], Minor]
"""`{(debtor, creditor): amount}`; amounts are above zero."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A circle of debts that cancels: each party owes the next, and the last the first; `amount` off every one."""

    parties: tuple[UUID, ...]
    amount: Minor


def net_positions(debts: Mapping[tuple[UUID, UUID], Minor]) -> dict[UUID, Minor]:
    """`{party: net}`: positive receives, negative pays. They sum to zero."""
    nets: dict[UUID, Minor] = {}
    for (debtor, creditor), amount in debts.items():
        nets[debtor] = nets.get(debtor, 0) - amount
        nets[creditor] = nets.get(creditor, 0) + amount
    return nets


def gross(debts: Mapping[tuple[UUID, UUID], Minor]) -> Minor:
    """What would change hands if every debt were paid."""
    return sum(debts.values())


def net_bilaterally(debts: Mapping[tuple[UUID, UUID], Minor]) -> Debts:
    """Set each pair's two debts off against each other."""
    netted: Debts = {}
    for (debtor, creditor), amount in sorted(debts.items()):
        left = amount - debts.get((creditor, debtor), 0)
        if left > 0:
            netted[debtor, creditor] = left
    return netted


def clear_loops(debts: Mapping[tuple[UUID, UUID], Minor]) -> tuple[Debts, list[Loop]]:
    """Cancel circles of debt: the smallest debt of a circle off every debt in it, until no circle is left.

    No new pair of debtor and creditor appears. Walks depth first and resumes where a circle broke, so each debt is
    given up at most once: the work is bounded by parties times debts.
    """
    left: dict[UUID, dict[UUID, Minor]] = {}
    for (debtor, creditor), amount in sorted(debts.items()):
        left.setdefault(debtor, {})[creditor] = amount
    loops: list[Loop] = []
    finished: set[UUID] = set()
    for start in sorted(left):
        _walk(start, left, finished, loops)
    return {(d, c): amount for d in sorted(left) for c, amount in sorted(left[d].items())}, loops


def _walk(start: UUID, left: dict[UUID, dict[UUID, Minor]], finished: set[UUID], loops: list[Loop]) -> None:
    path, place = [start], {start: 0}
    while path:
        creditor = next((c for c in left.get(path[-1], ()) if c not in finished), None)
        if creditor is None:
            finished.add(path[-1])
            del place[path.pop()]
        elif creditor not in place:
            place[creditor] = len(path)
            path.append(creditor)
        else:
            broken = _cancel(path[place[creditor] :], left, loops) + place[creditor]
            for party in path[broken + 1 :]:
                del place[party]
            del path[broken + 1 :]


def _cancel(circle: list[UUID], left: dict[UUID, dict[UUID, Minor]], loops: list[Loop]) -> int:
    """Take the smallest debt off the circle; the place of the first party whose debt is gone."""
    pairs = list(zip(circle, [*circle[1:], circle[0]], strict=True))
    amount = min(left[debtor][creditor] for debtor, creditor in pairs)
    loops.append(Loop(tuple(circle), amount))
    gone = []
    for at, (debtor, creditor) in enumerate(pairs):
        left[debtor][creditor] -= amount
        if left[debtor][creditor] == 0:
            del left[debtor][creditor]
            gone.append(at)
    return gone[0]


def net_multilaterally(nets: Mapping[UUID, Minor]) -> Debts:
    """At most n-1 payments that settle every net position: the largest payer pays the largest receiver, and so on."""
    assert sum(nets.values()) == 0, "net positions sum to zero"
    pays = sorted(((-net, party) for party, net in nets.items() if net < 0), key=lambda p: (-p[0], p[1]))
    gets = sorted(((net, party) for party, net in nets.items() if net > 0), key=lambda p: (-p[0], p[1]))
    payments: Debts = {}
    while pays:
        (owed, debtor), (due, creditor) = pays.pop(0), gets.pop(0)
        amount = min(owed, due)
        payments[debtor, creditor] = amount
        if owed > amount:
            pays.insert(0, (owed - amount, debtor))
        if due > amount:
            gets.insert(0, (due - amount, creditor))
    return payments
