"""Who was drawn for what, and did the guest come? Draws, and what those guests paid at each neighbour afterwards.

A draw counts for a shop's estimates when it was random, its guest is known, and no other draw of that guest at that
shop counted within the horizon before: so no two horizons overlap, and each draw is random given all before it. For
the whole street the same holds of the guest's draws at all shops. Only the customer named on a bill is a guest here, of
every arm alike; the holder of a certificate is not looked at, because guests without one could not be seen that way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, assert_never
from uuid import UUID

from network.domain.payment import Payment
from network.projections.projection import Projection
from network.projections.tables import Json, Table, View

HORIZON = timedelta(days=30)
BEFORE = timedelta(days=90)
"""The period whose spending steadies the estimate; it ends with the draw."""

Reads: TypeAlias = (
    Payment.Recorded
    | Payment.Announced
    | Payment.Deducted
    | Payment.DeductionReversed
    | Payment.Completed
    | Payment.Assigned
    | Payment.Overridden
    | Payment.IssueDecided
    | Payment.Refunded
)


@dataclass(slots=True)
class DrawRow:
    """One draw. `arm` is the partner it fell on, None the neutral arm; probabilities in millionths.

    `given`: empty while undecided, then as_drawn or otherwise. `counts`, `counts_in_street`: see above.
    """

    payment_id: UUID
    issuer_id: UUID
    customer_id: UUID | None
    drawn_at: datetime
    randomised: bool
    neutral_probability: int
    arm: UUID | None
    given: str
    counts: bool
    counts_in_street: bool

    @property
    def is_measurable(self) -> bool:
        """Whether guests with and without can be compared by it, once its horizon is over."""
        return self.counts and self.neutral_probability > 0


@dataclass(slots=True)
class OutcomeRow:
    """What the guest of a draw did at one partner that could have been drawn: bills and money within the horizon.

    `revenue` and `revenue_before` are what was paid in money and not given back. `drawn`: this partner was the arm.
    `changed_position` is that of the last event that made the row another one.
    """

    payment_id: UUID
    acceptor_id: UUID
    customer_id: UUID
    drawn_at: datetime
    probability: int
    drawn: bool
    visits: int
    revenue: int
    revenue_before: int
    changed_position: int


@dataclass(slots=True)
class DrawnPairRow:
    """A shop that drew, and a partner that could have been drawn for a guest whose draw counts."""

    issuer_id: UUID
    acceptor_id: UUID


@dataclass(slots=True)
class DrawCountsRow:
    """How many draws of a shop there are, of which kind; see `measuring.counts`. `otherwise`: of those measurable."""

    issuer_id: UUID
    drawn: int = 0
    randomised: int = 0
    without_guest: int = 0
    not_random: int = 0
    again: int = 0
    without_neutral: int = 0
    measurable: int = 0
    otherwise: int = 0

    def add(self, draw: DrawRow) -> None:
        """One more."""
        self.drawn += 1
        self.randomised += draw.randomised
        self.without_guest += draw.customer_id is None
        known = draw.customer_id is not None
        self.not_random += known and not draw.randomised
        self.again += known and draw.randomised and not draw.counts
        self.without_neutral += draw.counts and not draw.neutral_probability
        self.measurable += draw.is_measurable


@dataclass(slots=True)
class GuestBillRow:
    """A bill whose guest is or may become known. `taken`: `{redemption: deduction that stands}`."""

    bill_id: UUID
    merchant_id: UUID
    customer_id: UUID | None
    paid_at: datetime | None
    amount: int
    taken: Json
    refunded: int
    refunded_cash: int

    def worth(self) -> tuple[int, int]:
        """Visits (one, or none once all of it went back) and what was paid in money and kept."""
        if self.paid_at is None or self.customer_id is None:
            return 0, 0
        deducted = sum(amount for amount in self.taken.values() if isinstance(amount, int))
        return int(self.refunded < self.amount), max(0, self.amount - deducted - self.refunded_cash)


DRAWS = Table(
    "draws",
    DrawRow,
    ("payment_id",),
    indexes=("(customer_id, drawn_at) WHERE customer_id IS NOT NULL", "(drawn_at)"),
)
OUTCOMES = Table(
    "draw_outcomes",
    OutcomeRow,
    ("payment_id", "acceptor_id"),
    indexes=("(customer_id, drawn_at)", "(changed_position)"),
)
DRAWN_PAIRS = Table("drawn_pairs", DrawnPairRow, ("issuer_id", "acceptor_id"), indexes=("(acceptor_id)",))
DRAW_COUNTS = Table(
    "draw_counts",
    DrawCountsRow,
    ("issuer_id",),
    sums=tuple(field.name for field in fields(DrawCountsRow) if field.name != "issuer_id"),
)
GUEST_BILLS = Table(
    "guest_bills", GuestBillRow, ("bill_id",), indexes=("(customer_id, paid_at) WHERE customer_id IS NOT NULL",)
)


_NEVER = datetime(9000, 1, 1, tzinfo=UTC)
"""No facts touch nobody."""


class _Known:
    """The rows that a batch of events touches: of each guest no more than can matter to its earliest instant."""

    def __init__(self, facts: Sequence[tuple[int, Reads]], view: View) -> None:
        self._named = bills = {event.originator_id for _, event in facts}
        self._changed: dict[tuple[UUID, UUID], OutcomeRow] = {}
        self._counted: dict[UUID, DrawCountsRow] = {}
        self._pairs: dict[tuple[UUID, UUID], DrawnPairRow] = {}
        self.bills = {row.bill_id: row for row in view.load(GUEST_BILLS, "bill_id", bills)}
        self.draws = {row.payment_id: row for row in view.load(DRAWS, "payment_id", bills)}
        named = {guest for _, event in facts if (guest := getattr(event, "customer_id", None)) is not None}
        guests = named | {row.customer_id for row in self.bills.values() if row.customer_id is not None}
        paid = [row.paid_at for row in self.bills.values() if row.paid_at is not None]
        first_at = min([*paid, *(event.timestamp for _, event in facts)], default=_NEVER)
        drawn = {e.customer_id for _, e in facts if isinstance(e, Payment.Assigned) and e.customer_id is not None}
        for draw in view.load_since(DRAWS, "customer_id", drawn, "drawn_at", first_at - HORIZON):
            self.draws.setdefault(draw.payment_id, draw)
        for bill in view.load_since(GUEST_BILLS, "customer_id", drawn, "paid_at", first_at - BEFORE):
            self.bills.setdefault(bill.bill_id, bill)
        self.outcomes: dict[UUID, list[OutcomeRow]] = {}
        for outcome in view.load_since(OUTCOMES, "customer_id", guests, "drawn_at", first_at - HORIZON):
            self.outcomes.setdefault(outcome.customer_id, []).append(outcome)

    def save(self, view: View) -> None:
        """Write what the events speak of, and the outcomes that are others now; the rest was only looked at."""
        view.save(GUEST_BILLS, (row for row in self.bills.values() if row.bill_id in self._named))
        view.save(DRAWS, (row for row in self.draws.values() if row.payment_id in self._named))
        view.save(OUTCOMES, self._changed.values())
        view.save(DRAW_COUNTS, self._counted.values())
        view.save(DRAWN_PAIRS, self._pairs.values())

    def counted(self, issuer_id: UUID) -> DrawCountsRow:
        """What this batch adds to the counts of a shop's draws."""
        return self._counted.setdefault(issuer_id, DrawCountsRow(issuer_id))

    def follow(self, draw: DrawRow, outcomes: Iterable[OutcomeRow]) -> None:
        """From now on these of the guest's too."""
        for one in outcomes:
            self.outcomes.setdefault(one.customer_id, []).append(one)
            self._changed[one.payment_id, one.acceptor_id] = one
            self._pairs.setdefault((draw.issuer_id, one.acceptor_id), DrawnPairRow(draw.issuer_id, one.acceptor_id))

    def move(self, bill: GuestBillRow, before: tuple[int, int], position: int) -> None:
        """A bill is worth something else than before: so are the outcomes of the draws that it follows."""
        visits, revenue = (now - was for now, was in zip(bill.worth(), before, strict=True))
        if bill.customer_id is None or bill.paid_at is None or not (visits or revenue):
            return
        for one in self.outcomes.get(bill.customer_id, ()):
            if one.acceptor_id == bill.merchant_id and one.drawn_at < bill.paid_at <= one.drawn_at + HORIZON:
                one.visits += visits
                one.revenue += revenue
                one.changed_position = position
                self._changed[one.payment_id, one.acceptor_id] = one

    def after(self, draw: DrawRow, acceptor_id: UUID) -> tuple[int, int]:
        """Visits and revenue of bills that were on record before the draw and happened after it: imported ones."""
        own = [
            bill for bill in self._bills_at(draw, acceptor_id) if draw.drawn_at < _paid(bill) <= draw.drawn_at + HORIZON
        ]
        return sum(bill.worth()[0] for bill in own), sum(bill.worth()[1] for bill in own)

    def before(self, draw: DrawRow, acceptor_id: UUID) -> int:
        """What the guest spent there in the period before."""
        own = self._bills_at(draw, acceptor_id)
        return sum(bill.worth()[1] for bill in own if draw.drawn_at - BEFORE <= _paid(bill) < draw.drawn_at)

    def _bills_at(self, draw: DrawRow, merchant_id: UUID) -> Iterable[GuestBillRow]:
        return [
            bill
            for bill in self.bills.values()
            if bill.customer_id == draw.customer_id and bill.merchant_id == merchant_id and bill.paid_at is not None
        ]


