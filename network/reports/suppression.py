"""Small counts: fewer than five of another partner's guests are not shown, and cannot be worked out (DOMAIN 8).

**What is protected.** Between partners a pair with one to four uses shows nothing that depends on them: no count, no
value, no share. No total includes a hidden pair: totals are of what is shown, and say how many pairs are left out. So a
report says the same whatever a hidden count is, and no subtraction inside it reveals one. Where a total is shown beside
its parts (kinds of guests, months of a trend), a small part is hidden together with the next smallest parts, until
together they are five or more.

**Two reports subtracted.** Whoever may choose the days could ask for one more and subtract. So what a partner sees of
guests at a neighbour is summed in `steps`: stretches of whole months in which each kind is nought or five and more,
always divided at the same places, and taken in only as a whole.

**What is not.** That a pair is under five is said. What an organizer sees is divided by calendar month, and two months
can be subtracted; but the organizer, who settles, reads every event anyway. A refund or a late bill changes past sums.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

LEAST = 5
K = TypeVar("K", bound=Hashable)


def is_small(count: int) -> bool:
    """One to four. Nought says of nobody that they came."""
    return 0 < count < LEAST


def hidden(parts: Mapping[K, int]) -> frozenset[K]:
    """Which parts not to show beside their total: the small ones, and with them the next smallest, so that what is
    missing from the total is at least two parts and at least five.
    """
    out = {name for name, count in parts.items() if is_small(count)}
    if not out:
        return frozenset()
    rest = sorted(
        (name for name in parts if name not in out and parts[name]), key=lambda name: (parts[name], str(name))
    )
    while rest and (len(out) < 2 or sum(parts[name] for name in out) < LEAST):
        out.add(rest.pop(0))
    if len(out) < 2 or sum(parts[name] for name in out) < LEAST:
        return frozenset(name for name in parts if parts[name])
    return frozenset(out)


@dataclass(frozen=True, slots=True)
class Step:
    """Months that are shown together or not at all; `counts` are their sums."""

    first_month: date
    last_month: date
    counts: dict[str, int]


def steps(months: Iterable[tuple[date, Mapping[str, int]]]) -> list[Step]:
    """The months from January on, in order, gathered until each count is nought or five and more; what is left of a
    year waits for ever. They depend on the months alone, not on the period that somebody asks for.
    """
    found: list[Step] = []
    begun: Step | None = None
    for month, counts in sorted(months, key=lambda one: one[0]):
        before = begun if begun is not None and begun.first_month.year == month.year else Step(month, month, {})
        begun = Step(before.first_month, month, {k: before.counts.get(k, 0) + n for k, n in counts.items()})
        if not any(map(is_small, begun.counts.values())):
            found.append(begun)
            begun = None
    return found
