"""What would each funder owe each acceptor if every active certificate were used?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection

from network.domain.certificate import Certificate
from network.domain.postings import Kind
from network.projections.projection import Projection
from network.projections.tables import Table, View, select

Reads: TypeAlias = (
    Certificate.Issued
    | Certificate.Redeemed
    | Certificate.RedemptionReversed
    | Certificate.RedemptionRefunded
    | Certificate.Expired
    | Certificate.ExpiryUndone
    | Certificate.Revoked
)


@dataclass(slots=True)
class ReserveRow:
    """`reserved` minor units that `funder_id` (an issuer, or the coalition's pool) holds for `creditor_id`."""

    funder_id: UUID
    creditor_id: UUID
    reserved: int


RESERVES = Table("reserves", ReserveRow, ("funder_id", "creditor_id"), sums=("reserved",), indexes=("(creditor_id)",))


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Add up what is reserved and released."""
    moved: dict[tuple[UUID, UUID], int] = {}
    for _, event in facts:
        match event:
            case (
                Certificate.Issued()
                | Certificate.Redeemed()
                | Certificate.RedemptionReversed()
                | Certificate.RedemptionRefunded()
                | Certificate.Expired()
                | Certificate.ExpiryUndone()
                | Certificate.Revoked()
            ):
                for posting in event.postings:
                    if not posting.owed:
                        pair = (posting.debtor, posting.creditor)
                        sign = 1 if posting.kind is Kind.RESERVED else -1
                        moved[pair] = moved.get(pair, 0) + sign * posting.amount
            case _:
                assert_never(event)
    view.save(RESERVES, [ReserveRow(*pair, amount) for pair, amount in moved.items()])


PROJECTION = Projection("reserves", Reads, (RESERVES,), fold)


def all(connection: Connection, schema: str) -> list[ReserveRow]:  # noqa: A001 - reads as `reserves.all`
    """Every pair that ever had a reserve."""
    return select(connection, schema, RESERVES, "ORDER BY funder_id, creditor_id")


def of_merchant(connection: Connection, schema: str, merchant_id: UUID) -> list[ReserveRow]:
    """The pairs in which a partner is funder or creditor."""
    rest = "WHERE funder_id = %s OR creditor_id = %s ORDER BY funder_id, creditor_id"
    return select(connection, schema, RESERVES, rest, [merchant_id, merchant_id])