def fold(facts: Sequence[tuple[int, Reads]], view: View) -> None:
    """Follow each guest from the draw to the neighbours' bills."""
    known = _Known(facts, view)
    for position, event in facts:
        match event:
            case Payment.Assigned():
                _draw(known, event, position)
            case Payment.Overridden() | Payment.IssueDecided():
                _decide(known, event)
            case _:
                _bill(known, event, position)
    known.save(view)


def _draw(known: _Known, event: Payment.Assigned, position: int) -> None:
    partners = {chance.candidate.agreement_id: chance.candidate.acceptor_id for chance in event.chances}
    guest, at = event.customer_id, event.timestamp
    recent = [
        one
        for one in known.draws.values()
        if guest is not None and one.customer_id == guest and one.drawn_at + HORIZON > at
    ]
    may = event.randomised and guest is not None
    draw = DrawRow(
        payment_id=event.originator_id,
        issuer_id=event.merchant_id,
        customer_id=guest,
        drawn_at=at,
        randomised=event.randomised,
        neutral_probability=event.neutral_probability,
        arm=partners[event.agreement_id] if event.agreement_id else None,
        given="",
        counts=may and not any(one.counts and one.issuer_id == event.merchant_id for one in recent),
        counts_in_street=may and not any(one.counts_in_street for one in recent),
    )
    known.draws[draw.payment_id] = draw
    known.counted(draw.issuer_id).add(draw)
    if guest is not None and (draw.counts or draw.counts_in_street):
        known.follow(draw, list(_outcomes(known, event, draw, guest, position)))


