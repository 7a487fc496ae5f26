"""What state is each certificate in now? For wallets, tills and the expiry job."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from psycopg import Connection

from network.domain.certificate import Certificate, State
from network.projections.projection import Projection
from network.projections.tables import Table, View, select

Reads: TypeAlias = (
    Certificate.Issued
    | Certificate.Claimed
    | Certificate.PassedOn
    | Certificate.Rebound
    | Certificate.Printed
    | Certificate.Redeemed
    | Certificate.RedemptionReversed
    | Certificate.CauseRefunded
    | Certificate.Expired
    | Certificate.ExpiryUndone
    | Certificate.Revoked
)


@dataclass(slots=True)
class CertificateRow:
    """One certificate now. `holder_id` None is paper, or a link that nobody has opened yet; never show whose it is.

    `state`: active, redeemed, expired, revoked. `redemptions` counts those that stand.
    """

    certificate_id: UUID
    issuer_id: UUID
    acceptor_id: UUID
    agreement_id: UUID
    agreement_version: int
    payment_id: UUID
    allotment_id: UUID | None
    replaces_id: UUID | None
    imported: bool
    currency: str
    face: int
    outstanding: int
    state: str
    holder_id: UUID | None
    epoch: int
    status_index: int
    hops: int
    redemptions: int
    transferable: bool
    partial_redemption: bool
    smallest_bill: int
    reversal_hours: int
    cause_refunded: bool
    issued_at: datetime
    issued_position: int
    expires_at: datetime
    ended_at: datetime | None


CERTIFICATES = Table(
    "certificates",
    CertificateRow,
    ("certificate_id",),
    indexes=(
        "(expires_at, certificate_id) WHERE state = 'active'",
        "(holder_id, issued_position) WHERE holder_id IS NOT NULL",
        "(issuer_id, issued_position)",
        "(acceptor_id, issued_position)",
        "(payment_id)",
    ),
)


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Follow each certificate from one state to the next."""
    touched = {event.originator_id for _, event in facts}
    rows = {row.certificate_id: row for row in view.load(CERTIFICATES, "certificate_id", touched)}
    for position, event in facts:
        if isinstance(event, Certificate.Issued):
            rows[event.originator_id] = _issued(position, event)
        else:
            _follow(rows[event.originator_id], event)
    view.save(CERTIFICATES, rows.values())


def _issued(position: int, event: Certificate.Issued) -> CertificateRow:
    origin, terms = event.origin, event.terms
    return CertificateRow(
        certificate_id=event.originator_id,
        issuer_id=event.issuer_id,
        acceptor_id=event.acceptor_id,
        agreement_id=origin.agreement_id,
        agreement_version=origin.agreement_version,
        payment_id=origin.payment_id,
        allotment_id=origin.allotment_id,
        replaces_id=origin.replaces_id,
        imported=origin.imported,
        currency=event.currency,
        face=event.face,
        outstanding=event.face,
        state=State.ACTIVE.value,
        holder_id=event.holder_id,
        epoch=0,
        status_index=event.status_index,
        hops=0,
        redemptions=0,
        transferable=terms.transferable,
        partial_redemption=terms.partial_redemption,
        smallest_bill=terms.smallest_bill_to_redeem,
        reversal_hours=terms.reversal_hours,
        cause_refunded=False,
        issued_at=event.timestamp,
        issued_position=position,
        expires_at=event.expires_at,
        ended_at=None,
    )


def _follow(
    row: CertificateRow,
    event: Certificate.Claimed
    | Certificate.PassedOn
    | Certificate.Rebound
    | Certificate.Printed
    | Certificate.Redeemed
    | Certificate.RedemptionReversed
    | Certificate.CauseRefunded
    | Certificate.Expired
    | Certificate.ExpiryUndone
    | Certificate.Revoked,
) -> None:
    match event:
        case Certificate.Claimed() | Certificate.Rebound():
            row.holder_id, row.epoch, row.status_index = event.holder_id, event.epoch, event.status_index
        case Certificate.PassedOn():
            row.holder_id, row.epoch, row.status_index = None, event.epoch, event.status_index
            row.hops += 1
        case Certificate.Printed():
            row.holder_id, row.epoch, row.status_index = None, event.epoch, event.status_index
        case Certificate.Redeemed():
            row.redemptions += 1
            row.outstanding -= event.amount + event.released
            if row.outstanding == 0:
                row.state, row.ended_at = State.REDEEMED.value, event.timestamp
        case Certificate.RedemptionReversed():
            _reverse(row, event)
        case Certificate.CauseRefunded():
            row.cause_refunded = True
        case Certificate.Expired():
            row.outstanding, row.state, row.ended_at = 0, State.EXPIRED.value, row.expires_at
        case Certificate.ExpiryUndone():
            row.outstanding += event.amount
            row.state, row.ended_at = State.ACTIVE.value, None
        case Certificate.Revoked():
            row.outstanding, row.state, row.ended_at = 0, State.REVOKED.value, event.timestamp
        case _:
            assert_never(event)


def _reverse(row: CertificateRow, event: Certificate.RedemptionReversed) -> None:
    row.redemptions -= 1
    if event.renewed:
        row.outstanding += event.amount + event.released
        row.state, row.ended_at = State.ACTIVE.value, None
    elif row.state == State.REDEEMED.value:
        row.state, row.ended_at = State.EXPIRED.value, row.expires_at


PROJECTION = Projection("certificates", Reads, (CERTIFICATES,), fold)


def find(connection: Connection, schema: str, certificate_id: UUID) -> CertificateRow | None:
    """One certificate, or None."""
    return next(iter(select(connection, schema, CERTIFICATES, "WHERE certificate_id = %s", [certificate_id])), None)


def of_wallet(connection: Connection, schema: str, wallet_id: UUID) -> list[CertificateRow]:
    """What a wallet holds or has used up itself, oldest first. For what it passed on see `wallets`."""
    return select(connection, schema, CERTIFICATES, "WHERE holder_id = %s ORDER BY issued_position", [wallet_id])


def of_merchant(
    connection: Connection, schema: str, merchant_id: UUID, *, after: int = 0, limit: int = 100
) -> list[CertificateRow]:
    """Certificates that a partner issued or accepts, in the order of issue; `after` is the last `issued_position`."""
    rest = "WHERE (issuer_id = %s OR acceptor_id = %s) AND issued_position > %s ORDER BY issued_position LIMIT %s"
    return select(connection, schema, CERTIFICATES, rest, [merchant_id, merchant_id, after, limit])


def of_payment(connection: Connection, schema: str, payment_id: UUID) -> list[CertificateRow]:
    """What one bill led to, replacements after refunds included."""
    rest = "WHERE payment_id = %s ORDER BY issued_position, certificate_id"
    return select(connection, schema, CERTIFICATES, rest, [payment_id])


def due(
    connection: Connection,
    schema: str,
    at: datetime,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 1000,
) -> list[CertificateRow]:
    """Active certificates whose time is over at `at`, the longest overdue first.

    `after` is `(expires_at, certificate_id)` of the last one of the page before.
    """
    if after is None:
        rest = "WHERE state = 'active' AND expires_at <= %s ORDER BY expires_at, certificate_id LIMIT %s"
        return select(connection, schema, CERTIFICATES, rest, [at, limit])
    rest = (
        "WHERE state = 'active' AND expires_at <= %s AND (expires_at, certificate_id) > (%s, %s)"
        " ORDER BY expires_at, certificate_id LIMIT %s"
    )
    return select(connection, schema, CERTIFICATES, rest, [at, *after, limit])
