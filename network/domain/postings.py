"""Who owes whom because of one redemption, and what is held in reserve until then (DOMAIN 4.1, 4.2)."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from uuid import UUID, uuid5

from network.domain.terms import Guest, Reward, Side, Terms
from network.domain.units import (
    Minor,
    pro_rata_rounded_half_up,
    share_rounded_half_up,
    split_by_largest_remainder,
)


class Kind(StrEnum):
    """What a posting is for. RESERVED and RELEASED move what would be owed, the others what is owed.

    ADJUSTMENT is an entry of the open window that corrects an earlier one. WITHHELD and DEFAULTED are entries of a new
    version of a window that was stated; the open window does not count them.
    """

    RESERVED = "reserved"
    RELEASED = "released"
    VALUE = "value"
    COMMISSION = "commission"
    FEE = "fee"
    ADJUSTMENT = "adjustment"
    WITHHELD = "withheld"
    DEFAULTED = "defaulted"


@dataclass(frozen=True, slots=True)
class Posting:
    """`debtor` owes `creditor` the `amount`, a positive number of minor units. A reversal swaps the sides.

    A reserve names the funder as debtor both when it is made and when it is released.
    """

    debtor: UUID
    creditor: UUID
    amount: Minor
    kind: Kind

    def reversed(self) -> "Posting":
        """The equal and opposite entry."""
        if self.kind is Kind.RESERVED:
            return replace(self, kind=Kind.RELEASED)
        if self.kind is Kind.RELEASED:
            return replace(self, kind=Kind.RESERVED)
        return replace(self, debtor=self.creditor, creditor=self.debtor)

    @property
    def owed(self) -> bool:
        """Whether it moves an obligation, not only a reserve."""
        return self.kind not in (Kind.RESERVED, Kind.RELEASED)

    @property
    def in_open_window(self) -> bool:
        """Whether it counts in the window that is open when it is posted."""
        return self.owed and self.kind not in (Kind.WITHHELD, Kind.DEFAULTED)


@dataclass(frozen=True, slots=True)
class Parties:
    """The four that a redemption can move money between; pool and organizer belong to the coalition."""

    issuer: UUID
    acceptor: UUID
    pool: UUID
    organizer: UUID

    @classmethod
    def of(cls, *, issuer_id: UUID, acceptor_id: UUID, coalition_id: UUID) -> "Parties":
        """The parties of a certificate."""
        return cls(issuer_id, acceptor_id, pool_of(coalition_id), organizer_of(coalition_id))


@lru_cache(maxsize=1024)
def pool_of(coalition_id: UUID) -> UUID:
    """The party that stands for the coalition's fund."""
    return uuid5(coalition_id, "pool")


@lru_cache(maxsize=1024)
def organizer_of(coalition_id: UUID) -> UUID:
    """The party that stands for the organizer."""
    return uuid5(coalition_id, "organizer")


@lru_cache(maxsize=1024)
def deposits_of(coalition_id: UUID) -> UUID:
    """The party that stands for whoever holds the partners' deposits."""
    return uuid5(coalition_id, "deposits")


def own_parties(coalition_id: UUID) -> tuple[UUID, UUID, UUID]:
    """The parties that are no partners: the pool, the organizer, and whoever holds the deposits."""
    return pool_of(coalition_id), organizer_of(coalition_id), deposits_of(coalition_id)


def redemption_postings(
    terms: Terms, parties: Parties, *, deducted: Minor, bill: Minor | None, guest: Guest, first: bool
) -> tuple[Posting, ...]:
    """The entries of one redemption.

    The value is split once by largest remainder; commission and fee are rounded half-up once each. A commission's
    share needs a known `bill`; its fixed sum is due once per certificate: `first` says that no redemption
    stands that carried it.
    """
    from_issuer, from_pool, _ = split_by_largest_remainder(deducted, terms.funding.rates)
    reward = terms.commission.reward(guest) if terms.commission else Reward()
    spent_over = max(0, bill - deducted) if bill is not None else 0
    commission = share_rounded_half_up(spent_over, reward.share) + (reward.fixed if first else 0)
    fee = share_rounded_half_up(deducted, terms.fee.share) + terms.fee.fixed if terms.fee else 0
    payer = parties.issuer if terms.fee and terms.fee.payer is Side.ISSUER else parties.acceptor
    entries = (
        Posting(parties.issuer, parties.acceptor, from_issuer, Kind.VALUE),
        Posting(parties.pool, parties.acceptor, from_pool, Kind.VALUE),
        Posting(parties.acceptor, parties.issuer, commission, Kind.COMMISSION),
        Posting(payer, parties.organizer, fee, Kind.FEE),
    )
    return tuple(entry for entry in entries if entry.amount)


def refund_postings(postings: tuple[Posting, ...], *, part: Minor, whole: Minor, already: Minor) -> tuple[Posting, ...]:
    """The value entries taken back when `part` of a deduction of `whole` comes back, `already` having done so.

    Cumulative rounding, so that refunds in any number of steps take back each entry exactly once in full.
    Commission and fee stand: the guest came, and the network served.
    """
    taken = []
    for entry in postings:
        if entry.kind is Kind.VALUE:
            due = pro_rata_rounded_half_up(entry.amount, already + part, whole)
            done = pro_rata_rounded_half_up(entry.amount, already, whole)
            taken.append(Posting(entry.creditor, entry.debtor, due - done, entry.kind))
    return tuple(entry for entry in taken if entry.amount)


def reserve_postings(terms: Terms, parties: Parties, *, before: Minor, after: Minor) -> tuple[Posting, ...]:
    """How the funders' reserve follows the outstanding value from `before` to `after`.

    The reserve is always the funders' split of the whole outstanding value, so that no rounding is left behind.
    """
    held = split_by_largest_remainder(before, terms.funding.rates)
    needed = split_by_largest_remainder(after, terms.funding.rates)
    entries = []
    for funder, was, becomes in zip((parties.issuer, parties.pool), held, needed, strict=False):
        kind = Kind.RESERVED if becomes > was else Kind.RELEASED
        entries.append(Posting(funder, parties.acceptor, abs(becomes - was), kind))
    return tuple(entry for entry in entries if entry.amount)
