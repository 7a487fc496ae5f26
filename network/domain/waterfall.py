"""Who bears what a defaulter does not pay: its deposit, what it is owed, the pool, then its creditors. Pure.

The order is fixed (DOMAIN 4.4.5) and the organizer is not in it: it loses only as the creditor of its own fees. Every
step is shared in proportion to what is still owed, by largest remainder, so no order of creditors changes anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from network.domain.clearing import Debts
from network.domain.restating import Cause, Change, net_with
from network.domain.units import Minor


@dataclass(frozen=True, slots=True)
class Share:
    """One creditor. `claim`: what the defaulter owes it, net between the two; it is the sum of the other four."""

    party: UUID
    claim: Minor
    from_deposit: Minor
    from_set_off: Minor
    from_pool: Minor
    lost: Minor


@dataclass(frozen=True, slots=True)
class Part:
    """What one party gets of a sum."""

    party: UUID
    amount: Minor


@dataclass(frozen=True, slots=True)
class Waterfall:
    """What becomes of a defaulter's debts of one window. `claimed` = deposit + set_off + pool + lost.

    `held`: the deposit before. `owed_to`: what others owe the defaulter; `left_to`: what of it is still its own after
    the set-off.
    """

    held: Minor
    owed_to: Minor
    claimed: Minor
    deposit: Minor
    set_off: Minor
    pool: Minor
    lost: Minor
    left_to: Minor
    shares: tuple[Share, ...]


def waterfall(owed: Debts, defaulter: UUID, *, deposit: Minor, pool: Minor) -> Waterfall:
    """`deposit` is what the defaulter has put up, `pool` what the coalition's fund may give at most."""
    nets = net_with(owed, defaulter)
    claims = {party: net for party, net in sorted(nets.items()) if net > 0}
    owed_to = -sum(net for net in nets.values() if net < 0)
    left = dict(claims)
    given = [_give(left, step) for step in (deposit, owed_to, pool)]
    from_deposit, from_set_off, from_pool = given
    set_off = sum(from_set_off.values())
    return Waterfall(
        held=deposit,
        owed_to=owed_to,
        claimed=sum(claims.values()),
        deposit=sum(from_deposit.values()),
        set_off=set_off,
        pool=sum(from_pool.values()),
        lost=sum(left.values()),
        left_to=owed_to - set_off,
        shares=tuple(
            Share(party, claim, from_deposit[party], from_set_off[party], from_pool[party], left[party])
            for party, claim in claims.items()
        ),
    )


def changes_of(of: Waterfall, defaulter: UUID, *, deposits: UUID, pool: UUID) -> tuple[Change, ...]:
    """As debts that come to the window's: who holds the deposit, the pool, and those who lose owe the defaulter."""
    payers = [(deposits, of.deposit), (pool, of.pool), *((share.party, share.lost) for share in of.shares)]
    return tuple(Change(payer, defaulter, amount, Cause.DEFAULTED) for payer, amount in payers if amount)


def in_proportion(amount: Minor, weights: Mapping[UUID, Minor]) -> dict[UUID, Minor]:
    """Split by largest remainder; among equal remainders the lower id gets the unit. At most the weights themselves."""
    whole = sum(weights.values())
    assert 0 <= amount <= whole, "nobody gets more than its weight"
    if not whole:
        return dict.fromkeys(weights, 0)
    parts = {party: amount * weight // whole for party, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda party: (-(amount * weights[party] % whole), party))
    for party in by_remainder[: amount - sum(parts.values())]:
        parts[party] += 1
    return parts


def _give(left: dict[UUID, Minor], available: Minor) -> dict[UUID, Minor]:
    """Give what is there to those who still wait, and take it from what they wait for."""
    given = in_proportion(min(available, sum(left.values())), left)
    for party, amount in given.items():
        left[party] -= amount
    return given
