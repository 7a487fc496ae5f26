"""A stated window once more: its debts, what has changed since, and what is then left to pay. Pure.

The debts of a statement never change. A new version adds *changes* to them, each a debt of its own: a disputed line is
withheld by the same debt the other way, a confirmed payment is kept as a debt back to who paid, and what becomes of a
defaulter's debts is debts too. So the nets of every version sum to zero, and any version can be made again from them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from network.domain.clearing import Debts, net_multilaterally, net_positions
from network.domain.statement import Due, SettlementTerms, Standing, net_by, standings_of
from network.domain.units import Minor


class Cause(StrEnum):
    """Why a version differs from the statement."""

    WITHHELD = "withheld"
    PREPAID = "prepaid"
    DEFAULTED = "defaulted"


@dataclass(frozen=True, slots=True)
class Change:
    """`debtor` owes `creditor` so much more than was stated: the opposite of what is withheld or was paid before."""

    debtor: UUID
    creditor: UUID
    amount: Minor
    cause: Cause


@dataclass(frozen=True, slots=True)
class Restated:
    """What a version leaves to pay. Ordered by party id, so the same debts and changes give the same bytes."""

    parties: tuple[Standing, ...]
    payments: tuple[Due, ...]
    carried: tuple[Due, ...]


def with_changes(debts: Mapping[tuple[UUID, UUID], Minor], changes: Iterable[Change]) -> Debts:
    """The debts and what came to them, by pair."""
    owed = dict(debts)
    for change in changes:
        pair = change.debtor, change.creditor
        owed[pair] = owed.get(pair, 0) + change.amount
    return owed


def restate(
    owed: Debts, terms: SettlementTerms, *, defaulters: Iterable[UUID] = (), carried: tuple[Due, ...] | None = None
) -> Restated:
    """Net what is owed now. A defaulter is passed through: it pays nothing.

    `carried`: what the next window has already opened with stays, and the rest is paid whatever its size; None while
    the threshold can still choose it.
    """
    netted, _ = net_by(to_settle(owed, defaulters, carried or ()), terms.method)
    dues = [Due(debtor, creditor, amount) for (debtor, creditor), amount in sorted(netted.items())]
    least = terms.threshold if carried is None else 0
    restated = Restated(
        parties=standings_of(owed),
        payments=tuple(due for due in dues if due.amount >= least),
        carried=tuple(due for due in dues if due.amount < least) if carried is None else carried,
    )
    assert _nets_of(restated) == {party.party: party.net for party in restated.parties if party.net}, "nets are kept"
    return restated


def to_settle(owed: Debts, defaulters: Iterable[UUID], carried: Iterable[Due]) -> Debts:
    """What this version has to net: without what rolled over already, and without debts to or of a defaulter."""
    left = with_changes(owed, (Change(due.creditor, due.debtor, due.amount, Cause.PREPAID) for due in carried))
    for defaulter in sorted(defaulters):
        left = _passed_through(left, defaulter)
    return left


def net_with(owed: Debts, party: UUID) -> dict[UUID, Minor]:
    """`{other: what the party owes it, net between the two}`; below zero it is owed."""
    nets: dict[UUID, Minor] = {}
    for (debtor, creditor), amount in owed.items():
        if debtor == party:
            nets[creditor] = nets.get(creditor, 0) + amount
        elif creditor == party:
            nets[debtor] = nets.get(debtor, 0) - amount
    return nets


def _passed_through(owed: Debts, defaulter: UUID) -> Debts:
    """Who owes the defaulter pays those whom it owes; what is left over is still the defaulter's to receive."""
    between = net_with(owed, defaulter)
    nets = {**between, defaulter: -sum(between.values())}
    assert nets[defaulter] >= 0, "what a defaulter owes is covered or lost before its debts are passed through"
    others = {pair: amount for pair, amount in owed.items() if defaulter not in pair}
    through = (Change(d, c, amount, Cause.DEFAULTED) for (d, c), amount in net_multilaterally(nets).items())
    return with_changes(others, through)


def _nets_of(restated: Restated) -> dict[UUID, Minor]:
    owed: Debts = {}
    for due in (*restated.payments, *restated.carried):
        pair = due.debtor, due.creditor
        owed[pair] = owed.get(pair, 0) + due.amount
    return {party: net for party, net in net_positions(owed).items() if net}