def _outcomes(
    known: _Known, event: Payment.Assigned, draw: DrawRow, guest: UUID, position: int
) -> Iterable[OutcomeRow]:
    chances: dict[UUID, int] = {}
    for chance in event.chances:
        acceptor_id = chance.candidate.acceptor_id
        chances[acceptor_id] = chances.get(acceptor_id, 0) + chance.probability
    for acceptor_id, probability in chances.items():
        if probability:
            visits, revenue = known.after(draw, acceptor_id)
            yield OutcomeRow(
                payment_id=draw.payment_id,
                acceptor_id=acceptor_id,
                customer_id=guest,
                drawn_at=draw.drawn_at,
                probability=probability,
                drawn=acceptor_id == draw.arm,
                visits=visits,
                revenue=revenue,
                revenue_before=known.before(draw, acceptor_id),
                changed_position=position,
            )


def _decide(known: _Known, event: Payment.Overridden | Payment.IssueDecided) -> None:
    draw = known.draws.get(event.originator_id)
    if draw is not None and isinstance(event, Payment.Overridden):
        known.counted(draw.issuer_id).otherwise += draw.is_measurable and draw.given != "otherwise"
        draw.given = "otherwise"
    elif draw is not None and not draw.given:
        draw.given = "as_drawn"


def _bill(
    known: _Known,
    event: Payment.Recorded
    | Payment.Announced
    | Payment.Deducted
    | Payment.DeductionReversed
    | Payment.Completed
    | Payment.Refunded,
    position: int,
) -> None:
    key = event.originator_id
    bill = known.bills.get(key)
    if isinstance(event, Payment.Announced) or (isinstance(event, Payment.Recorded) and event.customer_id is not None):
        bill = known.bills[key] = GuestBillRow(key, event.merchant_id, None, None, 0, {}, 0, 0)
    if bill is None:  # nobody is named on it, and nobody will be
        return
    before = bill.worth()
    match event:
        case Payment.Recorded() | Payment.Completed():
            bill.amount, bill.customer_id, bill.paid_at = event.amount, event.customer_id, event.timestamp
        case Payment.Announced() | Payment.Deducted():
            bill.taken[str(event.redemption_id)] = event.deducted
        case Payment.DeductionReversed():
            del bill.taken[str(event.redemption_id)]
        case Payment.Refunded():
            bill.refunded += event.amount
            bill.refunded_cash += event.cash
        case _:
            assert_never(event)
    known.move(bill, before, position)


def _paid(bill: GuestBillRow) -> datetime:
    assert bill.paid_at is not None, "only paid bills are asked"
    return bill.paid_at


PROJECTION = Projection(
    "assignments", Reads, (GUEST_BILLS, DRAWS, OUTCOMES, DRAWN_PAIRS, DRAW_COUNTS), fold, patient=True
)
