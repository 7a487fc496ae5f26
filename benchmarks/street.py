"""A salon and a restaurant to measure with, and their commands in process."""

import os
import secrets
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from time import perf_counter
from uuid import UUID, uuid4

from network.application import Answer, Request
from network.application.issuing import Choice
from network.coalitions import Coalitions, OpenCoalition
from network.domain.payment import payment_id_of
from network.domain.terms import FaceValue, Funding, Terms


class Street:
    """One new coalition. `agreement_id` is issuer-funded in full, 5.00 off."""

    def __init__(self, coalitions: Coalitions) -> None:
        self.slug = f"bench-{secrets.token_hex(4)}"
        self.coalition: OpenCoalition = coalitions.found(
            coalition_id=uuid4(), slug=self.slug, name="Bench", currency="EUR", time_zone="Europe/Riga"
        )
        self.application = self.coalition.application
        self.salon_id, self.restaurant_id, self.agreement_id = uuid4(), uuid4(), uuid4()
        for merchant_id, name in ((self.salon_id, "Salon"), (self.restaurant_id, "Restaurant")):
            self._do("apply_to_join", merchant_id=merchant_id, name=name, category="shop", address="here")
            self._do("admit_merchant", merchant_id=merchant_id)
        self._do(
            "propose_agreement",
            agreement_id=self.agreement_id,
            issuer_id=self.salon_id,
            acceptor_id=self.restaurant_id,
            terms=Terms(face=FaceValue(fixed=500), funding=Funding(issuer=10_000), validity_days=365),
            by=self.salon_id,
        )
        self._do("accept_version", agreement_id=self.agreement_id, version=1, by=self.restaurant_id)

    def pay(self, reference: str) -> "Future[Answer]":
        """A paid bill at the salon."""
        return self.application.record_payment(
            request=_request(),
            merchant_id=self.salon_id,
            bill_reference=reference,
            amount=2400,
            currency="EUR",
            customer_id=None,
        )

    def issue(self, reference: str, certificate_id: UUID) -> "Future[Answer]":
        """A certificate for that bill."""
        return self.application.issue_certificates(
            request=_request(),
            merchant_id=self.salon_id,
            payment_id=payment_id_of(self.salon_id, reference),
            choices=(Choice(certificate_id, self.agreement_id),),
            holder_id=None,
        )

    def redeem(self, reference: str, certificate_id: UUID) -> "Future[Answer]":
        """The certificate, deducted from a bill at the restaurant."""
        return self.application.redeem_certificate(
            request=_request(),
            certificate_id=certificate_id,
            epoch=0,
            redemption_id=uuid4(),
            acceptor_id=self.restaurant_id,
            bill_reference=reference,
            bill=1800,
        )

    def issued(self, count: int) -> list[UUID]:
        """So many certificates, ready to redeem."""
        references = [secrets.token_hex(8) for _ in range(count)]
        certificates = [uuid4() for _ in references]
        in_flight([lambda r=r: self.pay(r) for r in references], 128)
        in_flight([lambda r=r, c=c: self.issue(r, c) for r, c in zip(references, certificates, strict=True)], 128)
        return certificates

    def _do(self, command: str, /, **facts: object) -> None:
        getattr(self.application, command)(request=_request(), **facts).result().facts()


def in_flight(commands: Iterable[Callable[[], "Future[Answer]"]], waiting_max: int) -> float:
    """Run the commands with so many of them waiting at a time; commands per second."""
    waiting: deque[Future[Answer]] = deque()
    began, count = perf_counter(), 0
    for command in commands:
        if len(waiting) >= waiting_max:
            waiting.popleft().result().facts()
        waiting.append(command())
        count += 1
    for answer in waiting:
        answer.result().facts()
    return count / (perf_counter() - began)


def _request() -> Request:
    return Request(caller="bench", key=os.urandom(12).hex(), fingerprint=b"bench")
