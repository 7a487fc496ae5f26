"""Which redemptions a batch touches beside its own, and what has to be known around them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from psycopg import sql

from network.projections.effects.guests import SAME_VISIT
from network.projections.effects.rows import HORIZONS, PAYMENTS, REDEMPTIONS, PaymentRow, RedemptionRow
from network.projections.tables import Table, View

R = TypeVar("R")
LOOK_BACK = timedelta(days=max(HORIZONS)) + SAME_VISIT
"""A fact can change redemptions of the same guest so long before it, and any after it."""


class Guest(NamedTuple):
    """One guest at one acceptor."""

    acceptor_id: UUID
    holder_id: UUID


class Around(NamedTuple):
    """What stands of one guest at one acceptor."""

    redemptions: list[RedemptionRow]
    payments: list[PaymentRow]


def touched(view: View, since: dict[Guest, datetime], bills: Collection[UUID]) -> list[RedemptionRow]:
    """The redemptions that stand, of these guests from their instant on, and all on these bills."""
    found = view.load(REDEMPTIONS, "payment_id", bills)
    found += _timelines(view, REDEMPTIONS, _REDEMPTIONS_SINCE, since)
    rows = {(row.certificate_id, row.redemption_id): row for row in found if row.stands}
    return list(rows.values())


def around(view: View, targets: Iterable[RedemptionRow]) -> dict[Guest, Around]:
    """What `guests.place` needs of each known guest among the targets."""
    since: dict[Guest, datetime] = {}
    for one in targets:
        if one.holder_id is not None:
            touch(since, Guest(one.acceptor_id, one.holder_id), one.redeemed_at - SAME_VISIT)
    found = {guest: Around([], []) for guest in since}
    for redemption in _timelines(view, REDEMPTIONS, _REDEMPTIONS_AROUND, since):
        assert redemption.holder_id is not None, "asked for by holder"
        found[Guest(redemption.acceptor_id, redemption.holder_id)].redemptions.append(redemption)
    for payment in _timelines(view, PAYMENTS, _PAYMENTS_AROUND, since):
        assert payment.customer_id is not None, "asked for by customer"
        found[Guest(payment.merchant_id, payment.customer_id)].payments.append(payment)
    return found


def touch(since: dict[Guest, datetime], guest: Guest, at: datetime) -> None:
    """Keep the earliest instant."""
    since[guest] = min(at, since.get(guest, at))


def _timelines(view: View, table: Table[R], text: str, since: dict[Guest, datetime]) -> Sequence[R]:
    if not since:
        return []
    guests = sorted(since)
    parameters: list[Any] = [
        [guest.acceptor_id for guest in guests],
        [guest.holder_id for guest in guests],
        [since[guest] for guest in guests],
    ]
    statement = sql.SQL(text).format(
        t=sql.Identifier(view.schema, table.name + view.suffix),
        c=sql.SQL(", ").join(sql.Identifier("t", name) for name in table.columns),
    )
    return [table.row(*row) for row in view.connection.execute(statement, parameters, binary=True)]


# Ordered inside LATERAL: each guest is one walk along the index, whatever the planner knows of the table.
_REDEMPTIONS_SINCE = """
SELECT t.* FROM unnest(%b::uuid[], %b::uuid[], %b::timestamptz[]) AS k (acceptor_id, holder_id, since)
CROSS JOIN LATERAL (SELECT {c} FROM {t} t WHERE t.acceptor_id = k.acceptor_id AND t.holder_id = k.holder_id
    AND t.redeemed_at >= k.since ORDER BY t.redeemed_at) t
"""
_REDEMPTIONS_AROUND = """
SELECT t.* FROM unnest(%b::uuid[], %b::uuid[], %b::timestamptz[]) AS k (acceptor_id, holder_id, since)
CROSS JOIN LATERAL (
    (SELECT {c} FROM {t} t WHERE t.acceptor_id = k.acceptor_id AND t.holder_id = k.holder_id
        AND t.redeemed_at >= k.since AND t.stands ORDER BY t.redeemed_at)
    UNION ALL
    (SELECT {c} FROM {t} t WHERE t.acceptor_id = k.acceptor_id AND t.holder_id = k.holder_id
        AND t.redeemed_at < k.since AND t.stands ORDER BY t.redeemed_at DESC LIMIT 1)
) t
"""
_PAYMENTS_AROUND = """
SELECT t.* FROM unnest(%b::uuid[], %b::uuid[], %b::timestamptz[]) AS k (merchant_id, customer_id, since)
CROSS JOIN LATERAL (
    (SELECT {c} FROM {t} t WHERE t.merchant_id = k.merchant_id AND t.customer_id = k.customer_id
        AND t.paid_at >= k.since AND NOT t.own ORDER BY t.paid_at)
    UNION ALL
    (SELECT {c} FROM {t} t WHERE t.merchant_id = k.merchant_id AND t.customer_id = k.customer_id
        AND t.paid_at < k.since AND NOT t.own ORDER BY t.paid_at DESC LIMIT 1)
) t
"""
