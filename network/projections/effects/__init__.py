"""What did certificates bring and cost, day by day? For reports; see `rows` for the tables.

The sums of a day are the sums of what each certificate and each redemption adds (`figures`), and that is a function of
the facts known of it and its neighbours (`book`, `guests`), not of the order in which they came. When a fact changes
one, what it added is taken back and what it adds now is put in its place (`batch`): so an event that is recorded late,
a reversal or a refund corrects the past day it belongs to, and a view that is folded anew has the same rows.
"""

from collections.abc import Sequence
from typing import TypeAlias

from network.domain.certificate import Certificate
from network.domain.coalition import Coalition
from network.domain.merchant import Merchant
from network.domain.payment import Payment
from network.projections.effects.batch import Batch
from network.projections.effects.rows import (
    CERTIFICATES,
    DAYS,
    HOPS,
    MARGINS,
    PAYMENTS,
    REDEMPTIONS,
    WAITS,
    ZONE,
    MarginRow,
    ZoneRow,
)
from network.projections.projection import Projection
from network.projections.tables import View

Reads: TypeAlias = (
    Coalition.Founded
    | Merchant.MarginSet
    | Certificate.Issued
    | Certificate.PassedOn
    | Certificate.Redeemed
    | Certificate.RedemptionReversed
    | Certificate.RedemptionRefunded
    | Certificate.Expired
    | Certificate.ExpiryUndone
    | Certificate.Revoked
    | Payment.Recorded
    | Payment.Completed
    | Payment.Refunded
)


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Take the batch in, then look at what it changed."""
    margins: dict[object, MarginRow] = {}
    moves = []
    for _, event in facts:
        match event:
            case Coalition.Founded():
                view.save(ZONE, [ZoneRow(event.originator_id, event.time_zone)])
            case Merchant.MarginSet():
                margins[event.originator_id] = MarginRow(event.originator_id, event.margin, event.timestamp)
            case _:
                moves.append(event)
    view.save(MARGINS, margins.values())
    if moves:
        batch = Batch(view, moves)
        for event in moves:
            batch.take(event)
        batch.settle()


_TABLES = (CERTIFICATES, DAYS, HOPS, MARGINS, PAYMENTS, REDEMPTIONS, WAITS, ZONE)
PROJECTION = Projection(
    "effects", Reads, (CERTIFICATES, DAYS, HOPS, MARGINS, PAYMENTS, REDEMPTIONS, WAITS, ZONE), fold, patient=True
)
