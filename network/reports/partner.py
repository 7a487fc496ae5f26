"""One partner's page: what certificates brought, what they cost, what would have happened anyway, what to change."""

from calendar import monthrange
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from network.domain.units import BasisPoints
from network.reports.advice import Advice, advise
from network.reports.figures import Counted, Figure, added, large_kinds
from network.reports.period import Period
from network.reports.reading import Group, Hop
from network.reports.suppression import hidden, is_small, steps


@dataclass(frozen=True, slots=True)
class Heading:
    """What every report says of itself: `position` is the log's, all figures are of it."""

    coalition: str
    currency: str
    time_zone: str
    position: int
    period: Period


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One directed pair of the partner, or one version of its agreement."""

    merchant_id: UUID
    name: str
    agreement_id: UUID | None
    version: int | None
    figures: list[Figure]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A day, week or month of the trend; None where the count is under five and not the reader's own."""

    begins_on: date
    received: int | None
    new: int | None
    given: int | None


@dataclass(frozen=True, slots=True)
class ChainHop:
    """Gift chains: how many certificates came so far, were used there, and whose guest came again within 90 days."""

    hop: int
    reached: int | None
    used: int | None
    known: int | None
    again_90: int | None


@dataclass(frozen=True, slots=True)
class PartnerReport:
    """`received`: neighbours that sent guests; `given`: those that got some. `measured` is `measuring`'s document;
    None says that nothing was randomised. `hidden_pairs` are left out of every figure.
    """

    heading: Heading
    merchant_id: UUID
    name: str
    margin: BasisPoints | None
    brought: list[Figure]
    cost: list[Figure]
    giving: list[Figure]
    received: list[Neighbour]
    given: list[Neighbour]
    versions: list[Neighbour]
    trend: list[Stretch]
    hops: list[ChainHop]
    advice: list[Advice]
    measured: dict[str, Any] | None
    hidden_pairs: int


@dataclass(frozen=True, slots=True)
class PartnerRows:
    """What was read for it. `months`: by calendar month, whole years from January to the last month that is over."""

    heading: Heading
    merchant_id: UUID
    names: dict[UUID, str]
    margin: BasisPoints | None
    pairs: Sequence[Group]
    versions: Sequence[Group]
    stretches: Sequence[Group]
    hops: Sequence[Hop]
    limit_used: BasisPoints | None
    measured: dict[str, Any] | None = None
    months: Sequence[Group] = ()


def partner_report(rows: PartnerRows, *, own: bool) -> PartnerReport:
    """`own`: the partner itself reads it, and sees its own small counts and what its margin says. Guests that it sent
    are the other's: of fewer than five it sees the certificates, which are its own, and not who they were.
    """
    me, period = rows.merchant_id, rows.heading.period
    pairs = [pair for pair in rows.pairs if own or not is_small(pair.sums["visits_count"])]
    shown = {(pair.issuer_id, pair.acceptor_id) for pair in pairs}
    received = [pair for pair in pairs if pair.acceptor_id == me]
    given = [pair for pair in pairs if pair.issuer_id == me]
    got, waits = added(received)
    gave, _ = added(given)
    margin = rows.margin if own else None
    mine = Counted(got, waits, period, margin=margin, whose=own)
    theirs = Counted(gave, {}, period, whose=False)
    versions = [one for one in rows.versions if (one.issuer_id, one.acceptor_id) in shown] if own else []
    return PartnerReport(
        heading=rows.heading,
        merchant_id=me,
        name=rows.names[me],
        margin=margin,
        brought=[
            *mine.flow(),
            *_guests(mine, own),
            *[f for f in mine.money() if f.name in _BROUGHT],
        ],
        cost=[f for f in mine.money() if f.name not in _BROUGHT],
        giving=[*theirs.flow()[:6], *theirs.giving()],
        received=[_neighbour(one, one.issuer_id, rows, whole=True, own=own) for one in received],
        given=[_neighbour(one, one.acceptor_id, rows, whole=False, own=own) for one in given],
        versions=[_version(one, rows, own=own) for one in versions],
        trend=_trend(rows, shown, own=own),
        hops=_hops(rows, shown),
        advice=advise(got, gave, cost=mine.cost, margin=margin, limit_used=rows.limit_used) if own else [],
        measured=rows.measured,
        hidden_pairs=len(rows.pairs) - len(pairs),
    )


