"""Who owes whom, for what? Gross: a reversal is a debt the other way, and the reader nets."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from network.projections.owed import Reads, owed
from network.projections.projection import Projection
from network.projections.tables import Table, View, select


@dataclass(slots=True)
class ObligationRow:
    """`owed` minor units posted from debtor to creditor for one kind (see `domain.postings`), in `entries` entries."""

    debtor_id: UUID
    creditor_id: UUID
    kind: str
    owed: int
    entries: int


OBLIGATIONS = Table(
    "obligations",
    ObligationRow,
    ("debtor_id", "creditor_id", "kind"),
    sums=("owed", "entries"),
    indexes=("(creditor_id)",),
)


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Add up what is posted, each direction for itself."""
    rows: dict[tuple[UUID, UUID, str], ObligationRow] = {}
    for posting in owed(facts):
        key = (posting.debtor, posting.creditor, posting.kind.value)
        row = rows.setdefault(key, ObligationRow(*key, 0, 0))
        row.owed += posting.amount
        row.entries += 1
    view.save(OBLIGATIONS, rows.values())


PROJECTION = Projection("obligations", Reads, (OBLIGATIONS,), fold, version=2)


def all(connection: Connection, schema: str) -> list[ObligationRow]:  # noqa: A001 - reads as `obligations.all`
    """Every debtor, creditor and kind."""
    return select(connection, schema, OBLIGATIONS, "ORDER BY debtor_id, creditor_id, kind")


def of_merchant(connection: Connection, schema: str, merchant_id: UUID) -> list[ObligationRow]:
    """What a partner owes and is owed."""
    rest = "WHERE debtor_id = %s OR creditor_id = %s ORDER BY debtor_id, creditor_id, kind"
    return select(connection, schema, OBLIGATIONS, rest, [merchant_id, merchant_id])
