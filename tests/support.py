"""What tests of several rooms share: a clock that is moved by hand, and a neighbourhood that trades."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import psycopg

from network.application import Answer, Application, Request
from network.application.issuing import Choice
from network.coalitions import Coalitions, OpenCoalition
from network.domain.payment import payment_id_of
from network.domain.terms import FaceValue, Funding, Terms
from network.store.migrations import migrate_all
from network.unit import Unit
from tests.databases import prepared_id

MASTER_KEY = b"a key for tests, of 32 bytes...."
MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
EVENING_CERTIFICATE = Terms(face=FaceValue(fixed=500), funding=Funding(issuer=10_000))
"""500 off a bill next door, paid by the shop that gives it away."""

Facts = dict[str, Any]
_numbers = count(1)


class HandClock:
    """Shows the same time until it is moved."""

    def __init__(self, now: datetime = MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Let time pass: `move(hours=3)`."""
        self.now += timedelta(**by)


class Neighbourhood:
    """One coalition, and the shortest way to do in it what a till, a phone or the organizer does."""

    def __init__(self, opened: OpenCoalition, clock: HandClock, currency: str = "EUR") -> None:
        self.opened = opened
        self.clock = clock
        self.currency = currency

    @property
    def application(self) -> Application:
        return self.opened.application

    def ask(self, command: str, *, key: str | None = None, caller: str = "till", **details: Any) -> Future[Answer]:
        """Queue a command. The fingerprint follows the details, as the API makes it of the body."""
        request = Request(caller, key or str(uuid4()), repr(sorted(details.items())).encode())
        return getattr(self.application, command)(request=request, **details)  # type: ignore[no-any-return]

    def answer(self, command: str, **details: Any) -> Answer:
        return self.ask(command, **details).result(30)

    def do(self, command: str, **details: Any) -> Facts:
        """The facts of the answer. Raises: the Refusal that was answered."""
        return self.answer(command, **details).facts()

    def merchant(self, name: str) -> UUID:
        """A partner that has been admitted."""
        merchant_id = uuid4()
        self.do("apply_to_join", merchant_id=merchant_id, name=name, category="shop", address="Elm Street 1")
        self.do("admit_merchant", merchant_id=merchant_id)
        return merchant_id

    def agreement(self, issuer_id: UUID, acceptor_id: UUID, terms: Terms = EVENING_CERTIFICATE) -> UUID:
        """Terms that both sides have accepted."""
        agreement_id = uuid4()
        self.do(
            "propose_agreement",
            agreement_id=agreement_id,
            issuer_id=issuer_id,
            acceptor_id=acceptor_id,
            terms=terms,
            by=issuer_id,
        )
        self.do("accept_version", agreement_id=agreement_id, version=1, by=acceptor_id)
        return agreement_id

    def lift(self, scope: str, limit: int | None = None) -> None:
        """Two organizers raise or lift a limit."""
        raise_id = uuid4()
        asked = {"raise_id": raise_id, "scope": scope, "limit": limit, "reason": "trust", "others": True}
        self.do("propose_raise", **asked, person_id=uuid4())
        self.do("confirm_raise", raise_id=raise_id, person_id=uuid4(), since=self.clock.now)

    def wallet(self) -> UUID:
        wallet_id = uuid4()
        self.do("open_wallet", wallet_id=wallet_id)
        return wallet_id

    def paid(self, merchant_id: UUID, amount: int = 2_400, *, customer_id: UUID | None = None) -> UUID:
        """A bill on record; returns the payment's id."""
        reference = f"bill-{next(_numbers)}"
        self.do(
            "record_payment",
            merchant_id=merchant_id,
            bill_reference=reference,
            amount=amount,
            currency=self.currency,
            customer_id=customer_id,
        )
        return payment_id_of(merchant_id, reference)

    def issued(self, issuer_id: UUID, agreement_id: UUID, *, holder_id: UUID | None = None, bill: int = 2_400) -> UUID:
        """A certificate for a new bill; returns its id."""
        certificate_id = uuid4()
        self.do(
            "issue_certificates",
            merchant_id=issuer_id,
            payment_id=self.paid(issuer_id, bill),
            choices=(Choice(certificate_id, agreement_id),),
            holder_id=holder_id,
        )
        return certificate_id

    def redemption(self, certificate_id: UUID, acceptor_id: UUID, **other: Any) -> Facts:
        """The details of a redemption at a new bill of 1 800, to be changed by name."""
        details: Facts = {
            "certificate_id": certificate_id,
            "epoch": 0,
            "redemption_id": uuid4(),
            "acceptor_id": acceptor_id,
            "bill_reference": f"bill-{next(_numbers)}",
            "bill": 1_800,
        }
        return details | other

    def redeem(self, certificate_id: UUID, acceptor_id: UUID, **other: Any) -> Facts:
        return self.do("redeem_certificate", **self.redemption(certificate_id, acceptor_id, **other))

    @contextmanager
    def one_batch(self) -> Iterator[None]:
        """Commands that are asked for inside the block wait, and are then decided as one batch."""
        entered, opened = threading.Event(), threading.Event()

        def wait(unit: Unit) -> Facts:
            entered.set()
            assert opened.wait(30)
            return {}

        blocker = self.application.committer.submit(Request("test", str(uuid4()), b""), wait)
        assert entered.wait(30)
        try:
            yield
        finally:
            opened.set()
            blocker.result(30)

    def log(self) -> list[Any]:
        """Every event of the log, in order."""
        with self.opened.reading() as recorder:
            notifications = recorder.select_notifications(None, 1_000_000)
        return [self.opened.mapper.to_domain_event(notification) for notification in notifications]

    def topics(self, after: int = 0) -> list[str]:
        """The topics of the log after a position, in order."""
        with self.opened.reading() as recorder:
            return [n.topic for n in recorder.select_notifications(after, 1_000_000, inclusive_of_start=False)]

    def head(self) -> int:
        with self.opened.reading() as recorder:
            return recorder.head()[0]


@contextmanager
def coalitions_of(database_url: str, clock: HandClock | None = None, **options: Any) -> Iterator[Coalitions]:
    """The coalitions of a migrated database, closed at the end."""
    coalitions = Coalitions(database_url, MASTER_KEY, clock=clock or HandClock(), **options)
    try:
        yield coalitions
    finally:
        coalitions.close()


def found(
    coalitions: Coalitions, clock: HandClock, *, time_zone: str = "Europe/Riga", currency: str = "EUR"
) -> Neighbourhood:
    """A new coalition in a schema of its own."""
    coalition_id = prepared_id(coalitions.directory.database_url)
    opened = coalitions.found(
        coalition_id=coalition_id,
        slug=f"street-{coalition_id.hex[:12]}",
        name="Elm Street",
        currency=currency,
        time_zone=time_zone,
    )
    return Neighbourhood(opened, clock, currency)


def migrated(database_url: str) -> str:
    """The same URL, once every table is there."""
    migrate_all(database_url)
    return database_url


def rows(database_url: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """What a statement of the owner of the database returns."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode(), values or None)
        return cursor.fetchall() if cursor.description else []
