"""Who takes part, and where does each partner stand?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection

from network.domain.merchant import Merchant, State
from network.projections.projection import Projection
from network.projections.tables import Table, View, select

Reads: TypeAlias = (
    Merchant.Applied
    | Merchant.Admitted
    | Merchant.Suspended
    | Merchant.Readmitted
    | Merchant.Left
    | Merchant.TaxRecorded
    | Merchant.ProfileChanged
)


@dataclass(slots=True)
class MerchantRow:
    """A partner now. `state`: applied, admitted, suspended, left; since `state_at`, `reason` where one was given."""

    merchant_id: UUID
    number: int
    name: str
    category: str
    address: str
    state: str
    reason: str | None
    applied_at: datetime
    state_at: datetime


@dataclass(slots=True)
class TaxRow:
    """Where a partner supplies and at which tax rates, in basis points, from the day `valid_from` on."""

    merchant_id: UUID
    valid_from: str
    country: str
    rates: list[int]
    recorded_at: datetime


MERCHANTS = Table("merchants", MerchantRow, ("merchant_id",), indexes=("(number)",))
TAX = Table("merchant_tax", TaxRow, ("merchant_id", "valid_from"))


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Follow each partner."""
    touched = {event.originator_id for _, event in facts}
    rows = {row.merchant_id: row for row in view.load(MERCHANTS, "merchant_id", touched)}
    taxes: dict[tuple[UUID, str], TaxRow] = {}
    for _, event in facts:
        merchant_id = event.originator_id
        match event:
            case Merchant.Applied():
                rows[merchant_id] = MerchantRow(
                    merchant_id=merchant_id,
                    number=event.number,
                    name=event.name,
                    category=event.category,
                    address=event.address,
                    state=State.APPLIED.value,
                    reason=None,
                    applied_at=event.timestamp,
                    state_at=event.timestamp,
                )
            case Merchant.Admitted() | Merchant.Readmitted():
                _become(rows[merchant_id], State.ADMITTED, None, event.timestamp)
            case Merchant.Suspended():
                _become(rows[merchant_id], State.SUSPENDED, event.reason, event.timestamp)
            case Merchant.Left():
                _become(rows[merchant_id], State.LEFT, event.reason, event.timestamp)
            case Merchant.ProfileChanged():
                rows[merchant_id].category, rows[merchant_id].address = event.category, event.address
            case Merchant.TaxRecorded():
                record, key = event.record, (merchant_id, event.record.valid_from)
                taxes[key] = TaxRow(*key, record.country, list(record.rates), event.timestamp)
            case _:
                assert_never(event)
    view.save(MERCHANTS, rows.values())
    view.save(TAX, taxes.values())


def _become(row: MerchantRow, state: State, reason: str | None, at: datetime) -> None:
    row.state, row.reason, row.state_at = state.value, reason, at


PROJECTION = Projection("merchants", Reads, (MERCHANTS, TAX), fold)


def all(connection: Connection, schema: str, *, after: int = 0, limit: int = 1000) -> list[MerchantRow]:  # noqa: A001
    """Partners by number, whatever their state; `after` is the number of the last one seen."""
    return select(connection, schema, MERCHANTS, "WHERE number > %s ORDER BY number LIMIT %s", [after, limit])


def find(connection: Connection, schema: str, merchant_id: UUID) -> MerchantRow | None:
    """One partner, or None."""
    return next(iter(select(connection, schema, MERCHANTS, "WHERE merchant_id = %s", [merchant_id])), None)


def tax(connection: Connection, schema: str, merchant_id: UUID) -> list[TaxRow]:
    """What a partner has on record for tax, the earliest day first."""
    return select(connection, schema, TAX, "WHERE merchant_id = %s ORDER BY valid_from", [merchant_id])
