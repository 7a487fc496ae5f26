"""A circle of neighbouring merchants under one organizer: its currency, its time zone, its limits."""

from datetime import datetime
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
)
from network.domain.exposure import check_scope
from network.domain.units import MINOR_MAX, is_currency


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

    class CapSet(Event):
        """A limit is set, changed or lifted (`limit` None). `by` says which role, `reason` why."""

        TOPIC = "Coalition.CapSet"
        scope: str
        limit: int | None
        by: str
        reason: str

        def apply(self, coalition: "Coalition") -> None:
            if self.limit is None:
                coalition.caps.pop(self.scope, None)
            else:
                coalition.caps[self.scope] = self.limit

    def __init__(self, name: str, currency: str, time_zone: str, number: int) -> None:
        self.name = name
        self.currency = currency
        self.time_zone = time_zone
        self.number = number
        self.merchant_numbers: dict[UUID, int] = {}
        self.caps: dict[str, int] = {}
        self.campaigns: dict[UUID, str] = {}

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

    def set_cap(self, *, scope: str, limit: int | None, by: str, reason: str, at: datetime) -> None:
        """Set or lift a limit on new issues; what is in hands stays good. Raises: Invalid, InvalidAmount."""
        if not check_scope(scope):
            raise Invalid(reason=f"{scope} does not name a limit.")
        if limit is not None and not 0 <= limit <= MINOR_MAX:
            raise InvalidAmount(reason="A limit is zero or more.")
        if self.caps.get(scope) != limit:
            self.trigger_event(self.CapSet, scope=scope, limit=limit, by=by, reason=reason, timestamp=at)


def check_settlement(currency: str, time_zone: str) -> None:
    """Whether a coalition can settle in it and knows its days. Raises: InvalidCurrency, InvalidTimeZone."""
    if not is_currency(currency):
        raise InvalidCurrency(reason=f"{currency} is not a currency of ISO 4217.")
    if time_zone not in available_timezones():
        raise InvalidTimeZone(reason=f"{time_zone} is not a time zone, such as Europe/Riga.")
