"""What a till may hand out for a paid bill: each agreement and stock tried as the decision would, writing nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection

from network.application.base import Facts
from network.application.issuing import Choice, certificate_of, terms_for
from network.application.room import moves_against, room_of
from network.coalitions import OpenCoalition
from network.domain.agreement import Agreement
from network.domain.allotment import Allotment
from network.domain.errors import PaymentNotFound, Refusal
from network.domain.exposure import local_day
from network.domain.merchant import Merchant
from network.domain.payment import Payment
from network.projections import agreements, allotments
from network.store.recorder import CoalitionRecorder
from network.unit import Unit, WorkingSet

_ANY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class _Tried:
    """One agreement or stock, tried. `face` None: the terms do not say before it is in force."""

    choice: Choice
    acceptor: Merchant
    face: int | None
    expires_at: datetime | None
    combinable: bool
    left: int | None
    refusal: Refusal | None


def options_of(
    coalition: OpenCoalition, connection: Connection, merchant_id: UUID, payment_id: UUID, at: datetime
) -> Facts:
    """Fitting ones first, the highest value first. Raises: PaymentNotFound."""
    recorder = CoalitionRecorder(connection, coalition.schema, coalition.entry.epoch)
    unit = Unit(WorkingSet(recorder, coalition.mapper, {}), coalition_id=coalition.coalition_id, at=at)
    payment = unit.get(Payment, payment_id)
    if payment.merchant_id != merchant_id:
        raise PaymentNotFound()
    bill = {
        "payment_id": payment.id,
        "bill": payment.amount,
        "paid": payment.paid,
        "currency": payment.currency,
        "decided": bool(payment.decisions),
    }
    undecided = _why_not(payment, at)
    issuer = unit.get(Merchant, merchant_id)
    choices = _choices(recorder, merchant_id)
    tried = [_try(unit, issuer, payment, choice, undecided) for choice in choices]
    tried.sort(key=lambda one: (one.refusal is not None, -(one.face or 0), one.acceptor.name))
    return {**bill, "options": [_shown(one) for one in tried]}


def _choices(recorder: CoalitionRecorder, merchant_id: UUID) -> Iterable[Choice]:
    connection, schema = recorder.connection, recorder.schema
    for one in agreements.of_merchant(connection, schema, merchant_id):
        if one.issuer_id == merchant_id and one.state != "ended":
            yield Choice(_ANY, one.agreement_id)
    for stock in allotments.of_merchant(connection, schema, merchant_id):
        if stock.partner_id == merchant_id and stock.remaining > 0:
            yield Choice(_ANY, stock.agreement_id, stock.allotment_id)


def _why_not(payment: Payment, at: datetime) -> Refusal | None:
    """Why nothing can be handed out for this bill, if so. What the decision triggers here is thrown away."""
    try:
        payment.decide_issue(certificate_ids=(), at=at)
    except Refusal as refusal:
        return refusal
    return None


def _try(unit: Unit, issuer: Merchant, payment: Payment, choice: Choice, known: Refusal | None) -> _Tried:
    agreement = unit.get(Agreement, choice.agreement_id)
    acceptor = unit.get(Merchant, agreement.acceptor_id)
    face: int | None = None
    expires_at: datetime | None = None
    combinable, left, refusal = False, None, known
    if agreement.current is not None:
        terms = agreement.versions[agreement.current]
        face, combinable = terms.face.of(payment.paid), terms.combinable
        expires_at = terms.expires_at(unit.at, unit.coalition.time_zone)
    try:
        issuer.must_trade()
        agreed = terms_for(unit, choice.agreement_id, issuer, payment)
        if choice.allotment_id is not None:
            allotment = unit.get(Allotment, choice.allotment_id)
            face, left = allotment.face, allotment.left
            day = local_day(unit.at, unit.coalition.time_zone)
            allotment.hand_out(partner_id=issuer.id, certificate_id=_ANY, on=day, at=unit.at)
        assert face is not None, "terms in force say it"
        room_of(unit, moves_against(unit, certificate_of(unit, choice, agreed, payment, None, face=face)))
    except Refusal as found:
        refusal = refusal or found
    return _Tried(choice, acceptor, face, expires_at, combinable, left, refusal)


def _shown(one: _Tried) -> Facts:
    refusal = one.refusal.body() if one.refusal else None
    return {
        "agreement_id": one.choice.agreement_id,
        "allotment_id": one.choice.allotment_id,
        "acceptor_id": one.acceptor.id,
        "acceptor_name": one.acceptor.name,
        "acceptor_category": one.acceptor.category,
        "face": one.face,
        "expires_at": one.expires_at,
        "combinable": one.combinable,
        "left": one.left,
        "fits": refusal is None,
        "refusal": refusal,
    }
