"""Whose bank details are known, and since when? The details themselves are sealed; see `network.bank_details`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection

from network.domain.coalition import Coalition
from network.domain.merchant import Merchant
from network.projections.projection import Projection
from network.projections.tables import Table, View, select

Reads: TypeAlias = Merchant.BankDetailsSet | Coalition.BankDetailsSet


@dataclass(slots=True)
class BankDetailsRow:
    """A partner's, the pool's or the organizer's. `digest` None: it has none now."""

    party_id: UUID
    digest: str | None
    set_by: str
    set_at: datetime


DETAILS = Table("bank_details_known", BankDetailsRow, ("party_id",))


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Keep the newest of each party."""
    rows: dict[UUID, BankDetailsRow] = {}
    for _, event in facts:
        match event:
            case Merchant.BankDetailsSet():
                party_id = event.originator_id
            case Coalition.BankDetailsSet():
                party_id = event.party_id
            case _:
                assert_never(event)
        rows[party_id] = BankDetailsRow(party_id, event.digest, event.set_by, event.timestamp)
    view.save(DETAILS, rows.values())


PROJECTION = Projection("bank_details", Reads, (DETAILS,), fold)


def all(connection: Connection, schema: str) -> list[BankDetailsRow]:  # noqa: A001 - reads as `bank_details.all`
    """Every party that ever had some."""
    return select(connection, schema, DETAILS, "ORDER BY party_id")
