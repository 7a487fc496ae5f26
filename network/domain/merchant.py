"""A partner of the coalition: it applies, is admitted, may be suspended and readmitted, and leaves."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from network.domain.aggregate import Aggregate, Created, Event
from network.domain.errors import InvalidAmount, MerchantNotAdmitted, MerchantStateForbids
from network.domain.tax import TaxRecord
from network.domain.units import WHOLE, BasisPoints


class State(StrEnum):
    """Where a partner stands."""

    APPLIED = "applied"
    ADMITTED = "admitted"
    SUSPENDED = "suspended"
    LEFT = "left"


class Merchant(Aggregate):
    """A business of the neighbourhood. Issuer and acceptor are roles it plays."""

    TOPIC = "Merchant"

    class Applied(Created):
        """A business asks to take part. `number` is its short name inside tokens."""

        TOPIC = "Merchant.Applied"
        name: str
        category: str
        address: str
        number: int

    class Admitted(Event):
        """The organizer lets it trade."""

        TOPIC = "Merchant.Admitted"

        def apply(self, merchant: "Merchant") -> None:
            merchant.state = State.ADMITTED

    class Suspended(Event):
        """The organizer stops it; certificates in hands stay what they are."""

        TOPIC = "Merchant.Suspended"
        reason: str

        def apply(self, merchant: "Merchant") -> None:
            merchant.state = State.SUSPENDED

    class Readmitted(Event):
        """The organizer lets it trade again."""

        TOPIC = "Merchant.Readmitted"

        def apply(self, merchant: "Merchant") -> None:
            merchant.state = State.ADMITTED

    class TaxRecorded(Event):
        """Where it supplies and at which tax rates, from a day on. `by` says which role."""

        TOPIC = "Merchant.TaxRecorded"
        record: TaxRecord
        by: str

        def apply(self, merchant: "Merchant") -> None:
            others = [one for one in merchant.tax_records if one.valid_from != self.record.valid_from]
            merchant.tax_records = sorted([*others, self.record], key=lambda one: one.valid_from)

    class Left(Event):
        """It takes part no longer, by its own will or the organizer's."""

        TOPIC = "Merchant.Left"
        reason: str

        def apply(self, merchant: "Merchant") -> None:
            merchant.state = State.LEFT

    class MarginSet(Event):
        """Its owner says what it keeps of a bill, in basis points, or takes that back (None). For its own reports."""

        TOPIC = "Merchant.MarginSet"
        margin: BasisPoints | None

        def apply(self, merchant: "Merchant") -> None:
            merchant.margin = self.margin

    class ProfileChanged(Event):
        """What guests read of it changed: what kind of shop it is, and where. Its name stays, as statements do."""

        TOPIC = "Merchant.ProfileChanged"
        category: str
        address: str
        by: str

        def apply(self, merchant: "Merchant") -> None:
            merchant.category, merchant.address = self.category, self.address

    class BankDetailsSet(Event):
        """Where it is paid, and pays from, changed. The details are sealed beside the log under this keyed digest;
        None: it has none now. `set_by`: organizer, or owner.
        """

        TOPIC = "Merchant.BankDetailsSet"
        digest: str | None
        set_by: str

        def apply(self, merchant: "Merchant") -> None:
            merchant.bank_details = self.digest

    def __init__(self, name: str, category: str, address: str, number: int) -> None:
        self.bank_details: str | None = None
        self.name = name
        self.category = category
        self.address = address
        self.number = number
        self.state = State.APPLIED
        self.margin: BasisPoints | None = None
        self.tax_records: list[TaxRecord] = []

    @classmethod
    def apply_to_join(
        cls, *, merchant_id: UUID, name: str, category: str, address: str, number: int, at: datetime
    ) -> "Merchant":
        """A new partner that waits for the organizer."""
        return cls._create(
            cls.Applied,
            id=merchant_id,
            timestamp=at,
            name=name,
            category=category,
            address=address,
            number=number,
        )

    def admit(self, *, at: datetime) -> None:
        """Let an applicant trade. Raises: MerchantStateForbids."""
        self._must_be(State.APPLIED)
        self.trigger_event(self.Admitted, timestamp=at)

    def suspend(self, *, reason: str, at: datetime) -> None:
        """Stop an admitted partner. Raises: MerchantStateForbids."""
        self._must_be(State.ADMITTED)
        self.trigger_event(self.Suspended, reason=reason, timestamp=at)

    def readmit(self, *, at: datetime) -> None:
        """Let a suspended partner trade again. Raises: MerchantStateForbids."""
        self._must_be(State.SUSPENDED)
        self.trigger_event(self.Readmitted, timestamp=at)

    def leave(self, *, reason: str, at: datetime) -> None:
        """End the partnership. Raises: MerchantStateForbids when it already left."""
        self._must_be(State.APPLIED, State.ADMITTED, State.SUSPENDED)
        self.trigger_event(self.Left, reason=reason, timestamp=at)

    def set_margin(self, *, margin: BasisPoints | None, at: datetime) -> None:
        """What it keeps of a bill before certificates; the same again changes nothing. Raises: InvalidAmount."""
        if margin is not None and not 0 <= margin <= WHOLE:
            raise InvalidAmount(reason="A margin is between 0 and 10 000 basis points.")
        if margin != self.margin:
            self.trigger_event(self.MarginSet, margin=margin, timestamp=at)

    def change_profile(self, *, category: str, address: str, by: str, at: datetime) -> None:
        """What guests read of it from now on; the same again changes nothing. Raises: MerchantStateForbids."""
        self._must_be(State.APPLIED, State.ADMITTED, State.SUSPENDED)
        if (category, address) != (self.category, self.address):
            self.trigger_event(self.ProfileChanged, category=category, address=address, by=by, timestamp=at)

    def record_tax(self, *, record: TaxRecord, by: str, at: datetime) -> None:
        """Country and rates from a day on, in place of what was told for that day. The same again changes nothing.

        What is issued or redeemed already keeps what was on record then. Raises: InvalidTax.
        """
        record.check()
        if record not in self.tax_records:
            self.trigger_event(self.TaxRecorded, record=record, by=by, timestamp=at)

    def tax_on(self, day: str) -> TaxRecord | None:
        """What is on record for a local day; None before the first."""
        return next((one for one in reversed(self.tax_records) if one.valid_from <= day), None)

    def set_bank_details(self, *, digest: str | None, set_by: str, at: datetime) -> None:
        """Name the bank details to pay with from now on. The same again changes nothing."""
        if self.bank_details != digest:
            self.trigger_event(self.BankDetailsSet, digest=digest, set_by=set_by, timestamp=at)

    def must_trade(self) -> None:
        """Raises: MerchantNotAdmitted unless it takes part now."""
        if self.state is not State.ADMITTED:
            raise MerchantNotAdmitted(name=self.name, state=self.state.value)

    def _must_be(self, *states: State) -> None:
        if self.state not in states:
            raise MerchantStateForbids(name=self.name, state=self.state.value)
