"""The draw as somebody with a notebook and a bag of lots would do it: exact fractions, a million lots, one pulled."""

import hashlib
import hmac
from collections import Counter
from fractions import Fraction
from math import floor
from typing import Any
from uuid import UUID

Plain = dict[str, Any]
LOTS = 1_000_000


def pulled(secret: bytes, payment_id: UUID) -> int:
    """The number of the lot for this bill."""
    return floor(int.from_bytes(hmac.digest(secret, payment_id.bytes, hashlib.sha256)[:16]) * LOTS / Fraction(2**128))


def kept(least: int, value: Fraction, most: int) -> Fraction:
    return Fraction(min(most, max(least, floor(value + Fraction(1, 2)))), 10_000)


def weight(one: Plain) -> int:
    pull = one["owed"] * ((one["adds"] > 0) - (one["adds"] < 0))
    times = (
        kept(2_500, Fraction(10_000 * (one["gave"] + 10), one["received"] + 10), 40_000)
        * kept(5_000, 10_000 - Fraction(10_000 * pull, 20 * one["face"]), 20_000)
        * kept(1_000, Fraction(one["room"]), 10_000)
    )
    return max(1, floor(10_000 * times + Fraction(1, 2)))


def parts(ones: list[Plain], exploration: int) -> list[Fraction]:
    """What each gets of one whole: pinned ones all of it, fixed shares theirs, and the others the rest by weight."""
    hands = Counter(one["hand"] for one in ones)
    among = "pinned" if hands["pinned"] else "free"
    same = Counter(one["acceptor"] for one in ones)
    fixed = [
        Fraction(one["share"], 10_000 * same[one["acceptor"]]) if one["hand"] == "share" and among == "free" else 0
        for one in ones
    ]
    if not hands[among]:
        return [Fraction(part) / sum(fixed) for part in fixed]
    rest, weights = 1 - sum(fixed), [weight(one) if one["hand"] == among else 0 for one in ones]
    even = Fraction(exploration, 10_000)
    return [
        part + rest * (even / hands[among] + (1 - even) * Fraction(own, sum(weights))) if own else Fraction(part)
        for part, own in zip(fixed, weights, strict=True)
    ]


def drawn(ones: list[Plain], rules: Plain, lot: int) -> UUID | None:
    """The agreement on the lot; None for those that say nothing."""
    ones = sorted(ones, key=lambda one: one["agreement"])
    neutral = 0 if any(one["hand"] == "pinned" for one in ones) else rules["neutral"] * 100
    exact = [(LOTS - neutral) * part for part in parts(ones, rules["exploration"])]
    lots = [floor(number) for number in exact]
    by_remainder = sorted(range(len(ones)), key=lambda i: (floor(exact[i]) - exact[i], i))
    for i in by_remainder[: LOTS - neutral - sum(lots)]:
        lots[i] += 1
    bag = neutral
    for one, number in zip(ones, lots, strict=True):
        if bag <= lot < bag + number:
            return UUID(str(one["agreement"]))
        bag += number
    return None
