"""Commands of tills that had no network: their keys, and the receipts that they deliver."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from network.application.base import Answer, Commands, Facts, Request
from network.application.offline_sentences import SENTENCES
from network.domain.certificate import Certificate
from network.domain.errors import TillNotFound
from network.domain.exposure import local_day
from network.domain.merchant import Merchant
from network.domain.offline import CLOCKS_DIFFER, Breach, Offline, Taken
from network.domain.payment import Payment, payment_id_of
from network.domain.taking_offline import Circumstances, Outcome, offline_of, outcome_of, take_offline
from network.domain.terms import guest_status
from network.domain.till import Entry, Journal, KeyState, Place, Till, till_stream
from network.public_keys import key_of_text
from network.receipts import Shown, Signed
from network.unit import Unit, WorkingSet

REFUSED, WAITING = "refused", "waiting"


@dataclass(frozen=True, slots=True)
class Delivered:
    """A receipt as it came, and what its token says; `code` is why it cannot be believed, whoever signed it."""

    signed: Signed
    shown: Shown | None
    code: str | None = None


class OfflineCommands(Commands):
    """A till is named by its credential."""

    def register_till_key(
        self, *, request: Request, till_id: UUID, merchant_id: UUID, device_key: str
    ) -> Future[Answer]:
        """The device signs with this key from now on. Raises: TillKeyRevoked, TillBlocked."""

        def decide(unit: Unit) -> Facts:
            till = unit.find(Till, till_stream(till_id))
            if till is None:
                till = Till.register(till_id=till_id, merchant_id=merchant_id, key=device_key, at=unit.at)
                unit.add(till)
            return {
                "till_id": till_id,
                "merchant_id": merchant_id,
                **_shown(till.register_key(key=device_key, at=unit.at)),
            }

        return self._simple(request, decide, till_stream(till_id))

    def revoke_till_keys(self, *, request: Request, till_id: UUID, merchant_id: UUID, reason: str) -> Future[Answer]:
        """The device is lost: what comes in under its keys does not count. Raises: TillNotFound."""

        def decide(unit: Unit) -> Facts:
            till = _of_merchant(unit, till_id, merchant_id)
            till.revoke_keys(by="owner", reason=reason, at=unit.at)
            return till_facts(till)

        return self._simple(request, decide, till_stream(till_id))

    def resume_journal(
        self, *, request: Request, till_id: UUID, merchant_id: UUID, journal: int, sequence: int, reason: str
    ) -> Future[Answer]:
        """Go on with a blocked journal from this sequence. Raises: TillNotFound, JournalNotFound, JournalNotBlocked."""

        def decide(unit: Unit) -> Facts:
            till = _of_merchant(unit, till_id, merchant_id)
            till.resume(journal=journal, sequence=sequence, by="owner", reason=reason, at=unit.at)
            return till_facts(till)

        return self._simple(request, decide, till_stream(till_id))

    def deliver_receipts(
        self, *, request: Request, till_id: UUID, merchant_id: UUID, receipts: Sequence[Delivered]
    ) -> Future[Answer]:
        """Take in what a till accepted without a network: all of it at once, and each receipt with its own answer.

        What cannot count is an answer and not a refusal, so that it never holds up the rest. Raises: TillNotFound.
        """
        copies = [one.signed.receipt for one in receipts if one.code is None]
        certificates = list(dict.fromkeys(copy.certificate_id for copy in copies))
        bills = list(dict.fromkeys(payment_id_of(merchant_id, copy.bill_reference) for copy in copies))

        def decide(unit: Unit) -> Facts:
            till = _of_merchant(unit, till_id, merchant_id)
            for certificate_id in certificates:  # a bill's events come behind those of the certificates it names
                unit.find(Certificate, certificate_id)
            return {"receipts": [_Delivery(unit, till).take(one) for one in receipts], "till": till_facts(till)}

        def visits(working: WorkingSet) -> Iterator[tuple[UUID, UUID]]:
            for certificate_id in certificates:
                certificate = working.aggregates.get(certificate_id)
                if isinstance(certificate, Certificate) and certificate.holder_id is not None:
                    yield certificate.acceptor_id, certificate.holder_id

        loads = (till_stream(till_id), merchant_id, *certificates, *bills)
        return self.committer.submit(request, decide, loads=loads, visits=visits)


class _Delivery:
    """One till's receipts on their way into the log."""

    def __init__(self, unit: Unit, till: Till) -> None:
        self.unit = unit
        self.till = till

    def take(self, one: Delivered) -> Facts:
        signed, receipt = one.signed, one.signed.receipt
        journal = self._journal(signed)
        if journal is None:
            return _answer(signed, REFUSED, "receipt_signature_invalid")
        if receipt.till_id != self.till.till_id:
            return _answer(signed, REFUSED, "receipt_of_another_till")
        place = journal.place(sequence=receipt.sequence, receipt=signed.digest, previous=receipt.previous.hex())
        if place is Place.KNOWN:
            return self._again(signed, journal.entries[receipt.sequence])
        if journal.state is KeyState.REVOKED:
            return _answer(signed, REFUSED, "till_key_revoked")
        if place is not Place.NEW:
            if place is not Place.BLOCKED:
                self.till.block(journal, place, sequence=receipt.sequence, receipt=signed.digest, at=self.unit.at)
            assert journal.blocked is not None, "it was blocked, or is now"
            return _answer(signed, WAITING, journal.blocked[0])
        return self._take_new(one, journal)

    def _journal(self, signed: Signed) -> Journal | None:
        for journal in self.till.journals.values():
            key = key_of_text(journal.key)
            if key.kid == signed.kid and signed.is_signed_by(key):
                return journal
        return None

    def _take_new(self, one: Delivered, journal: Journal) -> Facts:
        signed, receipt = one.signed, one.signed.receipt
        certificate = self.unit.find(Certificate, receipt.certificate_id)
        code = one.code
        if code is None and certificate is None:
            code = "certificate_not_found"
        if code is None and certificate is not None and certificate.acceptor_id != self.till.merchant_id:
            code = "wrong_acceptor"
        if code is not None or certificate is None or one.shown is None:
            self._note(signed, journal, Outcome(REFUSED, code, signed.redemption_id), None)
            return _answer(signed, REFUSED, code)
        taken = self._taken(signed, one.shown, journal)
        outcome = take_offline(certificate, taken, self._around(certificate, taken), at=self.unit.at)
        if outcome.status == "conflicted":
            self._fits_bill(certificate, taken)
        self._note(signed, journal, outcome, certificate.id)
        return _told(signed, outcome, certificate)

    def _taken(self, signed: Signed, shown: Shown, journal: Journal) -> Taken:
        receipt = signed.receipt
        offline = Offline(
            till_id=receipt.till_id,
            journal=journal.number,
            sequence=receipt.sequence,
            epoch=receipt.epoch,
            taken_at=receipt.taken_at,
            shown_at=shown.shown_at,
            list_version=receipt.list_version,
            list_at=receipt.list_at,
        )
        if self._clock_is_wrong(receipt.taken_at, journal):
            offline = offline.breaching(Breach.CLOCK_WRONG)
        return Taken(signed.redemption_id, offline, receipt.bill_reference, receipt.bill, receipt.amount, shown.fault)

    def _clock_is_wrong(self, taken_at: datetime, journal: Journal) -> bool:
        before = journal.last_taken_at
        return taken_at > self.unit.at + CLOCKS_DIFFER or (before is not None and taken_at < before - CLOCKS_DIFFER)

    def _around(self, certificate: Certificate, taken: Taken) -> Circumstances:
        unit, taken_at, holder_id = self.unit, taken.offline.taken_at, certificate.holder_id
        acceptor_id = certificate.acceptor_id
        day = local_day(taken_at, unit.coalition.time_zone)
        last = unit.last_paid_at(acceptor_id, holder_id) if holder_id is not None else None
        return Circumstances(
            on_bill=lambda: self._fits_bill(certificate, taken),
            guest=lambda: guest_status(last_paid_at=last, at=taken_at, known=holder_id is not None),
            seller=lambda: unit.get(Merchant, acceptor_id).tax_on(day),
        )

    def _fits_bill(self, certificate: Certificate, taken: Taken) -> bool:
        """Put the deduction on the bill: the guest paid so much less in money, whoever bears it in the end. A bill that
        is paid already and has no room for it, because two tills used one reference, is left as it is.
        """
        payment = self.unit.find(Payment, payment_id_of(self.till.merchant_id, taken.bill_reference))
        facts = {
            "redemption_id": taken.redemption_id,
            "certificate_id": certificate.id,
            "deducted": taken.amount,
            "at": self.unit.at,
        }
        if payment is not None:
            return payment.deduct_taken(**facts)  # type: ignore[arg-type]
        payment = Payment.announce(
            merchant_id=self.till.merchant_id,
            bill_reference=taken.bill_reference,
            currency=certificate.currency,
            **facts,  # type: ignore[arg-type]
        )
        self.unit.add(payment)
        return True

    def _note(self, signed: Signed, journal: Journal, outcome: Outcome, certificate_id: UUID | None) -> None:
        self.till.take(
            journal,
            sequence=signed.receipt.sequence,
            receipt=signed.digest,
            taken_at=signed.receipt.taken_at,
            status=outcome.status,
            code=outcome.code,
            certificate_id=certificate_id,
            redemption_id=outcome.redemption_id if certificate_id is not None else None,
            at=self.unit.at,
        )

    def _again(self, signed: Signed, entry: Entry) -> Facts:
        if entry.certificate_id is None or entry.redemption_id is None:
            return _answer(signed, entry.status, entry.code)
        certificate = self.unit.get(Certificate, entry.certificate_id)
        return _told(signed, outcome_of(certificate, entry.redemption_id, entry.code), certificate)


