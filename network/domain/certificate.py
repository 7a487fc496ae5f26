"""A right to a deduction from a bill at its acceptor: issued, claimed, passed on, redeemed, or ended."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from network.domain.aggregate import Aggregate, Created, Event
from network.domain.errors import (
    AlreadyHeld,
    BillTooSmallToRedeem,
    CertificateClaimed,
    CertificateExpired,
    CertificatePassedOn,
    CertificatePrinted,
    CertificateRebound,
    CertificateRedeemed,
    CertificateRevoked,
    CertificateUsed,
    DayOver,
    InsufficientBalance,
    InvalidAmount,
    MoreThanTheBill,
    NotTheHolder,
    NotTransferable,
    NotYetExpired,
    PartialRedemptionNotAllowed,
    ProofMissing,
    ProofStale,
    ProofUsed,
    RedemptionConflict,
    RedemptionNotFound,
    RedemptionRefunded,
    RedemptionReversed,
    ReversalTooLate,
    UnknownEpoch,
    WrongAcceptor,
    money_facts,
)
from network.domain.offline import Liability, Lost, Offline, Taken
from network.domain.postings import Kind, Parties, Posting, redemption_postings, refund_postings, reserve_postings
from network.domain.tax import AtRate, IssueTax, Supply, TaxRecord, check_sold, issue_tax, less, supply_of, taken_back
from network.domain.terms import UNSAID, UNSAID_OF_LOSSES, Guest, Terms
from network.domain.units import MINOR_MAX, Minor


class State(StrEnum):
    """Where a certificate stands. All but ACTIVE are final, save for the reversal of a redemption."""

    ACTIVE = "active"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Redemption:
    """One deduction from one bill. `asked` are the caller's details, which a retry must repeat; `rewarded`: the fixed
    commission, if there is one, was due with it.
    """

    asked: tuple[UUID, str | None, Minor | None, Minor | None, tuple[AtRate, ...]]
    amount: Minor
    released: Minor
    postings: tuple[Posting, ...]
    redeemed_at: datetime
    rewarded: bool
    reversed: bool = False
    refunded: Minor = 0
    supply_left: tuple[AtRate, ...] = ()
    offline: Offline | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """That the holder's phone was there: `made_at` by the phone's clock, good for `seconds` before and after."""

    made_at: datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Why a certificate exists: the payment, the agreement version, and the stock or certificate it comes from."""

    payment_id: UUID
    agreement_id: UUID
    agreement_version: int
    allotment_id: UUID | None = None
    replaces_id: UUID | None = None
    imported: bool = False


