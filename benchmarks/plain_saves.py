"""The same redemption through the library's own `Application.save()`: a table lock, an insert and a NOTIFY each."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

from eventsourcing.application import Application as LibraryApplication

from network.domain.certificate import Certificate, Origin
from network.domain.payment import Payment
from network.domain.terms import FaceValue, Funding, Guest, Terms
from network.store.mapper import EventMapper

_THREADS = 8


class LibraryMapper(EventMapper):
    """Our mapper, made the way the library makes one."""

    def __init__(self, **_: Any) -> None:
        super().__init__()


def redemptions_per_second(database_url: str, count: int) -> float:
    """Load, redeem, announce the bill, save: certificate and bill in one save, from eight threads."""
    application = LibraryApplication[UUID](_environment(database_url))
    certificates = [_issued() for _ in range(count)]
    for one in certificates:
        application.save(one)

    def redeem(certificate_id: UUID) -> None:
        at = datetime.now(UTC)
        certificate: Certificate = application.repository.get(certificate_id)
        redemption_id, reference = uuid4(), certificate_id.hex
        redemption = certificate.redeem(
            redemption_id=redemption_id,
            acceptor_id=certificate.acceptor_id,
            epoch=0,
            bill_reference=reference,
            bill=1800,
            bill_left=1800,
            requested=None,
            guest=Guest.UNKNOWN,
            at=at,
        )
        bill = Payment.announce(
            merchant_id=certificate.acceptor_id,
            bill_reference=reference,
            currency="EUR",
            redemption_id=redemption_id,
            certificate_id=certificate_id,
            deducted=redemption.amount,
            at=at,
        )
        application.save(certificate, bill)

    with ThreadPoolExecutor(_THREADS) as threads:
        began = perf_counter()
        list(threads.map(redeem, [one.id for one in certificates]))
        took = perf_counter() - began
    application.close()
    return count / took


def _issued() -> Certificate:
    at = datetime.now(UTC)
    return Certificate.issue(
        certificate_id=uuid4(),
        coalition_id=uuid4(),
        issuer_id=uuid4(),
        acceptor_id=uuid4(),
        origin=Origin(uuid4(), uuid4(), 1),
        terms=Terms(face=FaceValue(fixed=500), funding=Funding(issuer=10_000)),
        face=500,
        currency="EUR",
        holder_id=None,
        expires_at=at + timedelta(days=30),
        status_index=0,
        at=at,
    )


def _environment(database_url: str) -> dict[str, str]:
    url = urlsplit(database_url)
    host = url.hostname or parse_qs(url.query).get("host", [""])[0]
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "MAPPER_TOPIC": "benchmarks.plain_saves:LibraryMapper",
        "POSTGRES_DBNAME": url.path.lstrip("/"),
        "POSTGRES_HOST": host,
        "POSTGRES_PORT": str(url.port or 5432),
        "POSTGRES_USER": url.username or "postgres",
        "POSTGRES_PASSWORD": url.password or "unused",
        "POSTGRES_POOL_SIZE": str(_THREADS),
        "POSTGRES_MAX_OVERFLOW": str(_THREADS),
    }