def till_facts(till: Till) -> Facts:
    """A till as its owner and itself see it."""
    return {
        "till_id": till.till_id,
        "merchant_id": till.merchant_id,
        "journals": [_shown(journal) for journal in till.journals.values()],
    }


def _shown(journal: Journal) -> Facts:
    blocked: Facts | None = None
    if journal.blocked is not None:
        code, sequence = journal.blocked
        blocked = {"code": code, "sequence": sequence, "sentence": SENTENCES[code]}
    return {
        "journal": journal.number,
        "kid": key_of_text(journal.key).kid.hex(),
        "state": journal.state,
        "blocked": blocked,
        "next_sequence": journal.next_sequence,
        "previous": journal.previous,
    }


def _told(signed: Signed, outcome: Outcome, certificate: Certificate) -> Facts:
    offline = offline_of(certificate, outcome.redemption_id)
    return _answer(
        signed,
        outcome.status,
        outcome.code,
        redemption_id=outcome.redemption_id,
        borne_by=outcome.borne_by,
        breaches=offline.breaches if offline else (),
    )


def _answer(
    signed: Signed,
    status: str,
    code: str | None,
    *,
    redemption_id: UUID | None = None,
    borne_by: str | None = None,
    breaches: Sequence[Breach] = (),
) -> Facts:
    receipt = signed.receipt
    return {
        "sequence": receipt.sequence,
        "kid": signed.kid.hex(),
        "receipt": signed.digest,
        "status": status,
        "code": code,
        "detail": SENTENCES[code or status],
        "certificate_id": receipt.certificate_id,
        "redemption_id": redemption_id or signed.redemption_id,
        "amount": receipt.amount,
        "borne_by": borne_by,
        "breaches": list(breaches),
    }


def _of_merchant(unit: Unit, till_id: UUID, merchant_id: UUID) -> Till:
    till = unit.find(Till, till_stream(till_id))
    if till is None or till.merchant_id != merchant_id:
        raise TillNotFound()
    return till
