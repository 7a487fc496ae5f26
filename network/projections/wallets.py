"""What does a wallet hold, and what became of what it passed on? Never who took it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import class_row

from network.domain.certificate import Certificate
from network.projections.projection import Projection
from network.projections.tables import Table, View

Reads: TypeAlias = (
    Certificate.Issued | Certificate.Claimed | Certificate.PassedOn | Certificate.Printed | Certificate.Redeemed
)


@dataclass(slots=True)
class WalletRow:
    """One wallet's relation to one certificate.

    `waiting` marks the last giver of a certificate that nobody has taken yet. `taken_at`: when somebody opened the
    link, or used it at the till without opening it. `on_paper`: it left as paper, not by a link.
    """

    wallet_id: UUID
    certificate_id: UUID
    got_at: datetime
    got_position: int
    passed_on_at: datetime | None
    taken_at: datetime | None
    waiting: bool
    on_paper: bool


WALLETS = Table(
    "wallets",
    WalletRow,
    ("wallet_id", "certificate_id"),
    indexes=("(certificate_id)",),
)


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Follow who held what, and note for each giver when the gift was taken."""
    touched = {event.originator_id for _, event in facts}
    rows = {(row.wallet_id, row.certificate_id): row for row in view.load(WALLETS, "certificate_id", touched)}
    waiting = {row.certificate_id: row for row in rows.values() if row.waiting}
    for position, event in facts:
        certificate_id, at = event.originator_id, event.timestamp
        match event:
            case Certificate.Issued():
                if event.holder_id is not None:
                    rows[event.holder_id, certificate_id] = _got(event.holder_id, certificate_id, at, position)
            case Certificate.Claimed():
                _take(waiting, certificate_id, at)
                rows[event.holder_id, certificate_id] = _got(event.holder_id, certificate_id, at, position)
            case Certificate.PassedOn() | Certificate.Printed():
                row = rows[event.from_id, certificate_id]
                row.passed_on_at, row.waiting, row.on_paper = at, True, isinstance(event, Certificate.Printed)
                waiting[certificate_id] = row
            case Certificate.Redeemed():
                _take(waiting, certificate_id, at)
            case _:
                assert_never(event)
    view.save(WALLETS, rows.values())


def _got(wallet_id: UUID, certificate_id: UUID, at: datetime, position: int) -> WalletRow:
    return WalletRow(wallet_id, certificate_id, at, position, None, None, waiting=False, on_paper=False)


def _take(waiting: dict[UUID, WalletRow], certificate_id: UUID, at: datetime) -> None:
    giver = waiting.pop(certificate_id, None)
    if giver is not None:
        giver.taken_at, giver.waiting = at, False


PROJECTION = Projection("wallets", Reads, (WALLETS,), fold)


@dataclass(slots=True)
class InWallet:
    """A certificate as a wallet lists it.

    `state` is the certificate's while the wallet holds it; `passed_on`, `printed` or `taken` afterwards, and then
    `outstanding`, `epoch` and `ended_at` are None: what the next holder does with it is not the giver's to see.
    """

    certificate_id: UUID
    issuer_id: UUID
    acceptor_id: UUID
    currency: str
    face: int
    outstanding: int | None
    state: str
    held: bool
    epoch: int | None
    transferable: bool
    partial_redemption: bool
    smallest_bill: int
    expires_at: datetime
    got_at: datetime
    passed_on_at: datetime | None
    taken_at: datetime | None
    on_paper: bool
    ended_at: datetime | None
    got_position: int


_OF_WALLET = """
SELECT c.certificate_id, c.issuer_id, c.acceptor_id, c.currency, c.face,
       CASE WHEN w.passed_on_at IS NULL THEN c.outstanding END AS outstanding,
       CASE WHEN w.passed_on_at IS NULL THEN c.state WHEN w.taken_at IS NOT NULL THEN 'taken'
            WHEN w.on_paper THEN 'printed' ELSE 'passed_on' END AS state,
       w.passed_on_at IS NULL AS held,
       CASE WHEN w.passed_on_at IS NULL THEN c.epoch END AS epoch,
       c.transferable, c.partial_redemption, c.smallest_bill, c.expires_at,
       w.got_at, w.passed_on_at, w.taken_at, w.on_paper,
       CASE WHEN w.passed_on_at IS NULL THEN c.ended_at END AS ended_at, w.got_position
FROM {w} w JOIN {c} c USING (certificate_id)
WHERE w.wallet_id = %s AND (w.got_position, w.certificate_id) < (%s, %s)
ORDER BY w.got_position DESC, w.certificate_id DESC LIMIT %s
"""
NEWEST = (2**62, UUID(int=2**128 - 1))


def of_wallet(
    connection: Connection,
    schema: str,
    wallet_id: UUID,
    *,
    before: tuple[int, UUID] = NEWEST,
    limit: int = 100,
) -> list[InWallet]:
    """All that a wallet ever got, newest first; `before` is `(got_position, certificate_id)` of the last one seen.

    Reads the views `wallets` and `certificates`.
    """
    statement = sql.SQL(_OF_WALLET).format(
        w=sql.Identifier(schema, "wallets"), c=sql.Identifier(schema, "certificates")
    )
    cursor = connection.cursor(row_factory=class_row(InWallet))
    return cursor.execute(statement, (wallet_id, *before, limit)).fetchall()
