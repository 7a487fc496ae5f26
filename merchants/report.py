"""The day at this till, from its own journal: what was paid, deducted, given, refunded, refused, and what still waits.

A pure function of the journal's entries. The network's reports are the truth between shops; this one is for the drawer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from merchants.amounts import format_amount
from merchants.entries import Entry


@dataclass(frozen=True, slots=True)
class Line:
    """A count and, where it makes sense, a sum in minor units."""

    count: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class DayReport:
    """`deducted` and `given` leave out what was undone; `cash_back` is the part of refunds in money."""

    day: date
    currency: str
    payments: Line
    deducted: Line
    undone: Line
    given: Line
    cash_back: Line
    refused: Line
    waiting: Line


def bounds_of(day: date, time_zone: str) -> tuple[datetime, datetime]:
    """The instants at which the local day begins and ends."""
    zone = ZoneInfo(time_zone)
    return datetime.combine(day, time.min, zone), datetime.combine(day + timedelta(days=1), time.min, zone)


def day_report(entries: Iterable[Entry], *, day: date, currency: str) -> DayReport:
    """`entries` are those of the day. A reversal counts on the day it was asked for."""
    journal = list(entries)
    done = [entry for entry in journal if entry.state == "done"]
    undone = {entry.note.get("redemption_id") for entry in done if entry.name == "reverse_redemption"}
    redeemed = [entry for entry in done if entry.name == "redeem"]
    # A bill sent twice with the same details is on record once.
    payments = {entry.note["bill"]: _of(entry, "amount") for entry in done if entry.name == "record_payment"}
    standing = [entry for entry in redeemed if entry.note.get("redemption_id") not in undone]
    reversals = [entry for entry in done if entry.name == "reverse_redemption"]
    given = [one for entry in done if entry.name == "issue_certificates" for one in _certificates(entry)]
    refunds = [entry for entry in done if entry.name == "refund"]
    return DayReport(
        day=day,
        currency=currency,
        payments=Line(len(payments), sum(payments.values())),
        deducted=Line(len(standing), sum(_of(entry, "deducted") for entry in standing)),
        undone=Line(len(reversals), sum(_of(entry, "deducted") for entry in reversals)),
        given=Line(len(given), sum(int(one.get("face", 0)) for one in given)),
        cash_back=Line(len(refunds), sum(_of(entry, "cash") for entry in refunds)),
        refused=Line(sum(entry.state == "refused" for entry in journal)),
        waiting=Line(sum(entry.state == "waiting" for entry in journal)),
    )


def report_text(report: DayReport, *, width: int) -> str:
    """As wide as the receipt paper."""
    lines = [f"DAY REPORT {report.day:%d.%m.%Y}".center(width).rstrip(), "-" * width]
    for label, line in (
        ("Bills paid", report.payments),
        ("Certificates taken", report.deducted),
        ("Undone", report.undone),
        ("Certificates given", report.given),
        ("Refunds, cash", report.cash_back),
        ("Refused", report.refused),
        ("Waiting for network", report.waiting),
    ):
        lines.append(f"{label:<{width - 6}}{line.count:>6}")
        if line.total:
            lines.append(format_amount(line.total, report.currency).rjust(width))
    return "\n".join(lines)


def _of(entry: Entry, name: str) -> int:
    return int((entry.answer or {}).get(name) or 0)


def _certificates(entry: Entry) -> list[dict[str, Any]]:
    return list((entry.answer or {}).get("certificates", ()))
