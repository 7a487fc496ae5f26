"""What came of an import, as one document: the same files and the same log give the same bytes."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from network.domain.postings import organizer_of, pool_of
from network.projections.balances import BalanceRow
from network.replay.figures import Figures
from network.replay.importer import Outcome
from network.replay.source import ATTEMPTS, CERTIFICATES, FILES, Source
from network.replay.steps import EXPIRY, Steps

SHOWN_FLOW = (
    "issued_count", "active_count", "redeemed_count", "expired_count", "revoked_count",
    "issued_value", "active_value", "redeemed_value", "released_value", "expired_value", "revoked_value",
)  # fmt: skip


@dataclass
class Tally:
    """Counts outcomes, in lines, and keeps in mind which certificates are handed out and unused (`alive`)."""

    accepted: Counter[str] = field(default_factory=Counter)
    refused: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    alive: set[str] = field(default_factory=set)

    def add(self, outcome: Outcome) -> None:
        """Count one step."""
        step, code = outcome
        if code:
            self.refused[step.kind][code] += len(step.refs)
            return
        self.accepted[step.kind] += len(step.refs)
        if step.kind == CERTIFICATES:
            self.alive.update(step.refs)
        elif step.kind == ATTEMPTS:
            self.alive.difference_update(step.refs)

    def decided(self, kind: str) -> int:
        """Lines that were accepted or refused."""
        return self.accepted[kind] + self.refused[kind].total()


def report_of(
    *,
    coalition: dict[str, str],
    steps: Steps,
    tally: Tally,
    figures: Figures,
    findings: list[str] | None,
    complete: bool,
) -> dict[str, Any]:
    """The document. `complete`: every line was decided, so what was over at the last instant has ended too.
    `findings`: what the audit says, None without one.
    """
    source = steps.source
    balances = dict(figures.balances)
    names = _names(steps, UUID(coalition["coalition_id"]))
    standing = [_balance(ref, balances.pop(steps.merchant_id(ref), None)) for ref in source.merchants]
    standing += [_balance(names.get(party, str(party)), row) for party, row in balances.items()]
    return {
        "coalition": coalition,
        "files": {name: _file(source, tally, name) for name in FILES},
        "bad_lines": [str(bad) for name in FILES for bad in source.bad[name]],
        "expired": {"at": source.ends_at.isoformat(), **_counts(tally, EXPIRY)} if complete else None,
        "certificates": {name: figures.flow[name] for name in SHOWN_FLOW},
        "obligations": sorted(
            (
                {
                    "debtor": names.get(row.debtor_id, str(row.debtor_id)),
                    "creditor": names.get(row.creditor_id, str(row.creditor_id)),
                    "kind": row.kind,
                    "owed": row.owed,
                    "entries": row.entries,
                }
                for row in figures.obligations
            ),
            key=lambda row: (row["debtor"], row["creditor"], row["kind"]),
        ),
        "balances": sorted(standing, key=lambda row: str(row["partner"])),
        "sum_of_balances": sum(row["net"] for row in standing),
        "audit": {} if findings is None else {"sound": not findings, "findings": findings},
        "head": {"position": figures.position, "hash": figures.hash.hex()},
    }


def as_json(report: dict[str, Any]) -> bytes:
    """Sorted and indented, for people and `diff` alike."""
    return (json.dumps(report, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _names(steps: Steps, coalition_id: UUID) -> dict[UUID, str]:
    shops = {steps.merchant_id(ref): ref for ref in steps.source.merchants}
    return shops | {pool_of(coalition_id): "(pool)", organizer_of(coalition_id): "(organizer)"}


def _file(source: Source, tally: Tally, name: str) -> dict[str, Any]:
    bad = len(source.bad[name])
    left = source.lines[name] - bad - tally.decided(name)
    return {"lines": source.lines[name], **_counts(tally, name), "bad": bad, "not_reached": left}


def _counts(tally: Tally, kind: str) -> dict[str, Any]:
    return {"accepted": tally.accepted[kind], "refused": dict(tally.refused[kind])}


def _balance(partner: str, row: BalanceRow | None) -> dict[str, Any]:
    receives, owes, net = (row.receives, row.owes, row.net) if row else (0, 0, 0)
    return {"partner": partner, "receives": receives, "owes": owes, "net": net}
