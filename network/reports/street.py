"""The whole street: who sends whom how many guests, who gives and who takes, how it goes. Small counts are hidden."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from network.domain.units import Minor
from network.reports.figures import Counted, Figure, added, large_kinds
from network.reports.partner import ChainHop, Heading, chain
from network.reports.reading import Group, Hop
from network.reports.suppression import hidden, is_small


class Stance(StrEnum):
    """What a partner does with its neighbours' guests."""

    ONLY_GIVES = "only_gives"
    ONLY_GETS = "only_gets"
    BOTH = "both"
    NEITHER = "neither"
    FEW = "few"
    """Only what is not shown, because it is under five."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A directed pair. None: one to four, not shown. `value`: what was deducted from bills."""

    issuer_id: UUID
    acceptor_id: UUID
    issued: int | None
    used: int | None
    value: Minor | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a partner gave and got, of the pairs that are shown. `new_got`: new guests; None: not shown."""

    merchant_id: UUID
    name: str
    given: int
    got: int
    value_given: Minor
    value_got: Minor
    new_got: int | None
    stance: Stance


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of the trend; None: not shown."""

    begins_on: date
    issued: int | None
    used: int | None


@dataclass(frozen=True, slots=True)
class StreetReport:
    """Every total is of the pairs that are shown; `hidden_pairs` are left out. `measured` as in the partner's page."""

    heading: Heading
    figures: list[Figure]
    cells: list[Cell]
    partners: list[Standing]
    trend: list[Month]
    hops: list[ChainHop]
    measured: dict[str, Any] | None
    hidden_pairs: int

    def name_of(self, merchant_id: UUID) -> str:
        """A partner's name."""
        return next(one.name for one in self.partners if one.merchant_id == merchant_id)


@dataclass(frozen=True, slots=True)
class StreetRows:
    """What was read for it: `stretches` are by month."""

    heading: Heading
    names: dict[UUID, str]
    pairs: Sequence[Group]
    stretches: Sequence[Group]
    hops: Sequence[Hop]
    measured: dict[str, Any] | None = None


def street_report(rows: StreetRows) -> StreetReport:
    """Only what of each pair rests on at least five uses; see `suppression`."""
    shown = [pair for pair in rows.pairs if not _is_hidden(pair)]
    issued = [pair for pair in rows.pairs if not is_small(pair.sums["issued_count"])]
    total, waits = added(shown)
    handed_out, _ = added(issued)
    for name in ("issued_count", "issued_value"):
        total[name] = handed_out.get(name, 0)
    counted = Counted(total, waits, rows.heading.period, whose=False)
    return StreetReport(
        heading=rows.heading,
        figures=[*counted.flow(), *large_kinds(counted.guests()), *counted.money(), counted.borne_by_issuers()],
        cells=[_cell(pair) for pair in rows.pairs],
        partners=_standings(rows, shown),
        trend=_trend(rows, shown, issued),
        hops=chain(rows.hops, {(pair.issuer_id, pair.acceptor_id) for pair in shown}),
        measured=rows.measured,
        hidden_pairs=len(rows.pairs) - len(shown),
    )


def _is_hidden(pair: Group) -> bool:
    return (
        is_small(pair.sums["visits_count"])
        or is_small(pair.sums["used_count"])
        or is_small(pair.sums["redemptions_count"])
    )


def _cell(pair: Group) -> Cell:
    issued, unseen = pair.sums["issued_count"], _is_hidden(pair)
    return Cell(
        pair.issuer_id,
        pair.acceptor_id,
        None if is_small(issued) else issued,
        None if unseen else pair.sums["used_count"],
        None if unseen else pair.sums["redeemed_value"],
    )


def _standings(rows: StreetRows, shown: Sequence[Group]) -> list[Standing]:
    new = {key: sum(p.sums["new_count"] for p in shown if p.acceptor_id == key) for key in rows.names}
    unseen = hidden(new)
    few = {key for pair in rows.pairs if _is_hidden(pair) for key in (pair.issuer_id, pair.acceptor_id)}
    found = []
    for key, name in rows.names.items():
        gave, got = [p for p in shown if p.issuer_id == key], [p for p in shown if p.acceptor_id == key]
        given, received = (sum(p.sums["used_count"] for p in some) for some in (gave, got))
        found.append(
            Standing(
                merchant_id=key,
                name=name,
                given=given,
                got=received,
                value_given=sum(p.sums["redeemed_value"] for p in gave),
                value_got=sum(p.sums["redeemed_value"] for p in got),
                new_got=None if key in unseen else new[key],
                stance=Stance.FEW if not given + received and key in few else _stance(given, received),
            )
        )
    return sorted(found, key=lambda one: (one.got - one.given, one.name))


def _stance(given: int, got: int) -> Stance:
    if given and got:
        return Stance.BOTH
    if given:
        return Stance.ONLY_GIVES
    return Stance.ONLY_GETS if got else Stance.NEITHER


def _trend(rows: StreetRows, shown: Sequence[Group], issued: Sequence[Group]) -> list[Month]:
    """Of the same pairs as the totals: a month is a part of what is shown already."""
    in_used, in_issued = ({(p.issuer_id, p.acceptor_id) for p in some} for some in (shown, issued))
    months: dict[date, list[int]] = {}
    for group in rows.stretches:
        assert group.begins_on is not None, "a trend is asked for by month"
        at, pair = months.setdefault(group.begins_on, [0, 0]), (group.issuer_id, group.acceptor_id)
        at[0] += group.sums["issued_count"] if pair in in_issued else 0
        at[1] += group.sums["used_count"] if pair in in_used else 0
    unseen = [hidden({month: row[i] for month, row in months.items()}) for i in range(2)]
    return [
        Month(month, *(None if month in unseen[i] else row[i] for i in range(2)))
        for month, row in sorted(months.items())
    ]
