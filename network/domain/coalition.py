"""A circle of neighbouring merchants under one organizer: its currency, its time zone, its limits."""

from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID
from zoneinfo import available_timezones

from network.domain.aggregate import Aggregate, Created, Event
from network.domain.errors import (
    CampaignConflict,
    CampaignNotFound,
    Invalid,
    InvalidAmount,
    InvalidCurrency,
    InvalidTimeZone,
    MerchantConflict,
    PartyNotFound,
    RaiseConflict,
    RaiseNeedsTwo,
    RaiseNotFound,
    SecondPersonNeeded,
)
from network.domain.exposure import check_scope
from network.domain.postings import own_parties
from network.domain.raises import RAISE_STANDS_FOR, Raise, is_raise
from network.domain.schedule import Schedule
from network.domain.units import MINOR_MAX, Minor, is_currency

VALUE_LIMIT_IN_EURO: Final = 100_000_000
"""EUR 1 000 000 in cents: above it in twelve months a limited network notifies its authority (PSD2, art. 37(2))."""


class Coalition(Aggregate):
    """The tenant. Everything else in a log belongs to its one coalition."""

    TOPIC = "Coalition"

    class Founded(Created):
        """The circle begins. `number` is its short name inside tokens, unique in the network."""

        TOPIC = "Coalition.Founded"
        name: str
        currency: str
        time_zone: str
        number: int

    class MerchantNumbered(Event):
        """A partner gets the short number that tokens carry."""

        TOPIC = "Coalition.MerchantNumbered"
        merchant_id: UUID
        number: int

        def apply(self, coalition: "Coalition") -> None:
            coalition.merchant_numbers[self.merchant_id] = self.number

    class CampaignOpened(Event):
        """A budget gets a name; agreements whose terms name it share one limit, `campaign:ID`. `by` says which role."""

        TOPIC = "Coalition.CampaignOpened"
        campaign_id: UUID
        name: str
        by: str

        def apply(self, coalition: "Coalition") -> None:
            coalition.campaigns[self.campaign_id] = self.name

    class ValueLimitSet(Event):
        """What EUR 1 000 000 is in the coalition's money, for the warning of the law on limited networks.

        `source` says by which rate, `rate_on` of which day; a coalition in euro may set less.
        """

        TOPIC = "Coalition.ValueLimitSet"
        limit: Minor
        source: str
        rate_on: str
        person_id: UUID

        def apply(self, coalition: "Coalition") -> None:
            coalition.value_limit = self.limit

    class CapSet(Event):
        """A limit is set, changed or lifted (`limit` None). `by` says which role, `person_id` who, `reason` why.

        A raise was proposed (`raise_id`) by `person_id` and confirmed by another person.
        """

        TOPIC = "Coalition.CapSet"
        class_version = 2
        scope: str
        limit: int | None
        by: str
        reason: str
        person_id: UUID | None
        raise_id: UUID | None
        confirmed_by: UUID | None

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Before people were told apart, one was enough."""
            state |= {"person_id": None, "raise_id": None, "confirmed_by": None}

        def apply(self, coalition: "Coalition") -> None:
            if self.limit is None:
                coalition.caps.pop(self.scope, None)
            else:
                coalition.caps[self.scope] = self.limit
            if self.raise_id is not None:
                del coalition.raises[self.raise_id]

    class CapRaiseProposed(Event):
        """One person wants a limit raised or lifted (`limit` None) over what it is now, and says why."""

        TOPIC = "Coalition.CapRaiseProposed"
        raise_id: UUID
        proposed: Raise

        def apply(self, coalition: "Coalition") -> None:
            coalition.raises[self.raise_id] = self.proposed
            coalition.raise_ids.add(self.raise_id)

    class CapRaiseWithdrawn(Event):
        """An organizer, the proposer or another one, takes the proposal off the table."""

        TOPIC = "Coalition.CapRaiseWithdrawn"
        raise_id: UUID
        scope: str
        person_id: UUID
        reason: str

        def apply(self, coalition: "Coalition") -> None:
            del coalition.raises[self.raise_id]

    class CapNeared(Event):
        """What counts has come to 80 % of a limit. `key`: the day, where a limit is counted by day, else empty."""

        TOPIC = "Coalition.CapNeared"
        scope: str
        key: str
        used: int
        limit: int

        def apply(self, coalition: "Coalition") -> None:
            coalition.near[self.scope] = self.key

    class CapEased(Event):
        """After a warning it is under 70 % again, or there is no limit any more (`limit` None)."""

        TOPIC = "Coalition.CapEased"
        scope: str
        key: str
        used: int
        limit: int | None

        def apply(self, coalition: "Coalition") -> None:
            del coalition.near[self.scope]

    class BankDetailsSet(Event):
        """Where the pool or the organizer is paid, and pays from, changed; see `Merchant.BankDetailsSet`."""

        TOPIC = "Coalition.BankDetailsSet"
        party_id: UUID
        digest: str | None
        set_by: str

        def apply(self, coalition: "Coalition") -> None:
            coalition.bank_details[self.party_id] = self.digest

    class SettlementScheduled(Event):
        """When windows are cut by themselves, and when payments are due and reminded of."""

        TOPIC = "Coalition.SettlementScheduled"
        schedule: Schedule
        set_by: str

        def apply(self, coalition: "Coalition") -> None:
            coalition.schedule = self.schedule

    def __init__(self, name: str, currency: str, time_zone: str, number: int) -> None:
        self.name = name
        self.currency = currency
        self.time_zone = time_zone
        self.number = number
        self.merchant_numbers: dict[UUID, int] = {}
        self.caps: dict[str, int] = {}
        self.campaigns: dict[UUID, str] = {}
        self.value_limit: Minor | None = VALUE_LIMIT_IN_EURO if currency == "EUR" else None
        self.near: dict[str, str] = {}
        self.raises: dict[UUID, Raise] = {}
        self.raise_ids: set[UUID] = set()
        self.bank_details: dict[UUID, str | None] = {}
        self.schedule = Schedule()

    @classmethod
    def found(
        cls, *, coalition_id: UUID, name: str, currency: str, time_zone: str, number: int, at: datetime
    ) -> "Coalition":
        """Raises: InvalidCurrency, InvalidTimeZone."""
        check_settlement(currency, time_zone)
        return cls._create(
            cls.Founded, id=coalition_id, timestamp=at, name=name, currency=currency, time_zone=time_zone, number=number
        )

    def number_merchant(self, *, merchant_id: UUID, at: datetime) -> int:
        """Give a partner the next short number. Raises: MerchantConflict when it has one."""
        if merchant_id in self.merchant_numbers:
            raise MerchantConflict(merchant_id=merchant_id)
        number = len(self.merchant_numbers) + 1
        self.trigger_event(self.MerchantNumbered, merchant_id=merchant_id, number=number, timestamp=at)
        return number

    def open_campaign(self, *, campaign_id: UUID, name: str, by: str, at: datetime) -> None:
        """Name a budget. The same again changes nothing. Raises: CampaignConflict."""
        earlier = self.campaigns.get(campaign_id)
        if earlier not in (None, name):
            raise CampaignConflict(campaign_id=campaign_id)
        if earlier is None:
            self.trigger_event(self.CampaignOpened, campaign_id=campaign_id, name=name, by=by, timestamp=at)

    def must_have_campaign(self, campaign_id: UUID | None) -> None:
        """Whether terms may name it; None is no campaign. Raises: CampaignNotFound."""
        if campaign_id is not None and campaign_id not in self.campaigns:
            raise CampaignNotFound()

    def set_value_limit(self, *, limit: Minor, source: str, rate_on: str, person_id: UUID, at: datetime) -> None:
        """Say what EUR 1 000 000 is here, and by which rate. Raises: InvalidAmount, in euro for more than that."""
        most = VALUE_LIMIT_IN_EURO if self.currency == "EUR" else MINOR_MAX
        if not 0 < limit <= most:
            raise InvalidAmount(reason="The limit is above zero, and in euro at most 1 000 000.00.")
        self.trigger_event(
            self.ValueLimitSet, limit=limit, source=source, rate_on=rate_on, person_id=person_id, timestamp=at
        )

    def set_cap(
        self, *, scope: str, limit: int | None, by: str, reason: str, at: datetime, person_id: UUID | None = None
    ) -> None:
        """Set a first limit or lower one, which one person may; what is in hands stays good.

        Raises: RaiseNeedsTwo, Invalid, InvalidAmount.
        """
        _check_cap(scope, limit)
        if is_raise(limit, over=self.caps.get(scope)):
            raise RaiseNeedsTwo()
        if self.caps.get(scope) != limit:
            self._set_cap(at, scope=scope, limit=limit, by=by, reason=reason, person_id=person_id)

    def watch_cap(self, *, scope: str, key: str, used: int, at: datetime) -> bool:
        """Tell, once for each crossing, that a limit is near or no longer so; whether there was something to tell.

        It is near from 80 % on and until it is under 70 %, so that a use that swings about 80 % is told once. A warning
        for a day ends with the day: the next day's takes its place.
        """
        limit = self.caps.get(scope)
        told = self.near.get(scope) == key
        if not told and limit is not None and used > 0 and used * 10 >= limit * 8:
            self.trigger_event(self.CapNeared, scope=scope, key=key, used=used, limit=limit, timestamp=at)
            return True
        if told and (limit is None or used <= 0 or used * 10 < limit * 7):
            self.trigger_event(self.CapEased, scope=scope, key=key, used=used, limit=limit, timestamp=at)
            return True
        return False

    def propose_raise(
        self, *, raise_id: UUID, scope: str, limit: int | None, person_id: UUID, reason: str, others: bool, at: datetime
    ) -> Raise:
        """The first of the two people. `others`: there is another organizer who could confirm.

        Raises: RaiseConflict, SecondPersonNeeded, Invalid for what raises nothing, InvalidAmount.
        """
        _check_cap(scope, limit)
        if raise_id in self.raise_ids:
            raise RaiseConflict(raise_id=raise_id)
        over = self.caps.get(scope)
        if not is_raise(limit, over=over):
            raise Invalid(reason="This raises no limit: set it, which needs no second person.")
        if not others:
            raise SecondPersonNeeded()
        proposed = Raise(scope, limit, over, person_id, reason, at + RAISE_STANDS_FOR)
        self.trigger_event(self.CapRaiseProposed, raise_id=raise_id, proposed=proposed, timestamp=at)
        return proposed

    def confirm_raise(self, *, raise_id: UUID, person_id: UUID, since: datetime, at: datetime) -> Raise:
        """The second person, an organizer `since`: one who came after the proposal could be the proposer's own making.

        Raises: RaiseNotFound, RaiseExpired, CannotConfirmOwnRaise, CapChangedSince, SecondPersonNeeded.
        """
        waiting = self._waiting(raise_id)
        waiting.must_be_confirmable(person_id=person_id, present=self.caps.get(waiting.scope), at=at)
        if since > waiting.proposed_at:
            raise SecondPersonNeeded()
        self._set_cap(
            at,
            scope=waiting.scope,
            limit=waiting.limit,
            by="organizer",
            reason=waiting.reason,
            person_id=waiting.person_id,
            raise_id=raise_id,
            confirmed_by=person_id,
        )
        return waiting

    def withdraw_raise(self, *, raise_id: UUID, person_id: UUID, reason: str, at: datetime) -> Raise:
        """Take a proposal off the table, one that nobody confirmed in time too. Raises: RaiseNotFound."""
        waiting = self._waiting(raise_id)
        self.trigger_event(
            self.CapRaiseWithdrawn,
            raise_id=raise_id,
            scope=waiting.scope,
            person_id=person_id,
            reason=reason,
            timestamp=at,
        )
        return waiting

    def set_bank_details(self, *, party_id: UUID, digest: str | None, set_by: str, at: datetime) -> None:
        """Name the bank details of a party that is no partner. The same changes nothing. Raises: PartyNotFound."""
        if party_id not in own_parties(self.id):
            raise PartyNotFound()
        if self.bank_details.get(party_id) != digest:
            self.trigger_event(self.BankDetailsSet, party_id=party_id, digest=digest, set_by=set_by, timestamp=at)

    def schedule_settlement(self, *, schedule: Schedule, set_by: str, at: datetime) -> None:
        """From now on. The same again changes nothing. Raises: InvalidTerms."""
        schedule.check()
        if schedule != self.schedule:
            self.trigger_event(self.SettlementScheduled, schedule=schedule, set_by=set_by, timestamp=at)

    def _waiting(self, raise_id: UUID) -> Raise:
        waiting = self.raises.get(raise_id)
        if waiting is None:
            raise RaiseNotFound()
        return waiting

    def _set_cap(
        self,
        at: datetime,
        *,
        scope: str,
        limit: int | None,
        by: str,
        reason: str,
        person_id: UUID | None,
        raise_id: UUID | None = None,
        confirmed_by: UUID | None = None,
    ) -> None:
        self.trigger_event(
            self.CapSet,
            scope=scope,
            limit=limit,
            by=by,
            reason=reason,
            person_id=person_id,
            raise_id=raise_id,
            confirmed_by=confirmed_by,
            timestamp=at,
        )


def _check_cap(scope: str, limit: int | None) -> None:
    if not check_scope(scope):
        raise Invalid(reason=f"{scope} does not name a limit.")
    if limit is not None and not 0 <= limit <= MINOR_MAX:
        raise InvalidAmount(reason="A limit is zero or more.")


def check_settlement(currency: str, time_zone: str) -> None:
    """Whether a coalition can settle in it and knows its days. Raises: InvalidCurrency, InvalidTimeZone."""
    if not is_currency(currency):
        raise InvalidCurrency(reason=f"{currency} is not a currency of ISO 4217.")
    if time_zone not in _time_zones():
        raise InvalidTimeZone(reason=f"{time_zone} is not a time zone, such as Europe/Riga.")


@cache
def _time_zones() -> frozenset[str]:
    """Every name there is: finding them reads some hundred files."""
    return frozenset(available_timezones())
