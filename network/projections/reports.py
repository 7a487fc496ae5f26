"""Reports: pure functions of view rows. Each says the log position it speaks for.

with at_one_position(connection, schema, ("flows",)) as position:
    report = flows_report(position, flows.by_agreement(connection, schema))
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from uuid import UUID

from network.projections.balances import BalanceRow
from network.projections.flows import SUMS, Flow
from network.projections.obligations import ObligationRow
from network.projections.reserves import ReserveRow


@dataclass(frozen=True, slots=True)
class PairDebt:
    """What two parties owe each other, gross, and the net of it: `debtor_id` is the one that owes the net.

    `by_kind`: `{kind: (debtor owes creditor, creditor owes debtor)}` in minor units. An even pair names the smaller id
    as debtor, with a net of zero.
    """

    debtor_id: UUID
    creditor_id: UUID
    owed: int
    owed_back: int
    net: int
    by_kind: dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class ObligationsReport:
    """Who owes whom at `position`. `gross` is all that was posted, `net` what is left pair by pair."""

    position: int
    pairs: list[PairDebt]
    gross: int
    net: int


@dataclass(frozen=True, slots=True)
class BalancesReport:
    """Where each party stands at `position`; the nets sum to zero."""

    position: int
    parties: list[BalanceRow]


@dataclass(frozen=True, slots=True)
class ReservesReport:
    """What would be owed at `position` if every active certificate were used in full."""

    position: int
    pairs: list[ReserveRow]
    total: int


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of a whole, both shown: a percentage alone says nothing about four guests."""

    part: int
    whole: int

    @property
    def basis_points_rounded_down(self) -> int | None:
        """None while there is nothing to divide by."""
        return self.part * 10_000 // self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class PairFlow:
    """What went from an issuer to an acceptor, all agreements together; `figures` as in `Flow`.

    `redemption_rate`: used certificates, of those that were used or whose time ended unused (DOMAIN 6).
    """

    issuer_id: UUID
    acceptor_id: UUID
    agreements: int
    figures: dict[str, int]
    redemption_rate: Rate


@dataclass(frozen=True, slots=True)
class FlowsReport:
    """Every directed pair at `position`, since the coalition was founded."""

    position: int
    pairs: list[PairFlow]


def obligations_report(position: int, rows: Iterable[ObligationRow]) -> ObligationsReport:
    """Net both directions of each pair."""
    kinds: dict[tuple[UUID, UUID], dict[str, list[int]]] = {}
    for row in rows:
        first, second = sorted((row.debtor_id, row.creditor_id))
        both = kinds.setdefault((first, second), {}).setdefault(row.kind, [0, 0])
        both[0 if row.debtor_id == first else 1] += row.owed
    pairs = [_pair(first, second, by_kind) for (first, second), by_kind in sorted(kinds.items())]
    gross = sum(pair.owed + pair.owed_back for pair in pairs)
    return ObligationsReport(position, pairs, gross, sum(pair.net for pair in pairs))


def _pair(first: UUID, second: UUID, kinds: dict[str, list[int]]) -> PairDebt:
    there = sum(both[0] for both in kinds.values())
    back = sum(both[1] for both in kinds.values())
    if there >= back:
        by_kind = {kind: (both[0], both[1]) for kind, both in sorted(kinds.items())}
        return PairDebt(first, second, there, back, there - back, by_kind)
    by_kind = {kind: (both[1], both[0]) for kind, both in sorted(kinds.items())}
    return PairDebt(second, first, back, there, back - there, by_kind)


def balances_report(position: int, rows: Iterable[BalanceRow]) -> BalancesReport:
    """Every party of the coalition: only all of them together sum to zero."""
    parties = sorted(rows, key=lambda row: row.party_id)
    assert sum(row.net for row in parties) == 0, "every posting takes from one what it gives to another"
    return BalancesReport(position, parties)


def reserves_report(position: int, rows: Iterable[ReserveRow]) -> ReservesReport:
    """The pairs that hold a reserve now."""
    pairs = sorted((row for row in rows if row.reserved), key=lambda row: (row.funder_id, row.creditor_id))
    return ReservesReport(position, pairs, sum(row.reserved for row in pairs))


def flows_report(position: int, rows: Iterable[Flow]) -> FlowsReport:
    """Add up the agreements of each directed pair."""
    by_pair: dict[tuple[UUID, UUID], list[Flow]] = {}
    for row in rows:
        by_pair.setdefault((row.issuer_id, row.acceptor_id), []).append(row)
    return FlowsReport(position, [_pair_flow(*pair, flows) for pair, flows in sorted(by_pair.items())])


def _pair_flow(issuer_id: UUID, acceptor_id: UUID, flows: list[Flow]) -> PairFlow:
    names = [field.name for field in fields(Flow) if field.name in SUMS]
    figures = {name: sum(getattr(flow, name) for flow in flows) for name in names}
    rate = Rate(figures["used_count"], figures["used_count"] + figures["expired_unused_count"])
    return PairFlow(issuer_id, acceptor_id, len(flows), figures, rate)
