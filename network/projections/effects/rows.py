"""The tables of the view: what is remembered of each certificate, redemption and payment, and the sums by day.

Sums are kept by agreement, version of its terms, and local day of the coalition; a redemption's figures stand on the
day of the redemption, whenever the rest became known. A week, a month, a pair or a partner is a sum of such days.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from network.projections.tables import Table

HORIZONS = (30, 60, 90)
"""Days after a visit in which the same guest's further payments are looked for."""


@dataclass(slots=True)
class ZoneRow:
    """Where the coalition's days begin and end."""

    coalition_id: UUID
    time_zone: str


@dataclass(slots=True)
class MarginRow:
    """What a partner says it keeps of a bill before certificates, in basis points; None: it took that back."""

    merchant_id: UUID
    margin: int | None
    set_at: datetime


@dataclass(slots=True)
class CertificateRow:
    """What the sums need to know of one certificate.

    `lapsed`: value that its end took, `ended_at` when its time was over or it was revoked. `used_at`, `used_hop`: its
    first redemption that stands.
    """

    certificate_id: UUID
    agreement_id: UUID
    agreement_version: int
    issuer_id: UUID
    acceptor_id: UUID
    imported: bool
    issued_at: datetime
    expires_at: datetime
    outstanding: int
    state: str
    hops: int
    lapsed: int
    ended_at: datetime | None
    used_at: datetime | None
    used_hop: int


@dataclass(slots=True)
class RedemptionRow:
    """One redemption. Up to `issuer_fee` what the log says, refunds deducted; below what follows from its neighbours.

    `payment_id` is the bill it lowered, `bill` what the till announced of it. `issuer_value`, `pool_value`: their parts
    of `amount - refunded`; the rest is the acceptor's. `bill_share`: its part of the bill, None while unknown.
    `visit`: it stands for a visit, being the first certificate of that visit. `guest`: as in `domain.terms`.
    `followed_*`: payments of the guest at the acceptor after it and before the next visit with a certificate.
    `again_*`: the guest came again at all.
    """

    certificate_id: UUID
    redemption_id: UUID
    agreement_id: UUID
    agreement_version: int
    issuer_id: UUID
    acceptor_id: UUID
    imported: bool
    holder_id: UUID | None
    payment_id: UUID | None
    redeemed_at: datetime
    hop: int
    stands: bool
    bill: int | None
    amount: int
    refunded: int
    released: int
    issuer_value: int
    pool_value: int
    commission: int
    acceptor_fee: int
    issuer_fee: int
    bill_share: int | None = None
    visit: bool = True
    guest: str = "unknown"
    followed_30_count: int = 0
    followed_30_value: int = 0
    followed_60_count: int = 0
    followed_60_value: int = 0
    followed_90_count: int = 0
    followed_90_value: int = 0
    again_30: bool = False
    again_60: bool = False
    again_90: bool = False


@dataclass(slots=True)
class PaymentRow:
    """A bill: who paid how much when.

    `amount` and `paid_at` are None until it is paid; `refunded` went back of it, in money and certificates.
    `redemptions` that stand lowered it; `own`: one of them is the payer's, and stands for the visit.
    """

    payment_id: UUID
    merchant_id: UUID
    customer_id: UUID | None
    paid_at: datetime | None
    amount: int | None
    refunded: int = 0
    redemptions: int = 0
    own: bool = False


