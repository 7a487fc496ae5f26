"""What one guest did at one acceptor around a redemption there: new or returning, and what came after it.

Pure functions of the redemptions and payments, by business time: in whatever order the facts arrive, the answer is the
same. A bill that carries a certificate of its payer is that redemption, and no payment beside it. Else a payment or
another redemption is of the *same visit* if it is at the same instant, or, for imported certificates, on the same local
day: their redemptions and payments come from different files whose clocks need not agree.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from network.domain.terms import guest_status
from network.projections.effects.rows import HORIZONS, PaymentRow, RedemptionRow

LocalDay = Callable[[datetime], date]
SAME_VISIT = timedelta(days=1)
"""No two facts of one visit are further apart, bills apart, which name their redemptions."""


def place(
    one: RedemptionRow,
    redemptions: Sequence[RedemptionRow],
    payments: Sequence[PaymentRow],
    on_the_bill: Sequence[RedemptionRow],
    day: LocalDay,
) -> None:
    """Fill in what follows from the neighbours of a redemption that stands.

    `redemptions` and `payments`: what stands of the same guest at the same acceptor, none of a guest whom nobody knows;
    at least all from a day before it, and the last ones before that. `on_the_bill`: whoever's certificates.
    """
    others = [other for other in redemptions if other.redemption_id != one.redemption_id]
    apart = [other for other in others if not _same_visit(one, other, day)]
    elsewhen = [(paid_at, paid) for paid in payments if (paid_at := paid.paid_at) and not _own_bill(one, paid_at, day)]
    seen = [other.redeemed_at for other in apart] + [paid_at for paid_at, _ in elsewhen]
    before = max((at for at in seen if at < one.redeemed_at), default=None)
    one.guest = guest_status(last_paid_at=before, at=one.redeemed_at, known=one.holder_id is not None).value
    together = [other for other in (*others, *on_the_bill) if _same_visit(one, other, day)]
    one.visit = all(_order(one) <= _order(other) for other in together)
    further = [(paid_at, paid) for paid_at, paid in elsewhen if paid.refunded < (paid.amount or 0)]
    came = [other.redeemed_at for other in apart] + [paid_at for paid_at, _ in further]
    for horizon in HORIZONS:
        until = one.redeemed_at + timedelta(days=horizon)
        setattr(one, f"again_{horizon}", any(one.redeemed_at < at <= until for at in came))
    _follow(one, others, further, day)


def _follow(
    one: RedemptionRow, others: Sequence[RedemptionRow], further: Sequence[tuple[datetime, PaymentRow]], day: LocalDay
) -> None:
    """Payments without a certificate count for the last redemption before them: each once, at any level of sums."""
    later = [other for other in others if _order(other) > _order(one)]
    plain = [
        (paid_at, paid)
        for paid_at, paid in further
        if not paid.redemptions
        and one.redeemed_at < paid_at
        and not any(other.redeemed_at < paid_at or _own_bill(other, paid_at, day) for other in later)
    ]
    for horizon in HORIZONS:
        until = one.redeemed_at + timedelta(days=horizon)
        counted = [paid for paid_at, paid in plain if paid_at <= until]
        setattr(one, f"followed_{horizon}_count", len(counted))
        setattr(one, f"followed_{horizon}_value", sum((paid.amount or 0) - paid.refunded for paid in counted))


def _order(one: RedemptionRow) -> tuple[datetime, bytes]:
    return one.redeemed_at, one.redemption_id.bytes


def _same_visit(one: RedemptionRow, other: RedemptionRow, day: LocalDay) -> bool:
    if one.payment_id is not None and one.payment_id == other.payment_id:
        return True
    if one.redeemed_at == other.redeemed_at:
        return True
    return one.imported and other.imported and day(one.redeemed_at) == day(other.redeemed_at)


def _own_bill(one: RedemptionRow, paid_at: datetime, day: LocalDay) -> bool:
    """Whether a payment of the guest that names no redemption is yet this one's."""
    return one.redeemed_at == paid_at or (one.imported and day(one.redeemed_at) == day(paid_at))
