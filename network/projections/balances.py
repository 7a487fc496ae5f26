"""Where does each party stand, all in all? The nets of a coalition sum to zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from network.projections.owed import Reads, owed
from network.projections.projection import Projection
from network.projections.tables import Table, View, select


@dataclass(slots=True)
class BalanceRow:
    """Minor units of one party (a partner, the pool, the organizer). `net` positive: the party receives."""

    party_id: UUID
    receives: int
    owes: int
    net: int


BALANCES = Table("balances", BalanceRow, ("party_id",), sums=("receives", "owes", "net"))


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Every posting takes from its debtor what it gives to its creditor."""
    rows: dict[UUID, BalanceRow] = {}
    for posting in owed(facts):
        debtor = rows.setdefault(posting.debtor, BalanceRow(posting.debtor, 0, 0, 0))
        debtor.owes += posting.amount
        debtor.net -= posting.amount
        creditor = rows.setdefault(posting.creditor, BalanceRow(posting.creditor, 0, 0, 0))
        creditor.receives += posting.amount
        creditor.net += posting.amount
    view.save(BALANCES, rows.values())


PROJECTION = Projection("balances", Reads, (BALANCES,), fold, version=2)


def all(connection: Connection, schema: str) -> list[BalanceRow]:  # noqa: A001 - reads as `balances.all`
    """Every party that ever owed or received."""
    return select(connection, schema, BALANCES, "ORDER BY party_id")


def of_party(connection: Connection, schema: str, party_id: UUID) -> BalanceRow:
    """One party; zero when nothing was ever posted for it."""
    found = select(connection, schema, BALANCES, "WHERE party_id = %s", [party_id])
    return found[0] if found else BalanceRow(party_id, 0, 0, 0)
