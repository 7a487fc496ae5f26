"""What is asked of the network for each entry of the files, with ids and request keys that follow from them alone."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from network.application import Answer, Application, Request
from network.application.imports import Imported
from network.domain.payment import payment_id_of
from network.domain.terms import VALIDITY_DAYS_MAX, FaceValue, Funding, Terms
from network.replay.rows import AttemptLine, CertificateLine, PaidLine
from network.replay.source import ATTEMPTS, CERTIFICATES, PAYMENTS, Decision, Source

CALLER = "import"
SETUP, EXPIRY = "setup", "expiry"
_REPLAYS = UUID("5a4a6d1c-3a55-5c1e-9f3c-2b5f0f5f7a10")


@dataclass(frozen=True, slots=True)
class Step:
    """One command. `kind` is the file it comes from, or SETUP or EXPIRY; `refs` name what it decides, one a line."""

    kind: str
    refs: tuple[str, ...]
    command: str
    request: Request
    details: dict[str, Any]

    def ask(self, application: Application) -> Future[Answer]:
        """Queue it."""
        asked: Callable[..., Future[Answer]] = getattr(application, self.command)
        return asked(request=self.request, **self.details)


def coalition_id_of(slug: str) -> UUID:
    """The same coalition in every run under this short name."""
    return uuid5(_REPLAYS, slug)


def terms_of(first: CertificateLine) -> Terms:
    """What a pair of shops agrees on: the issuer bears all of it, and a certificate is used whole or not at all.

    Face value and validity are those of the pair's `first` certificate; each imported one keeps its own.
    """
    return Terms(
        face=FaceValue(fixed=first.face),
        funding=Funding(issuer=10_000),
        validity_days=min((first.expires_at - first.at).days, VALIDITY_DAYS_MAX),
        combinable=True,
        partial_redemption=False,
    )


class Steps:
    """The commands that import a source into one coalition."""

    def __init__(self, source: Source, coalition_id: UUID) -> None:
        self.source = source
        self._begins_at, self._ends_at = source.begins_at, source.ends_at
        self._coalition_id = coalition_id
        self._kept_id = lru_cache(maxsize=16_384)(self._id)

    def merchant_id(self, ref: str) -> UUID:
        """The partner that a shop of the files becomes."""
        return self._kept_id("merchant", ref)

    def setup(self) -> Iterator[Step]:
        """Partners, their agreements and the customers' wallets, just before the first line."""
        for ref in self.source.merchants:
            merchant_id = self.merchant_id(ref)
            yield self._setup("apply_to_join", (ref,), merchant_id=merchant_id, name=ref, category=ref, address="")
            yield self._setup("admit_merchant", (ref,), merchant_id=merchant_id)
        for (issuer, acceptor), first in self.source.pairs.items():
            pair, terms = (issuer, acceptor), terms_of(first)
            agreement_id = self._kept_id("agreement", *pair)
            by, other = self.merchant_id(issuer), self.merchant_id(acceptor)
            offer = {"agreement_id": agreement_id, "issuer_id": by, "acceptor_id": other, "terms": terms, "by": by}
            said = f"{first.face} for {terms.validity_days} days"
            yield self._setup("propose_agreement", pair, said, **offer)
            yield self._setup("accept_version", pair, agreement_id=agreement_id, version=1, by=other)
        for ref in self.source.customers:
            yield self._setup("open_wallet", (ref,), wallet_id=self._kept_id("wallet", ref))

    def lines(self) -> Iterator[Step]:
        """The files' lines in recorded order."""
        visits: Counter[tuple[str, str]] = Counter()
        for entry in self.source.in_order():
            if isinstance(entry, PaidLine):
                yield self._pay(entry)
            elif isinstance(entry, Decision):
                yield self._hand_out(entry)
            else:
                visit = (entry.certificate, entry.at.isoformat())
                visits[visit] += 1
                yield self._redeem(entry, (*visit, str(visits[visit])))

    def expiries(self, alive: Iterable[str]) -> Iterator[Step]:
        """End what is over at the last recorded instant. `alive`: certificates handed out and not redeemed."""
        lines = [self.source.certificates[ref] for ref in alive]
        for line in sorted((line for line in lines if line.expires_at <= self._ends_at), key=_by_expiry):
            request = Request(CALLER, _text("expire_certificate", line.ref), b"", self._ends_at)
            details = {"certificate_id": self._id("certificate", line.ref)}
            yield Step(EXPIRY, (line.ref,), "expire_certificate", request, details)

    def _pay(self, line: PaidLine) -> Step:
        details = {
            "merchant_id": self.merchant_id(line.merchant),
            "bill_reference": line.ref,
            "amount": line.amount,
            "currency": line.currency,
            "customer_id": self._kept_id("wallet", line.customer),
            "imported": True,
        }
        request = Request(CALLER, _text("payment", line.ref), line.digest, line.at)
        return Step(PAYMENTS, (line.ref,), "record_payment", request, details)

    def _hand_out(self, decision: Decision) -> Step:
        first = decision.first
        merchant_id = self.merchant_id(first.issuer)
        details = {
            "merchant_id": merchant_id,
            "payment_id": payment_id_of(merchant_id, first.payment),
            "campaign": first.campaign,
            "holder_id": self._kept_id("wallet", first.customer),
            "certificates": tuple(self._imported(line) for line in decision.lines),
        }
        key = _text("certificates", first.payment, first.campaign, first.at.isoformat())
        digest = sha256(b"".join(line.digest for line in decision.lines)).digest()
        refs = tuple(line.ref for line in decision.lines)
        return Step(CERTIFICATES, refs, "import_certificates", Request(CALLER, key, digest, first.at), details)

    def _imported(self, line: CertificateLine) -> Imported:
        agreement_id = self._kept_id("agreement", line.issuer, line.acceptor)
        return Imported(self._id("certificate", line.ref), agreement_id, line.face, line.expires_at)

    def _redeem(self, line: AttemptLine, visit: tuple[str, ...]) -> Step:
        """A visit is known by certificate, instant, and which attempt at that instant it is: a line has no name."""
        details = {
            "certificate_id": self._id("certificate", line.certificate),
            "epoch": 0,
            "redemption_id": self._id("redemption", *visit),
            "acceptor_id": self.merchant_id(line.acceptor),
            "bill_reference": None if line.bill is None else "replay " + " ".join(visit),
            "bill": line.bill,
        }
        request = Request(CALLER, _text("redemption", *visit), line.digest, line.at)
        return Step(ATTEMPTS, (line.certificate,), "redeem_certificate", request, details)

    def _setup(self, command: str, refs: tuple[str, ...], said: str = "", **details: Any) -> Step:
        """`said`: what of the files, beside the references, decides the details."""
        request = Request(CALLER, _text(command, *refs), sha256(said.encode()).digest(), self._begins_at)
        return Step(SETUP, refs, command, request, details)

    def _id(self, *names: str) -> UUID:
        return uuid5(self._coalition_id, _text(*names))


def _text(*names: str) -> str:
    """Names as one, unmistakably: no reference holds a tab."""
    return "\t".join(names)


def _by_expiry(line: CertificateLine) -> tuple[datetime, int]:
    return line.expires_at, line.number
