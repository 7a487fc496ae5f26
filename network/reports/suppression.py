"""Small counts: fewer than five of another partner's guests are not shown, and cannot be worked out (DOMAIN 8).

**What is protected.** Between partners a pair with one to four uses shows nothing that depends on them: no count, no
value, no share. No total includes a hidden pair: totals are of what is shown, and say how many pairs are left out. So a
report says the same whatever a hidden count is, and no subtraction inside it reveals one. Where a total is shown beside
its parts (kinds of guests, months of a trend), a small part is hidden together with the next smallest parts, until
together they are five or more.

**What is not.** That a pair is under five is said. Two reports of different periods can be subtracted from each other:
what is handed around is divided by calendar month at least. The organizer, who settles, reads every event anyway: this
is for what is shown to others.
"""

from collections.abc import Hashable, Mapping
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