_BROUGHT = ("bills", "spent_over", "followed_30", "followed_60", "followed_90")


def _neighbour(group: Group, other: UUID, rows: PartnerRows, *, whole: bool, own: bool) -> Neighbour:
    margin = rows.margin if own else None
    counted = Counted(group.sums, group.waits, rows.heading.period, margin=margin, whose=own)
    if whole:
        figures = [*counted.flow(), *_guests(counted, own), *counted.money()]
    else:
        figures = [*counted.flow(), *([] if group.version else _kinds_sent(group, rows)), *counted.giving()]
    return Neighbour(other, rows.names[other], group.agreement_id, group.version, figures)


def _guests(counted: Counted, own: bool) -> list[Figure]:
    return counted.guests() if own else large_kinds(counted.guests())


def _kinds_sent(group: Group, rows: PartnerRows) -> list[Figure]:
    """Who the guests were that it sent to a neighbour, whose guests they are now: of the steps in the period."""
    period, pair = rows.heading.period, (group.issuer_id, group.acceptor_id)
    months = [
        (one.begins_on, {name: one.sums[name] for name in _KINDS})
        for one in rows.months
        if (one.issuer_id, one.acceptor_id) == pair and one.begins_on is not None
    ]
    inside = [
        step
        for step in steps(months)
        if period.first_on <= step.first_month and _end_of(step.last_month) <= period.last_on
    ]
    if not inside:
        return []
    sums = {name: sum(step.counts[name] for step in inside) for name in _KINDS}
    covered = Period(inside[0].first_month, _end_of(inside[-1].last_month), period.as_of)
    return Counted(sums | {"visits_count": sum(sums.values())}, {}, covered, whose=False).guests()[:5]


_KINDS = ("new_count", "lapsed_count", "returning_count", "unknown_count")


def _end_of(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def _version(group: Group, rows: PartnerRows, *, own: bool) -> Neighbour:
    received = group.acceptor_id == rows.merchant_id
    return _neighbour(group, group.issuer_id if received else group.acceptor_id, rows, whole=received, own=own)


def _trend(rows: PartnerRows, shown: set[tuple[UUID, UUID]], *, own: bool) -> list[Stretch]:
    counts: dict[date, list[int]] = {}
    for group in rows.stretches:
        if (group.issuer_id, group.acceptor_id) in shown and group.begins_on is not None:
            at = counts.setdefault(group.begins_on, [0, 0, 0])
            if group.acceptor_id == rows.merchant_id:
                at[0] += group.sums["visits_count"]
                at[1] += group.sums["new_count"]
            else:
                at[2] += group.sums["used_count"]
    unseen = [hidden({day: row[i] for day, row in counts.items()}) if not own else frozenset() for i in range(3)]
    return [
        Stretch(day, *(None if day in unseen[i] else row[i] for i in range(3))) for day, row in sorted(counts.items())
    ]


def _hops(rows: PartnerRows, shown: set[tuple[UUID, UUID]]) -> list[ChainHop]:
    """Of certificates towards the partner."""
    return chain([hop for hop in rows.hops if hop.acceptor_id == rows.merchant_id], shown)


def chain(hops: Iterable[Hop], shown: Container[tuple[UUID, UUID]]) -> list[ChainHop]:
    """The hops of these pairs. A hop of a few people is not shown to anybody: a chain is who gave to whom."""
    sums: dict[int, list[int]] = {}
    for hop in hops:
        if (hop.issuer_id, hop.acceptor_id) in shown:
            at = sums.setdefault(hop.hop, [0, 0, 0, 0])
            for place, name in enumerate(("reached_count", "used_count", "known_count", "again_90_count")):
                at[place] += hop.sums[name]
    unseen = [hidden({hop: row[i] for hop, row in sums.items()}) for i in range(4)]
    return [
        ChainHop(hop, *(None if hop in unseen[i] else row[i] for i in range(4))) for hop, row in sorted(sums.items())
    ]
