"""What the notebook reckons with: halves go up, parts add up, a day ends in its own time zone."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

Plain = dict[str, Any]
Outcome = tuple[str, Plain]
LARGEST = 10**12


class No(Exception):
    """The rule that forbids it."""


def half_up(amount: Fraction) -> int:
    return floor(amount + Fraction(1, 2))


def shares(amount: int, rates: list[int]) -> list[int]:
    """Largest remainder; of equal remainders the last part gets the unit first."""
    exact = [Fraction(amount * rate, 10_000) for rate in rates]
    parts = [floor(part) for part in exact]
    order = sorted(range(len(rates)), key=lambda i: (exact[i] - parts[i], i))
    while sum(parts) < amount:
        parts[order.pop()] += 1
    return parts


def first_instant_after(day: date, zone: ZoneInfo) -> datetime:
    """The first instant whose local date is past `day`, found by halving."""
    early = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)
    late = early + timedelta(days=5)
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        early, late = (middle, late) if middle.astimezone(zone).date() <= day else (early, middle)
    return late


def funded(terms: Plain, amount: int) -> list[int]:
    """The issuer's and the pool's part of an amount."""
    rates = [terms["issuer_rate"], terms["pool_rate"], 10_000 - terms["issuer_rate"] - terms["pool_rate"]]
    return shares(amount, rates)[:2]


def deducted(bill: Plain) -> int:
    """What certificates took off a bill."""
    return sum(deduction["amount"] for deduction in bill["deductions"].values())


def used(certificate: Plain) -> bool:
    """Whether a redemption stands."""
    return any(not redemption["reversed"] for redemption in certificate["redemptions"].values())


def sensible(terms: Plain) -> bool:
    """Whether a certificate could be issued and settled by these terms."""
    rates = [terms["share"], terms["issuer_rate"], terms["pool_rate"]]
    return (
        (terms["fixed"] > 0) != (terms["share"] > 0)
        and all(0 <= rate <= 10_000 for rate in rates)
        and terms["issuer_rate"] + terms["pool_rate"] <= 10_000
        and 0 <= terms["days"] <= 1_096
    )


def bill_of(amount: int | None, customer: UUID | None) -> Plain:
    return {
        "amount": amount,
        "customer": customer,
        "deductions": {},
        "decided": None,
        "drawn": None,
        "refunded": 0,
        "refunds": set(),
    }