@dataclass(slots=True)
class DayRow:
    """One local day of one version of one agreement. `*_count` are certificates, visits or payments, `*_value` minor.

    `entries`: how many facts are summed here; a day without one has no row. `used_count`: certificates first used that
    day, `unused_count`: whose time ended that day without a use. `lapsed_value`: what expiry took, `released_value`:
    what single-use certificates gave up. `visits_count` = new + lapsed + returning + unknown. Of the redemptions with a
    known bill: `billed_count`, `bill_value`, `billed_redeemed_value`. `acceptor_value`, `issuer_value`, `pool_value`:
    who bore `redeemed_value`. `commission_value`: acceptor to issuer.
    """

    agreement_id: UUID
    agreement_version: int
    day: date
    issuer_id: UUID
    acceptor_id: UUID
    entries: int = 0
    issued_count: int = 0
    issued_value: int = 0
    replacements_count: int = 0
    passed_on_count: int = 0
    used_count: int = 0
    unused_count: int = 0
    revoked_count: int = 0
    revoked_value: int = 0
    lapsed_value: int = 0
    redemptions_count: int = 0
    redeemed_value: int = 0
    released_value: int = 0
    visits_count: int = 0
    new_count: int = 0
    lapsed_count: int = 0
    returning_count: int = 0
    unknown_count: int = 0
    billed_count: int = 0
    bill_value: int = 0
    billed_redeemed_value: int = 0
    new_billed_count: int = 0
    new_bill_value: int = 0
    acceptor_value: int = 0
    issuer_value: int = 0
    pool_value: int = 0
    commission_value: int = 0
    acceptor_fee_value: int = 0
    issuer_fee_value: int = 0
    followed_30_count: int = 0
    followed_30_value: int = 0
    followed_60_count: int = 0
    followed_60_value: int = 0
    followed_90_count: int = 0
    followed_90_value: int = 0
    again_30_count: int = 0
    again_60_count: int = 0
    again_90_count: int = 0


@dataclass(slots=True)
class WaitRow:
    """How long certificates first used that day had waited. `bin` as in `waits.bin_of`."""

    agreement_id: UUID
    agreement_version: int
    day: date
    bin: int
    issuer_id: UUID
    acceptor_id: UUID
    entries: int = 0


@dataclass(slots=True)
class HopRow:
    """Gift chains: hop 0 is the first holder. `reached_count`: certificates that came so far that day; `used_count`,
    `known_count`, `again_*`: first uses by a holder so far along, of them by a guest with a wallet, who came again.
    """

    agreement_id: UUID
    agreement_version: int
    day: date
    hop: int
    issuer_id: UUID
    acceptor_id: UUID
    entries: int = 0
    reached_count: int = 0
    used_count: int = 0
    known_count: int = 0
    again_30_count: int = 0
    again_60_count: int = 0
    again_90_count: int = 0


def _sums(row: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(row) if f.name == "entries" or f.name.endswith(("_count", "_value")))


_PLACE = ("agreement_id", "agreement_version", "day")
_BY_PARTNER = ("(issuer_id, day)", "(acceptor_id, day)", "(day)")
DAY_SUMS, HOP_SUMS = _sums(DayRow), _sums(HopRow)

ZONE = Table("effect_zone", ZoneRow, ("coalition_id",))
MARGINS = Table("effect_margins", MarginRow, ("merchant_id",))
CERTIFICATES = Table(
    "effect_certificates",
    CertificateRow,
    ("certificate_id",),
    indexes=("(issuer_id, issued_at)", "(acceptor_id, issued_at)", "(issued_at)"),
)
REDEMPTIONS = Table(
    "effect_redemptions",
    RedemptionRow,
    ("certificate_id", "redemption_id"),
    indexes=(
        "(acceptor_id, holder_id, redeemed_at) WHERE holder_id IS NOT NULL",
        "(payment_id) WHERE payment_id IS NOT NULL",
    ),
)
PAYMENTS = Table(
    "effect_payments",
    PaymentRow,
    ("payment_id",),
    indexes=("(merchant_id, customer_id, paid_at) WHERE customer_id IS NOT NULL AND NOT own",),
)
DAYS = Table("effect_days", DayRow, _PLACE, sums=DAY_SUMS, indexes=_BY_PARTNER)
WAITS = Table("effect_waits", WaitRow, (*_PLACE, "bin"), sums=("entries",), indexes=_BY_PARTNER)
HOPS = Table("effect_hops", HopRow, (*_PLACE, "hop"), sums=HOP_SUMS, indexes=_BY_PARTNER)
