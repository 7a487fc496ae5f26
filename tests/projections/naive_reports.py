"""What reports add up, once more from the naive days and hops: pairs, weeks, months, givers and takers."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tests.projections.naive_effects import Naive

Pair = tuple[UUID, UUID]
BEGINS: dict[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
}


def pairs_of(naive: Naive) -> dict[UUID, Pair]:
    """`{agreement: issuer and acceptor}`."""
    issued = [one.event for one in naive.issued.values()]
    return {event.origin.agreement_id: (event.issuer_id, event.acceptor_id) for event in issued}


def stretches(naive: Naive, by: str) -> dict[tuple[Pair, date], dict[str, int]]:
    """The sums of each pair by days, weeks from Monday, or months."""
    pairs = pairs_of(naive)
    sums: defaultdict[Any, Counter[str]] = defaultdict(Counter)
    for (agreement, _, day), figures in naive.days().items():
        sums[pairs[agreement], BEGINS[by](day)].update(figures)
    return {key: dict(found) for key, found in sums.items()}


def hops(naive: Naive) -> dict[tuple[Pair, int], dict[str, int]]:
    """The sums of each pair by hop."""
    pairs = pairs_of(naive)
    sums: defaultdict[Any, Counter[str]] = defaultdict(Counter)
    for (agreement, _, _, hop), figures in naive.hops().items():
        sums[pairs[agreement], hop].update(figures)
    return {key: dict(found) for key, found in sums.items()}


def standings(naive: Naive, *, times: int) -> dict[UUID, tuple[int, int, int, int]]:
    """`{partner: certificates of its own used elsewhere, of others used there, and their values}`, use by use."""
    found: defaultdict[UUID, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in naive.issued.values():
        standing = [use for use in one.uses if not use.undone]
        value = sum(use.event.amount - use.back for use in standing)
        for side, shop in enumerate((one.event.issuer_id, one.event.acceptor_id)):
            found[shop][side] += times * bool(standing)
            found[shop][side + 2] += times * value
    return {shop: (row[0], row[1], row[2], row[3]) for shop, row in found.items()}
