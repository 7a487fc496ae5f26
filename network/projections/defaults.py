"""Who has put up how much for bad days, who did not pay a window, and who bears it?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection

from network.domain.default import Default
from network.domain.deposit import Deposit
from network.projections.projection import Projection
from network.projections.tables import Table, View, select

Deposits: TypeAlias = Deposit.PutUp | Deposit.Increased | Deposit.Returned | Deposit.Used
Reads: TypeAlias = Default.Declared | Default.Recovered | Deposits
_DEPOSITS = Deposit.PutUp | Deposit.Increased | Deposit.Returned | Deposit.Used


@dataclass(slots=True)
class DepositRow:
    """What is left of a partner's deposit, and with whom it is."""

    merchant_id: UUID
    balance: int
    held_by: str


@dataclass(slots=True)
class DefaultRow:
    """A partner that did not pay a window: `claimed` = deposit + set_off + pool + lost, as it was shared out.

    `recovered`: what came back since.
    """

    default_id: UUID
    declared_position: int
    window_number: int
    defaulter_id: UUID
    by: str
    reason: str
    declared_at: datetime
    claimed: int
    deposit: int
    set_off: int
    pool: int
    lost: int
    recovered: int


@dataclass(slots=True)
class ShareRow:
    """What one party bears of a default. The pool has a share of what it gave. `recovered`: what it got back of it."""

    default_id: UUID
    party_id: UUID
    claim: int
    from_deposit: int
    from_set_off: int
    from_pool: int
    lost: int
    recovered: int


DEPOSITS = Table("deposits", DepositRow, ("merchant_id",))
DEFAULTS = Table("defaults", DefaultRow, ("default_id",), indexes=("(declared_position)",))
SHARES = Table("default_shares", ShareRow, ("default_id", "party_id"), indexes=("(party_id)",))


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Keep balances, and follow each default."""
    deposits = _deposits(facts, view)
    known = {event.originator_id for _, event in facts}
    defaults = {row.default_id: row for row in view.load(DEFAULTS, "default_id", known)}
    shares = {(row.default_id, row.party_id): row for row in view.load(SHARES, "default_id", known)}
    for position, event in facts:
        match event:
            case Default.Declared():
                defaults[event.originator_id] = _declared(position, event)
                shares |= {(row.default_id, row.party_id): row for row in _shares(event)}
            case Default.Recovered():
                defaults[event.originator_id].recovered += event.amount
                for part in event.shares:
                    shares[event.originator_id, part.party].recovered += part.amount
            case Deposit.PutUp():
                deposits[event.merchant_id] = DepositRow(event.merchant_id, event.amount, event.held_by)
            case Deposit.Increased():
                row = deposits[event.merchant_id]
                row.balance, row.held_by = row.balance + event.amount, event.held_by
            case Deposit.Returned() | Deposit.Used():
                deposits[event.merchant_id].balance -= event.amount
            case _:
                assert_never(event)
    view.save(DEPOSITS, deposits.values())
    view.save(DEFAULTS, defaults.values())
    view.save(SHARES, shares.values())


def _deposits(facts: Sequence[tuple[int, Reads]], view: View) -> dict[UUID, DepositRow]:
    of = {event.merchant_id for _, event in facts if isinstance(event, _DEPOSITS)}
    return {row.merchant_id: row for row in view.load(DEPOSITS, "merchant_id", of)}


def _declared(position: int, event: Default.Declared) -> DefaultRow:
    of = event.waterfall
    return DefaultRow(
        default_id=event.originator_id,
        declared_position=position,
        window_number=event.window_number,
        defaulter_id=event.defaulter_id,
        by=event.by,
        reason=event.reason,
        declared_at=event.timestamp,
        claimed=of.claimed,
        deposit=of.deposit,
        set_off=of.set_off,
        pool=of.pool,
        lost=of.lost,
        recovered=0,
    )


def _shares(event: Default.Declared) -> list[ShareRow]:
    rows = {
        one.party: ShareRow(
            event.originator_id, one.party, one.claim, one.from_deposit, one.from_set_off, one.from_pool, one.lost, 0
        )
        for one in event.waterfall.shares
    }
    if event.waterfall.pool:
        own = rows.setdefault(event.pool_id, ShareRow(event.originator_id, event.pool_id, 0, 0, 0, 0, 0, 0))
        own.lost += event.waterfall.pool
    return list(rows.values())


PROJECTION = Projection("defaults", Reads, (DEPOSITS, DEFAULTS, SHARES), fold)


def deposits(connection: Connection, schema: str, merchant_id: UUID | None = None) -> list[DepositRow]:
    """Every deposit, or one partner's."""
    rest = "WHERE %s::uuid IS NULL OR merchant_id = %s ORDER BY merchant_id"
    return select(connection, schema, DEPOSITS, rest, [merchant_id, merchant_id])


def all(connection: Connection, schema: str, *, after: int = 0, limit: int = 1000) -> list[DefaultRow]:  # noqa: A001 - reads as `defaults.all`
    """In the order in which they were declared; `after` is the `declared_position` of the last one seen."""
    rest = "WHERE declared_position > %s ORDER BY declared_position LIMIT %s"
    return select(connection, schema, DEFAULTS, rest, [after, limit])


def shares(connection: Connection, schema: str, default_id: UUID) -> list[ShareRow]:
    """Who bears what of one default."""
    return select(connection, schema, SHARES, "WHERE default_id = %s ORDER BY party_id", [default_id])


def shares_of_party(connection: Connection, schema: str, party_id: UUID) -> list[ShareRow]:
    """What a party bears, default by default."""
    return select(connection, schema, SHARES, "WHERE party_id = %s ORDER BY default_id", [party_id])
