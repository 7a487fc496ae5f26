"""Past events for domain tests: aggregates as the log gives them back, and what a command then adds."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid5

from eventsourcing.domain import CanMutateAggregate

from network.domain.aggregate import Aggregate
from network.domain.agreement import Agreement
from network.domain.allotment import Allotment
from network.domain.certificate import Certificate, Origin
from network.domain.payment import Payment
from network.domain.postings import organizer_of, pool_of
from network.domain.terms import FaceValue, Funding, Guest, Terms
from network.store.mapper import EventMapper

A = TypeVar("A", bound=Aggregate)

_HERE = UUID("6f1c9d2e-0000-4000-8000-000000000000")


def some(name: str) -> UUID:
    """An id that is the same in every test."""
    return uuid5(_HERE, name)


COALITION, SALON, RESTAURANT, BAKERY = (some(name) for name in ("coalition", "salon", "restaurant", "bakery"))
POOL, ORGANIZER = pool_of(COALITION), organizer_of(COALITION)
ANNA, BORIS = some("anna"), some("boris")
CAUSE, AGREEMENT, STOCK, CERTIFICATE = some("cause"), some("agreement"), some("stock"), some("certificate")
FIRST, SECOND = some("first redemption"), some("second redemption")

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EXPIRES = datetime(2026, 4, 1, 21, 0, tzinfo=UTC)
SIMPLE = Terms(face=FaceValue(fixed=500), funding=Funding(issuer=10_000))
IN_PARTS = Terms(face=FaceValue(fixed=1_000), funding=Funding(issuer=3_000, pool=2_000), partial_redemption=True)

_mapper = EventMapper()


def stored(aggregate: A) -> A:
    """The aggregate as the log gives it back: its events written, read again and applied from the first."""
    again: Any = None
    for event in aggregate.collect_events():
        again = _mapper.to_domain_event(_mapper.to_stored_event(event)).mutate(again)  # type: ignore[attr-defined]
    assert isinstance(again, type(aggregate))
    return again


def topics(aggregate: Aggregate) -> list[str]:
    """What was triggered since it was loaded."""
    return [type(event).TOPIC for event in aggregate.pending_events]  # type: ignore[attr-defined]


def only_event(aggregate: Aggregate) -> CanMutateAggregate[UUID]:
    """The one new event."""
    (event,) = aggregate.pending_events
    return event


def facts(event: object, *names: str) -> dict[str, Any]:
    """Those facts of an event."""
    return {name: getattr(event, name) for name in names}


def certificate(
    terms: Terms = SIMPLE, *, face: int | None = None, holder_id: UUID | None = ANNA, expires_at: datetime = EXPIRES
) -> Certificate:
    """One that was handed out at noon."""
    return stored(
        Certificate.issue(
            certificate_id=CERTIFICATE,
            coalition_id=COALITION,
            issuer_id=SALON,
            acceptor_id=RESTAURANT,
            origin=Origin(CAUSE, AGREEMENT, 1),
            terms=terms,
            face=terms.face.fixed if face is None else face,
            currency="EUR",
            holder_id=holder_id,
            expires_at=expires_at,
            status_index=7,
            at=NOON,
        )
    )


def redeem(of: Certificate, **other: Any) -> Any:
    """Redeem at a bill of 1 800 an hour later, unless said otherwise."""
    details: dict[str, Any] = {
        "redemption_id": FIRST,
        "acceptor_id": RESTAURANT,
        "epoch": of.epoch,
        "bill_reference": "r1",
        "bill": 1_800,
        "bill_left": other.get("bill", 1_800),
        "requested": None,
        "guest": Guest.NEW,
        "at": NOON + HOUR,
    }
    return of.redeem(**(details | other))


def redeemed(terms: Terms = SIMPLE, **other: Any) -> Certificate:
    """One that was redeemed at one o'clock."""
    past = certificate(terms)
    redeem(past, **other)
    return again(past)


def again(past: A) -> A:
    """The same aggregate once its new events are stored: they are read back and applied to a copy."""
    events = past.collect_events()
    for event in events:
        read = _mapper.to_domain_event(_mapper.to_stored_event(event))
        assert read == event
    return past


def payment(amount: int = 2_400, *, customer_id: UUID | None = ANNA) -> Payment:
    """A paid bill at the salon."""
    return stored(
        Payment.record(
            merchant_id=SALON,
            bill_reference="b1",
            amount=amount,
            currency="EUR",
            customer_id=customer_id,
            at=NOON,
        )
    )


def announced(deducted: int = 500) -> Payment:
    """A bill at the restaurant that a certificate lowered before it is paid."""
    return stored(
        Payment.announce(
            merchant_id=RESTAURANT,
            bill_reference="r1",
            currency="EUR",
            redemption_id=FIRST,
            certificate_id=CERTIFICATE,
            deducted=deducted,
            at=NOON,
        )
    )


def agreement(*, accepted: bool = True) -> Agreement:
    """Terms that the salon offered, and that the restaurant accepted unless said otherwise."""
    offered = Agreement.propose(
        agreement_id=AGREEMENT, issuer_id=SALON, acceptor_id=RESTAURANT, terms=SIMPLE, by=SALON, at=NOON
    )
    if accepted:
        offered.accept(version=1, by=RESTAURANT, at=NOON)
    return stored(offered)


def allotment(number: int = 50, *, transferable: bool = True) -> Allotment:
    """A stock that the restaurant set aside for the salon."""
    return stored(
        Allotment.set_aside(
            allotment_id=STOCK,
            acceptor_id=RESTAURANT,
            partner_id=SALON,
            agreement_id=AGREEMENT,
            number=number,
            face=500,
            last_on="2026-03-31",
            transferable=transferable,
            at=NOON,
        )
    )