class Certificate(Aggregate):
    """Every rule about a certificate is here, for till, page, API and import alike."""

    TOPIC = "Certificate"

    class Issued(Created):
        """It is handed out: to a wallet (`holder_id`), or as paper to whoever holds it."""

        TOPIC = "Certificate.Issued"
        coalition_id: UUID
        issuer_id: UUID
        acceptor_id: UUID
        origin: Origin
        terms: Terms
        face: Minor
        currency: str
        holder_id: UUID | None
        expires_at: datetime
        status_index: int
        postings: tuple[Posting, ...]
        tax: IssueTax | None
        class_version = 3

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            state["terms"] |= UNSAID
            state["tax"] = None

        @staticmethod
        def upcast_v2_v3(state: dict[str, Any]) -> None:
            state["terms"] |= UNSAID_OF_LOSSES

    class Claimed(Event):
        """A wallet takes it; the copy it was taken from is dead. `holder_key`: of the phone that has to show it."""

        TOPIC = "Certificate.Claimed"
        class_version = 2
        issuer_id: UUID
        acceptor_id: UUID
        holder_id: UUID
        epoch: int
        status_index: int
        holder_key: str | None

        def apply(self, certificate: "Certificate") -> None:
            certificate.begin_epoch(self, "claimed", holder_id=self.holder_id, holder_key=self.holder_key)

        @staticmethod
        def upcast_v1_v2(state: dict[str, object]) -> None:
            """Before there were holder keys, every copy was a bearer's."""
            state["holder_key"] = None

    class Rebound(Event):
        """Its holder's phone shows it with a new key, because it had none or lost it; the copy before is dead."""

        TOPIC = "Certificate.Rebound"
        issuer_id: UUID
        acceptor_id: UUID
        holder_id: UUID
        epoch: int
        status_index: int
        holder_key: str

        def apply(self, certificate: "Certificate") -> None:
            certificate.begin_epoch(self, "rebound", holder_id=self.holder_id, holder_key=self.holder_key)

    class Printed(Event):
        """Its holder puts it on paper: the phone's copy is dead, whoever shows the paper first uses it."""

        TOPIC = "Certificate.Printed"
        issuer_id: UUID
        acceptor_id: UUID
        from_id: UUID
        epoch: int
        status_index: int

        def apply(self, certificate: "Certificate") -> None:
            certificate.begin_epoch(self, "printed", holder_id=None, holder_key=None)

    class PassedOn(Event):
        """Its holder gives it away by a link; the holder's copy is dead, whoever opens the link first takes it."""

        TOPIC = "Certificate.PassedOn"
        issuer_id: UUID
        acceptor_id: UUID
        from_id: UUID
        epoch: int
        status_index: int

        def apply(self, certificate: "Certificate") -> None:
            certificate.begin_epoch(self, "passed_on", holder_id=None, holder_key=None)
            certificate.hops += 1

    class Redeemed(Event):
        """`amount` is deducted from a bill; `released` is what a single-use certificate gives up.

        `proved_at`: when the holder's phone made the proof that was shown, by its own clock; None for a bearer's copy.
        `sold`: the bill by tax rate, if the till told it. `offline`: how a till without a network took it, which told
        us later; `timestamp` is when we learned of it.
        """

        TOPIC = "Certificate.Redeemed"
        class_version = 4
        redemption_id: UUID
        issuer_id: UUID
        acceptor_id: UUID
        holder_id: UUID | None
        bill_reference: str | None
        bill: Minor | None
        requested: Minor | None
        amount: Minor
        released: Minor
        guest: Guest
        postings: tuple[Posting, ...]
        proved_at: datetime | None
        sold: tuple[AtRate, ...]
        supply: Supply | None
        offline: Offline | None

        @staticmethod
        def upcast_v1_v2(state: dict[str, object]) -> None:
            """Before there were holder keys, nothing was proved."""
            state["proved_at"] = None

        @staticmethod
        def upcast_v2_v3(state: dict[str, object]) -> None:
            """Before tax was on record, nothing was known of it."""
            state |= {"sold": (), "supply": None}

        @staticmethod
        def upcast_v3_v4(state: dict[str, object]) -> None:
            """Before tills took anything without a network."""
            state["offline"] = None

        def apply(self, certificate: "Certificate") -> None:
            certificate.proved_at = self.proved_at or certificate.proved_at
            certificate.redemptions[self.redemption_id] = Redemption(
                asked=(self.acceptor_id, self.bill_reference, self.bill, self.requested, self.sold),
                amount=self.amount,
                released=self.released,
                postings=self.postings,
                redeemed_at=self.timestamp,
                rewarded=not certificate.rewarded,
                supply_left=self.supply.parts if self.supply else (),
                offline=self.offline,
            )
            certificate.outstanding -= self.amount + self.released
            if certificate.outstanding == 0:
                certificate.state = State.REDEEMED
                certificate.ended_at = self.timestamp

    class RedemptionReversed(Event):
        """A redemption is undone. `renewed`: it can be used again; otherwise its time is over and the value lapses."""

        TOPIC = "Certificate.RedemptionReversed"
        redemption_id: UUID
        issuer_id: UUID
        acceptor_id: UUID
        amount: Minor
        released: Minor
        postings: tuple[Posting, ...]
        renewed: bool
        by: str
        reason: str

        def apply(self, certificate: "Certificate") -> None:
            earlier = certificate.redemptions[self.redemption_id]
            certificate.redemptions[self.redemption_id] = replace(earlier, reversed=True)
            if self.renewed:
                certificate.outstanding += self.amount + self.released
                certificate.state = State.ACTIVE
                certificate.ended_at = None
                return
            if certificate.state is State.REDEEMED:
                certificate.state, certificate.has_expired = State.EXPIRED, True
                certificate.ended_at = certificate.expires_at
            if certificate.state is not State.REVOKED:
                certificate.lapsed += self.amount + self.released

    class OfflineConflicted(Event):
        """A till without a network took it, and that does not count, for the reason in `code` (`domain.offline.Lost`).
        It is kept for ever; its value is `borne_by` the party that the terms name, or by the acceptor.
        """

        TOPIC = "Certificate.OfflineConflicted"
        redemption_id: UUID
        issuer_id: UUID
        acceptor_id: UUID
        bill_reference: str
        bill: Minor
        amount: Minor
        offline: Offline
        code: Lost
        borne_by: Liability
        postings: tuple[Posting, ...]

        def apply(self, certificate: "Certificate") -> None:
            certificate.conflicts[self.redemption_id] = self

    class ExpiryUndone(Event):
        """A till without a network had taken `amount` of it in time, and told us after its end: so much counts again,
        for that redemption alone.
        """

        TOPIC = "Certificate.ExpiryUndone"
        redemption_id: UUID
        issuer_id: UUID
        acceptor_id: UUID
        amount: Minor
        postings: tuple[Posting, ...]

        def apply(self, certificate: "Certificate") -> None:
            certificate.lapsed -= self.amount
            certificate.outstanding += self.amount
            certificate.state = State.ACTIVE
            certificate.ended_at = None

    class RedemptionRefunded(Event):
        """The bill went back, and with it `amount` of the deduction; `replacement_id` is the new certificate.
        `supply`: what of it was supplied at which tax rate; empty where that is not on record.
        """

        TOPIC = "Certificate.RedemptionRefunded"
        redemption_id: UUID
        issuer_id: UUID
        acceptor_id: UUID
        amount: Minor
        postings: tuple[Posting, ...]
        replacement_id: UUID | None
        supply: tuple[AtRate, ...]
        class_version = 2

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            state["supply"] = ()

        def apply(self, certificate: "Certificate") -> None:
            earlier = certificate.redemptions[self.redemption_id]
            certificate.redemptions[self.redemption_id] = replace(
                earlier,
                refunded=earlier.refunded + self.amount,
                supply_left=less(earlier.supply_left, self.supply),
            )
            if self.replacement_id is not None:
                certificate.replacement_ids.append(self.replacement_id)

    class CauseRefunded(Event):
        """The bill it was given for went back after it was used: it stands, and is flagged."""

        TOPIC = "Certificate.CauseRefunded"
        issuer_id: UUID
        acceptor_id: UUID
        payment_id: UUID

        def apply(self, certificate: "Certificate") -> None:
            certificate.cause_refunded = True

    class Expired(Event):
        """Its time is over; `amount` lapses. `rule` is what ended it."""

        TOPIC = "Certificate.Expired"
        issuer_id: UUID
        acceptor_id: UUID
        amount: Minor
        postings: tuple[Posting, ...]
        rule: str

        def apply(self, certificate: "Certificate") -> None:
            certificate.lapsed += certificate.outstanding
            certificate.outstanding = 0
            certificate.state, certificate.has_expired = State.EXPIRED, True
            certificate.ended_at = certificate.expires_at

    class Revoked(Event):
        """It is taken back; `amount` lapses. `by` is the role: issuer, organizer, or refund."""

        TOPIC = "Certificate.Revoked"
        issuer_id: UUID
        acceptor_id: UUID
        amount: Minor
        postings: tuple[Posting, ...]
        by: str
        reason: str

        def apply(self, certificate: "Certificate") -> None:
            certificate.outstanding = 0
            certificate.state = State.REVOKED
            certificate.ended_at = self.timestamp

    def __init__(
        self,
        coalition_id: UUID,
        issuer_id: UUID,
        acceptor_id: UUID,
        origin: Origin,
        terms: Terms,
        face: Minor,
        currency: str,
        holder_id: UUID | None,
        expires_at: datetime,
        status_index: int,
        tax: IssueTax | None,
    ) -> None:
        self.coalition_id = coalition_id
        self.issuer_id = issuer_id
        self.acceptor_id = acceptor_id
        self.origin = origin
        self.terms = terms
        self.face = face
        self.currency = currency
        self.holder_id = holder_id
        self.expires_at = expires_at
        self.status_index = status_index
        self.tax = tax or issue_tax(terms, None)
        self.parties = Parties.of(issuer_id=issuer_id, acceptor_id=acceptor_id, coalition_id=coalition_id)
        self.state = State.ACTIVE
        self.outstanding = face
        self.epoch = 0
        self.holder_key: str | None = None
        self.proved_at: datetime | None = None
        self.hops = 0
        self.ended_epochs: dict[int, tuple[str, datetime]] = {}
        self.redemptions: dict[UUID, Redemption] = {}
        self.conflicts: dict[UUID, Certificate.OfflineConflicted] = {}
        self.lapsed: Minor = 0
        self.has_expired = False
        self.ended_at: datetime | None = None
        self.cause_refunded = False
        self.replacement_ids: list[UUID] = []

    def begin_epoch(
        self,
        event: "Claimed | Rebound | Printed | PassedOn",
        how: str,
        *,
        holder_id: UUID | None,
        holder_key: str | None,
    ) -> None:
        """For events: the copies of the epoch before are dead, and why. A proof counts within its epoch alone."""
        self.ended_epochs[self.epoch] = (how, event.timestamp)
        self.epoch = event.epoch
        self.status_index = event.status_index
        self.holder_id = holder_id
        self.holder_key = holder_key
        self.proved_at = None

    @property
    def rewarded(self) -> bool:
        """Whether a redemption stands that carried the fixed commission: it is due once."""
        return any(redemption.rewarded and not redemption.reversed for redemption in self.redemptions.values())

    @property
    def used(self) -> bool:
        """Whether a redemption of it stands."""
        return any(not redemption.reversed for redemption in self.redemptions.values())

    @classmethod
    def issue(
        cls,
        *,
        certificate_id: UUID,
        coalition_id: UUID,
        issuer_id: UUID,
        acceptor_id: UUID,
        origin: Origin,
        terms: Terms,
        face: Minor,
        currency: str,
        holder_id: UUID | None,
        expires_at: datetime,
        status_index: int,
        at: datetime,
        tax: IssueTax | None = None,
    ) -> "Certificate":
        """Hand one out. The caller has let the payment, the agreement and the stock agree. `tax` None: of its acceptor
        nothing is on record. Raises: InvalidAmount.
        """
        if face <= 0:
            raise InvalidAmount(reason="The bill is too small for a certificate of any value.")
        if face > MINOR_MAX:
            raise InvalidAmount(reason="A certificate is worth at most 1 000 000 000 000.")
        parties = Parties.of(issuer_id=issuer_id, acceptor_id=acceptor_id, coalition_id=coalition_id)
        return cls._create(
            cls.Issued,
            id=certificate_id,
            timestamp=at,
            coalition_id=coalition_id,
            issuer_id=issuer_id,
            acceptor_id=acceptor_id,
            origin=origin,
            terms=terms,
            face=face,
            currency=currency,
            holder_id=holder_id,
            expires_at=expires_at,
            status_index=status_index,
            postings=reserve_postings(terms, parties, before=0, after=face),
            tax=tax or issue_tax(terms, None),
        )

    def claim(
        self, *, epoch: int, holder_id: UUID, status_index: int, at: datetime, holder_key: str | None = None
    ) -> None:
        """Put the presented copy into a wallet; the copy dies. Its own holder claiming again changes nothing.

        With a `holder_key` only that key's phone can show it from now on.

        Raises: AlreadyHeld, and whatever `must_count` refuses.
        """
        if self.holder_id == holder_id and epoch in (self.epoch, self.epoch - 1):
            self.must_be_alive(at)
            return
        self.must_count(epoch, at)
        if self.holder_id is not None:
            raise AlreadyHeld()
        self._record(
            self.Claimed,
            at,
            holder_id=holder_id,
            epoch=self.epoch + 1,
            status_index=status_index,
            holder_key=holder_key,
        )

    def rebind(self, *, holder_id: UUID, holder_key: str, status_index: int, at: datetime) -> None:
        """Show it with this key from now on; the copy before dies. Again with the same key, it changes nothing.

        Raises: NotTheHolder, and `must_be_alive`'s.
        """
        if self.holder_id != holder_id:
            raise NotTheHolder()
        self.must_be_alive(at)
        if self.holder_key != holder_key:
            self._record(
                self.Rebound,
                at,
                holder_id=holder_id,
                epoch=self.epoch + 1,
                status_index=status_index,
                holder_key=holder_key,
            )

    def put_on_paper(self, *, holder_id: UUID, status_index: int, at: datetime) -> None:
        """Make it a bearer's; the phone's copy dies at once. Raises: NotTheHolder, and `must_be_alive`'s."""
        if self.holder_id != holder_id:
            raise NotTheHolder()
        self.must_be_alive(at)
        self._record(self.Printed, at, from_id=holder_id, epoch=self.epoch + 1, status_index=status_index)

    def pass_on(self, *, holder_id: UUID, status_index: int, at: datetime) -> None:
        """Give it away; the giver's copy dies at once. Raises: NotTheHolder, NotTransferable, and `must_be_alive`'s."""
        if self.holder_id != holder_id:
            raise NotTheHolder()
        self.must_be_alive(at)
        if not self.terms.transferable:
            raise NotTransferable()
        self._record(self.PassedOn, at, from_id=holder_id, epoch=self.epoch + 1, status_index=status_index)

    def redeem(
        self,
        *,
        redemption_id: UUID,
        acceptor_id: UUID,
        epoch: int,
        bill_reference: str | None,
        bill: Minor | None,
        bill_left: Minor | None,
        requested: Minor | None,
        guest: Guest,
        at: datetime,
        proof: Proof | None = None,
        seller: TaxRecord | None = None,
        sold: tuple[AtRate, ...] = (),
    ) -> Redemption:
        """Deduct from a bill at `acceptor_id`. A retry with the same id and details changes nothing.

        `bill` is the whole bill, None when it is unknown; `bill_left` is what other certificates left of it.
        `requested` None takes as much as fits. `seller` is what the acceptor has on record for tax, `sold` the bill by
        rate. Raises: the refusals below, and whatever `must_count` and `must_be_shown_live` refuse.
        """
        if acceptor_id != self.acceptor_id:
            raise WrongAcceptor()
        asked = (acceptor_id, bill_reference, bill, requested, sold)
        earlier = self.redemptions.get(redemption_id)
        if earlier is not None:
            if earlier.asked != asked:
                raise RedemptionConflict(redemption_id=redemption_id)
            if earlier.reversed:
                raise RedemptionReversed()
            return earlier
        self.must_count(epoch, at)
        self.must_be_shown_live(proof, at)
        amount = self._deductible(bill, bill_left, requested)
        check_sold(sold, seller, bill)
        return self._redeem(
            redemption_id,
            (bill_reference, bill, requested),
            amount,
            guest=guest,
            at=at,
            seller=seller,
            sold=sold,
            proved_at=proof.made_at if proof is not None and self.holder_key is not None else None,
        )

    def redeem_taken(
        self, taken: Taken, *, on_bill: bool, guest: Guest, seller: TaxRecord | None, at: datetime
    ) -> Redemption:
        """Book what a till without a network took, once it is decided that it stands (`domain.taking_offline`).

        `on_bill`: the bill has room for the deduction. What had lapsed meanwhile counts again for it.
        """
        if self.outstanding < taken.amount:
            self._record(
                self.ExpiryUndone,
                at,
                redemption_id=taken.redemption_id,
                amount=taken.amount - self.outstanding,
                postings=self._reserve_after(taken.amount),
            )
        reference = taken.bill_reference if on_bill else None
        return self._redeem(
            taken.redemption_id,
            (reference, taken.bill, taken.amount),
            taken.amount,
            guest=guest,
            at=at,
            seller=seller,
            offline=taken.offline,
        )

    def keep_conflict(self, taken: Taken, code: Lost, *, borne_by: Liability, at: datetime) -> None:
        """Put on record that an acceptance without a network does not stand, and post its value to who bears it."""
        debtor = {Liability.ISSUER: self.parties.issuer, Liability.POOL: self.parties.pool}.get(borne_by)
        entry = Posting(debtor, self.acceptor_id, taken.amount, Kind.ADJUSTMENT) if debtor else None
        self._record(
            self.OfflineConflicted,
            at,
            redemption_id=taken.redemption_id,
            bill_reference=taken.bill_reference,
            bill=taken.bill,
            amount=taken.amount,
            offline=taken.offline,
            code=code,
            borne_by=borne_by,
            postings=(entry,) if entry else (),
        )

    def _redeem(
        self,
        redemption_id: UUID,
        asked: tuple[str | None, Minor | None, Minor | None],
        amount: Minor,
        *,
        guest: Guest,
        at: datetime,
        seller: TaxRecord | None,
        sold: tuple[AtRate, ...] = (),
        proved_at: datetime | None = None,
        offline: Offline | None = None,
    ) -> Redemption:
        bill_reference, bill, requested = asked
        released = 0 if self.terms.partial_redemption else self.outstanding - amount
        owed = redemption_postings(
            self.terms, self.parties, deducted=amount, bill=bill, guest=guest, first=not self.rewarded
        )
        self._record(
            self.Redeemed,
            at,
            redemption_id=redemption_id,
            holder_id=self.holder_id,
            bill_reference=bill_reference,
            bill=bill,
            requested=requested,
            amount=amount,
            released=released,
            guest=guest,
            postings=owed + self._reserve_after(self.outstanding - amount - released),
            proved_at=proved_at,
            sold=sold,
            supply=supply_of(self.tax, self.terms, seller, deducted=amount, postings=owed, sold=sold),
            offline=offline,
        )
        return self.redemptions[redemption_id]

    def reverse(self, *, redemption_id: UUID, by: str, reason: str, at: datetime) -> Redemption:
        """Undo a redemption: its acceptor within the agreed hours, others at any time. They are the organizer, and
        "earlier_offline" when another till took it earlier.

        Raises: RedemptionNotFound, RedemptionReversed, RedemptionRefunded, ReversalTooLate.
        """
        earlier = self.redemptions.get(redemption_id)
        if earlier is None:
            raise RedemptionNotFound()
        if earlier.reversed:
            raise RedemptionReversed()
        if earlier.refunded:
            raise RedemptionRefunded()
        hours = self.terms.reversal_hours
        if by == "acceptor" and at > earlier.redeemed_at + timedelta(hours=hours):
            raise ReversalTooLate(hours=hours)
        gives_way = by == "earlier_offline"  # the other one takes its place, as if it had never been
        in_time = not self.has_expired if gives_way else at < self.expires_at
        renewed = self.state in (State.ACTIVE, State.REDEEMED) and in_time
        owed = tuple(posting.reversed() for posting in earlier.postings if posting.owed)
        restored = self.outstanding + earlier.amount + earlier.released
        self._record(
            self.RedemptionReversed,
            at,
            redemption_id=redemption_id,
            amount=earlier.amount,
            released=earlier.released,
            postings=owed + (self._reserve_after(restored) if renewed else ()),
            renewed=renewed,
            by=by,
            reason=reason,
        )
        return self.redemptions[redemption_id]

    def refund(
        self, *, redemption_id: UUID, part: Minor, already: Minor, replacement_id: UUID | None, at: datetime
    ) -> None:
        """Take back `part` of a deduction because its bill is refunded; the value entries follow in proportion."""
        earlier = self.redemptions[redemption_id]
        assert earlier.refunded == already, "the bill and the certificate agree on what came back"
        self._record(
            self.RedemptionRefunded,
            at,
            redemption_id=redemption_id,
            amount=part,
            postings=refund_postings(earlier.postings, part=part, whole=earlier.amount, already=already),
            replacement_id=replacement_id,
            supply=taken_back(earlier.supply_left, part),
        )

    def refund_cause(self, *, payment_id: UUID, at: datetime) -> bool:
        """The bill it was given for is refunded: revoke it if unused, else flag it. True when it was revoked."""
        if self.state is State.ACTIVE and not self.used:
            self._end(self.Revoked, at, by="refund", reason="the bill was refunded")
            return True
        if self.used and not self.cause_refunded:
            self._record(self.CauseRefunded, at, payment_id=payment_id)
        return False

    def expire(self, *, at: datetime) -> None:
        """Its time is over. Raises: NotYetExpired, and refuses what has already ended."""
        self._must_not_have_ended()
        if at < self.expires_at:
            raise NotYetExpired(expires_at=self.expires_at)
        rule = "import" if self.origin.imported else f"validity_days:{self.terms.validity_days}"
        self._end(self.Expired, at, rule=rule)

    def revoke(self, *, by: str, reason: str, at: datetime) -> None:
        """Take it back: the issuer while it is unused and never passed on, the organizer for fraud at any time.

        Raises: CertificateUsed, and refuses what has already ended.
        """
        self._must_not_have_ended()
        if by != "organizer" and (self.used or self.hops):
            raise CertificateUsed()
        self._end(self.Revoked, at, by=by, reason=reason)

    def must_count(self, epoch: int, at: datetime) -> None:
        """Whether the presented copy is the living one. Raises: CertificatePassedOn, CertificateClaimed,
        CertificateRebound, CertificatePrinted, UnknownEpoch, and `must_be_alive`'s.
        """
        match self.ended_epochs.get(epoch):
            case ("passed_on", ended_at):
                raise CertificatePassedOn(passed_on_at=ended_at)
            case ("claimed", ended_at):
                raise CertificateClaimed(claimed_at=ended_at)
            case ("rebound", ended_at):
                raise CertificateRebound(rebound_at=ended_at)
            case ("printed", ended_at):
                raise CertificatePrinted(printed_at=ended_at)
        if epoch != self.epoch:
            raise UnknownEpoch()
        self.must_be_alive(at)

    def must_be_shown_live(self, proof: Proof | None, at: datetime) -> None:
        """A copy that is bound to a phone counts only with a fresh proof, and each proof once: the proofs that were
        used have growing times, so a photograph of one is worth nothing. Raises: ProofMissing, ProofStale, ProofUsed.
        """
        if self.holder_key is None:
            return
        if proof is None:
            raise ProofMissing()
        if abs(at - proof.made_at) > timedelta(seconds=proof.seconds):
            raise ProofStale(shown_at=proof.made_at)
        if self.proved_at is not None and proof.made_at <= self.proved_at:
            raise ProofUsed()

    def must_be_alive(self, at: datetime) -> None:
        """Raises: CertificateRedeemed, CertificateExpired, CertificateRevoked, DayOver."""
        self._must_not_have_ended()
        if at >= self.expires_at:
            raise CertificateExpired(expired_at=self.expires_at)
        if at < self.created_on:
            raise DayOver()

    def _must_not_have_ended(self) -> None:
        if self.state is State.REDEEMED:
            raise CertificateRedeemed(redeemed_at=self.ended_at)
        if self.state is State.EXPIRED:
            raise CertificateExpired(expired_at=self.ended_at)
        if self.state is State.REVOKED:
            raise CertificateRevoked(revoked_at=self.ended_at)

    def _deductible(self, bill: Minor | None, bill_left: Minor | None, requested: Minor | None) -> Minor:
        if bill is not None and not 0 < bill <= MINOR_MAX:
            raise InvalidAmount(reason="A bill is more than zero and at most 1 000 000 000 000.")
        if requested is not None and requested <= 0:
            raise InvalidAmount(reason="The sum to deduct is more than zero.")
        smallest = self.terms.smallest_bill_to_redeem
        if bill is not None and bill < smallest:
            raise BillTooSmallToRedeem(**money_facts(self.currency, bill=bill, smallest=smallest))
        fits = self.outstanding if bill_left is None else min(self.outstanding, bill_left)
        if requested is None:
            return fits
        if requested > self.outstanding:
            raise InsufficientBalance(**money_facts(self.currency, outstanding=self.outstanding, requested=requested))
        if bill_left is not None and requested > bill_left:
            raise MoreThanTheBill(**money_facts(self.currency, bill=bill_left, requested=requested))
        if requested != fits and not self.terms.partial_redemption:
            raise PartialRedemptionNotAllowed(**money_facts(self.currency, whole=fits, requested=requested))
        return requested

    def _end(self, event: type[Event], at: datetime, **facts: object) -> None:
        self._record(event, at, amount=self.outstanding, postings=self._reserve_after(0), **facts)

    def _reserve_after(self, outstanding: Minor) -> tuple[Posting, ...]:
        return reserve_postings(self.terms, self.parties, before=self.outstanding, after=outstanding)

    def _record(self, event: type[Event], at: datetime, **facts: object) -> None:
        """Every event of a certificate names both merchants, so that a reader needs no lookup."""
        self.trigger_event(event, timestamp=at, issuer_id=self.issuer_id, acceptor_id=self.acceptor_id, **facts)
