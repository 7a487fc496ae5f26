"""What a closed window says: who owed whom, what netting left to pay, what rolls over (DOMAIN 4.4.2, 4.4.3). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from network.domain.clearing import Debts, clear_loops, gross, net_bilaterally, net_multilaterally, net_positions
from network.domain.errors import InvalidTerms
from network.domain.units import MINOR_MAX, Minor

REVIEW_DAYS_MAX = 90


class Method(StrEnum):
    """How far a coalition nets. Each goes on from the one before; the last makes payments between new pairs."""

    BILATERAL = "bilateral"
    LOOPS = "loops"
    MULTILATERAL = "multilateral"


@dataclass(frozen=True, slots=True)
class SettlementTerms:
    """How one window is settled; frozen with its cut.

    `threshold`: a payment under it is not made and rolls over. `review_days`: whole local days after the statement;
    silence through them is agreement.
    """

    method: Method = Method.LOOPS
    threshold: Minor = 0
    review_days: int = 7

    def check(self) -> None:
        """Raises: InvalidTerms, saying what is wrong."""
        if not 0 <= self.threshold <= MINOR_MAX:
            raise InvalidTerms(reason="The smallest payment is between zero and 1 000 000 000 000.")
        if not 0 <= self.review_days <= REVIEW_DAYS_MAX:
            raise InvalidTerms(reason="The review takes 0 to 90 days.")


class Section(StrEnum):
    """Where a line stands in a statement. Adjustments undo what an earlier window had stated."""

    VALUE = "value"
    COMMISSION = "commission"
    FEE = "fee"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class Debt:
    """What `debtor` owes `creditor` in one window, gross, by section; `opening` rolled over from the one before."""

    debtor: UUID
    creditor: UUID
    opening: Minor = 0
    value: Minor = 0
    commission: Minor = 0
    fee: Minor = 0
    adjustment: Minor = 0

    @property
    def amount(self) -> Minor:
        """All of it."""
        return self.opening + self.value + self.commission + self.fee + self.adjustment


@dataclass(frozen=True, slots=True)
class Due:
    """One netted debt: to be paid now, or rolled over."""

    debtor: UUID
    creditor: UUID
    amount: Minor


@dataclass(frozen=True, slots=True)
class Standing:
    """One party of a window, opening included. `net` positive: it receives. The nets sum to zero."""

    party: UUID
    receives: Minor
    owes: Minor
    net: Minor


@dataclass(frozen=True, slots=True)
class Step:
    """How much would change hands, and in how many payments, if netting ended here."""

    amount: Minor
    payments: int


@dataclass(frozen=True, slots=True)
class Savings:
    """What each way of netting would leave, whichever one the terms choose. Before the threshold."""

    gross: Step
    bilateral: Step
    loops: Step
    multilateral: Step


@dataclass(frozen=True, slots=True)
class Figures:
    """All that a window's statement freezes. Ordered by party id, so the same debts give the same bytes."""

    debts: tuple[Debt, ...]
    parties: tuple[Standing, ...]
    payments: tuple[Due, ...]
    carried: tuple[Due, ...]
    savings: Savings


def figures_of(debts: Iterable[Debt], terms: SettlementTerms) -> Figures:
    """Net the debts as the terms say. A netted debt under the threshold rolls over to the next window's opening."""
    ordered = tuple(sorted((d for d in debts if d.amount), key=lambda debt: (debt.debtor, debt.creditor)))
    owed = {(debt.debtor, debt.creditor): debt.amount for debt in ordered}
    netted, savings = net_by(owed, terms.method)
    dues = [Due(debtor, creditor, amount) for (debtor, creditor), amount in sorted(netted.items())]
    return Figures(
        debts=ordered,
        parties=standings_of(owed),
        payments=tuple(due for due in dues if due.amount >= terms.threshold),
        carried=tuple(due for due in dues if due.amount < terms.threshold),
        savings=savings,
    )


def net_by(owed: Debts, method: Method) -> tuple[Debts, Savings]:
    """What the method leaves of the debts, and what each method would. Every net position stays as it is."""
    bilateral = net_bilaterally(owed)
    loops, _ = clear_loops(bilateral)
    multilateral = net_multilaterally(net_positions(owed))
    chosen = {Method.BILATERAL: bilateral, Method.LOOPS: loops, Method.MULTILATERAL: multilateral}[method]
    nets = {party: net for party, net in net_positions(owed).items() if net}
    assert {p: net for p, net in net_positions(chosen).items() if net} == nets, "netting must conserve every net"
    return chosen, Savings(_step(owed), _step(bilateral), _step(loops), _step(multilateral))


def _step(debts: Debts) -> Step:
    return Step(gross(debts), len(debts))


def standings_of(owed: Debts) -> tuple[Standing, ...]:
    """Every party of these debts, by id."""
    receives: dict[UUID, Minor] = {}
    owes: dict[UUID, Minor] = {}
    for (debtor, creditor), amount in owed.items():
        owes[debtor] = owes.get(debtor, 0) + amount
        receives[creditor] = receives.get(creditor, 0) + amount
    return tuple(
        Standing(party, receives.get(party, 0), owes.get(party, 0), receives.get(party, 0) - owes.get(party, 0))
        for party in sorted({*owes, *receives})
    )
