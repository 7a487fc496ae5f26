"""What the log says of each certificate, redemption and payment, one event at a time."""

from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from network.domain.certificate import Certificate, State
from network.domain.payment import Payment, payment_id_of
from network.domain.postings import Kind, Posting
from network.projections.effects.rows import CertificateRow, PaymentRow, RedemptionRow

OfCertificate: TypeAlias = (
    Certificate.PassedOn
    | Certificate.Redeemed
    | Certificate.RedemptionReversed
    | Certificate.RedemptionRefunded
    | Certificate.Expired
    | Certificate.ExpiryUndone
    | Certificate.Revoked
)
OfPayment: TypeAlias = Payment.Recorded | Payment.Completed | Payment.Refunded
Redemptions: TypeAlias = dict[tuple[UUID, UUID], RedemptionRow]


def issued(event: Certificate.Issued) -> CertificateRow:
    """A new certificate."""
    origin = event.origin
    return CertificateRow(
        certificate_id=event.originator_id,
        agreement_id=origin.agreement_id,
        agreement_version=origin.agreement_version,
        issuer_id=event.issuer_id,
        acceptor_id=event.acceptor_id,
        imported=origin.imported,
        issued_at=event.timestamp,
        expires_at=event.expires_at,
        outstanding=event.face,
        state=State.ACTIVE.value,
        hops=0,
        lapsed=0,
        ended_at=None,
        used_at=None,
        used_hop=0,
    )


def follow(one: CertificateRow, redemptions: Redemptions, event: OfCertificate) -> None:
    """Take an event of a certificate in."""
    match event:
        case Certificate.PassedOn():
            one.hops += 1
        case Certificate.Redeemed():
            redemptions[one.certificate_id, event.redemption_id] = _redeemed(one, event)
            one.outstanding -= event.amount + event.released
            if one.outstanding == 0:
                one.state, one.ended_at = State.REDEEMED.value, event.timestamp
        case Certificate.RedemptionReversed():
            redemptions[one.certificate_id, event.redemption_id].stands = False
            _reverse(one, event)
        case Certificate.RedemptionRefunded():
            redemption = redemptions[one.certificate_id, event.redemption_id]
            redemption.refunded += event.amount
            for posting in event.postings:
                _bear(redemption, posting.reversed(), -posting.amount)
        case Certificate.Expired():
            _end(one, State.EXPIRED, one.expires_at)
        case Certificate.ExpiryUndone():
            one.lapsed -= event.amount
            one.outstanding += event.amount
            one.state, one.ended_at = State.ACTIVE.value, None
        case Certificate.Revoked():
            _end(one, State.REVOKED, event.timestamp)
        case _:
            assert_never(event)


def paid(payment_id: UUID, known: PaymentRow | None, event: OfPayment) -> PaymentRow:
    """Take an event of a payment in."""
    row = known or PaymentRow(payment_id, event.merchant_id, None, None, None)
    match event:
        case Payment.Recorded() | Payment.Completed():
            row.customer_id, row.paid_at, row.amount = event.customer_id, event.timestamp, event.amount
        case Payment.Refunded():
            row.refunded += event.amount
        case _:
            assert_never(event)
    return row


def _redeemed(one: CertificateRow, event: Certificate.Redeemed) -> RedemptionRow:
    reference = event.bill_reference
    row = RedemptionRow(
        certificate_id=one.certificate_id,
        redemption_id=event.redemption_id,
        agreement_id=one.agreement_id,
        agreement_version=one.agreement_version,
        issuer_id=one.issuer_id,
        acceptor_id=one.acceptor_id,
        imported=one.imported,
        holder_id=event.holder_id,
        payment_id=None if reference is None else payment_id_of(event.acceptor_id, reference),
        redeemed_at=event.offline.taken_at if event.offline else event.timestamp,
        hop=one.hops,
        stands=True,
        bill=event.bill,
        amount=event.amount,
        refunded=0,
        released=event.released,
        issuer_value=0,
        pool_value=0,
        commission=0,
        acceptor_fee=0,
        issuer_fee=0,
    )
    for posting in event.postings:
        _bear(row, posting, posting.amount)
    return row


def _bear(row: RedemptionRow, posting: Posting, amount: int) -> None:
    """Who bears what of a redemption; `amount` below zero when it is taken back."""
    if posting.kind is Kind.VALUE and posting.debtor == row.issuer_id:
        row.issuer_value += amount
    elif posting.kind is Kind.VALUE:
        row.pool_value += amount
    elif posting.kind is Kind.COMMISSION:
        row.commission += amount
    elif posting.kind is Kind.FEE and posting.debtor == row.issuer_id:
        row.issuer_fee += amount
    elif posting.kind is Kind.FEE:
        row.acceptor_fee += amount


def _reverse(one: CertificateRow, event: Certificate.RedemptionReversed) -> None:
    restored = event.amount + event.released
    if event.renewed:
        one.outstanding += restored
        one.state, one.ended_at = State.ACTIVE.value, None
        return
    one.lapsed += restored
    if one.state == State.REDEEMED.value:
        one.state, one.ended_at = State.EXPIRED.value, one.expires_at


def _end(one: CertificateRow, state: State, at: datetime) -> None:
    one.lapsed += one.outstanding
    one.outstanding, one.state, one.ended_at = 0, state.value, at
