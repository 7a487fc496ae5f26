"""What two partners agree on: face value, who funds it, commission, fee, and what a guest may do with it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from network.domain.errors import InvalidTerms
from network.domain.offline import Liability
from network.domain.units import MINOR_MAX, WHOLE, BasisPoints, Minor, share_rounded_half_up

VALIDITY_DAYS_MAX = 1_096


class Side(StrEnum):
    """The role a partner plays in one agreement."""

    ISSUER = "issuer"
    ACCEPTOR = "acceptor"


class Guest(StrEnum):
    """What the acceptor's own payments say of a guest, before the redemption.

    New: no payment there yet. Lapsed: none for 180 days. Returning: otherwise. Unknown: nobody's wallet presented it.
    """

    NEW = "new"
    LAPSED = "lapsed"
    RETURNING = "returning"
    UNKNOWN = "unknown"


UNSAID: Final = {"campaign_id": None, "offline_ceiling": 0, "use": {"as_payment": False, "tax_rate": None}}
"""What terms say that were stored before they could say it."""

UNSAID_OF_LOSSES: Final = {"offline_liability": "acceptor"}
"""The same of terms that could not yet name who bears what was used twice without a network."""

LAPSED_AFTER = timedelta(days=180)


def guest_status(*, last_paid_at: datetime | None, at: datetime, known: bool) -> Guest:
    """How the acceptor knows the guest (DOMAIN 6)."""
    if not known:
        return Guest.UNKNOWN
    if last_paid_at is None:
        return Guest.NEW
    return Guest.LAPSED if at - last_paid_at >= LAPSED_AFTER else Guest.RETURNING


@dataclass(frozen=True, slots=True)
class FaceValue:
    """A fixed sum, or a share of the paid bill with an upper bound."""

    fixed: Minor = 0
    share: BasisPoints = 0
    at_most: Minor | None = None

    def of(self, bill: Minor) -> Minor:
        """The face value for a paid `bill`; a share is rounded half-up."""
        if self.fixed:
            return self.fixed
        face = share_rounded_half_up(bill, self.share)
        return face if self.at_most is None else min(face, self.at_most)


@dataclass(frozen=True, slots=True)
class Funding:
    """Who bears the redeemed value, in basis points; what neither issuer nor pool bears is the acceptor's.

    Acceptor-funded: both zero. Issuer-funded: `issuer` is the agreed rate. Shared: in between. Pool: `pool`.
    """

    issuer: BasisPoints = 0
    pool: BasisPoints = 0

    @property
    def rates(self) -> tuple[BasisPoints, BasisPoints, BasisPoints]:
        """Issuer, pool, acceptor; the acceptor last, so that a left-over unit is its own."""
        return self.issuer, self.pool, WHOLE - self.issuer - self.pool


@dataclass(frozen=True, slots=True)
class Reward:
    """A share of what the guest spends over the certificate, and a fixed sum once per certificate."""

    share: BasisPoints = 0
    fixed: Minor = 0


@dataclass(frozen=True, slots=True)
class Commission:
    """The acceptor's thanks to the issuer for a guest. A guest nobody knows counts as returning."""

    new: Reward = field(default_factory=Reward)
    lapsed: Reward = field(default_factory=Reward)
    returning: Reward = field(default_factory=Reward)

    def reward(self, guest: Guest) -> Reward:
        """What this kind of guest earns the issuer."""
        return {Guest.NEW: self.new, Guest.LAPSED: self.lapsed}.get(guest, self.returning)


@dataclass(frozen=True, slots=True)
class Fee:
    """The network fee to the organizer: a share of the deduction and a fixed sum, for each redemption."""

    payer: Side
    share: BasisPoints = 0
    fixed: Minor = 0


@dataclass(frozen=True, slots=True)
class Use:
    """What the right is to tax law (`network.domain.tax`). `as_payment`: the acceptor takes it in payment like money;
    otherwise it lowers a price. `tax_rate`: the one rate of all that it can be used for; None when there are several,
    or the acceptor has but one.
    """

    as_payment: bool = False
    tax_rate: BasisPoints | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of an agreement. Frozen into each certificate that is issued under it.

    `smallest_bill_to_issue`, `smallest_bill_to_redeem`: minor units. `validity_days`: 0 means the evening of the
    issue. `combinable`: may be handed out together with others for the same bill. `reversal_hours`: how long a
    redemption can be undone. `allotment_transferable`: whether a stock set aside under these terms may go on to
    another partner. `campaign_id`: the named budget that its certificates count against. `offline_ceiling`: up to
    how much a till without a network may deduct; zero is never. `offline_liability`: who bears the value of what a
    till without a network took within the rules, and that was used elsewhere too.
    """

    face: FaceValue
    smallest_bill_to_issue: Minor = 0
    smallest_bill_to_redeem: Minor = 0
    validity_days: int = 30
    transferable: bool = True
    partial_redemption: bool = False
    funding: Funding = field(default_factory=Funding)
    commission: Commission | None = None
    fee: Fee | None = None
    combinable: bool = False
    allotment_transferable: bool = False
    reversal_hours: int = 24
    campaign_id: UUID | None = None
    offline_ceiling: Minor = 0
    use: Use = field(default_factory=Use)
    offline_liability: Liability = Liability.ACCEPTOR

    def check(self) -> None:
        """Raises: InvalidTerms, saying what is wrong."""
        for problem, wrong in self._problems():
            if wrong:
                raise InvalidTerms(reason=problem)

    def _problems(self) -> list[tuple[str, bool]]:
        face, funding = self.face, self.funding
        rewards = [self.commission.new, self.commission.lapsed, self.commission.returning] if self.commission else []
        priced: list[Reward | Fee] = [*rewards, *([self.fee] if self.fee else [])]
        sums = [face.fixed, face.at_most or 0, self.smallest_bill_to_issue, self.smallest_bill_to_redeem]
        sums += [self.offline_ceiling, *(p.fixed for p in priced)]
        shares = [face.share, funding.issuer, funding.pool, self.use.tax_rate or 0, *(p.share for p in priced)]
        return [
            ("The face value is either a fixed sum or a share of the bill.", (face.fixed > 0) == (face.share > 0)),
            ("An upper bound goes with a share of the bill and is above zero.",
             face.at_most is not None and (face.share == 0 or face.at_most <= 0)),
            ("Sums are between zero and 1 000 000 000 000.", any(not 0 <= s <= MINOR_MAX for s in sums)),
            ("Shares are between 0 and 10 000 basis points.", any(not 0 <= s <= WHOLE for s in shares)),
            ("The funders bear at most the whole value.", funding.issuer + funding.pool > WHOLE),
            ("A certificate is valid for 0 to 1 096 days.", not 0 <= self.validity_days <= VALIDITY_DAYS_MAX),
            ("A redemption can be undone for 0 to 720 hours.", not 0 <= self.reversal_hours <= 720),
        ]  # fmt: skip

    def expires_at(self, issued_at: datetime, time_zone: str) -> datetime:
        """The first instant at which it no longer counts: midnight after the last local day, in UTC."""
        return end_of_local_day(issued_at, self.validity_days, time_zone)


@lru_cache(maxsize=1_024)
def end_of_local_day(at: datetime, days: int, time_zone: str) -> datetime:
    """Midnight that ends the local day `days` after the one of `at`; safe across daylight-saving changes."""
    zone = ZoneInfo(time_zone)
    after = at.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(after, time.min, zone).astimezone(UTC)
