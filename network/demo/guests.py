"""The demo's guests, who are invented: where they go by themselves, and what a certificate changes about it.

Because they are invented, the true effect is known, and the estimates of the demo's pages can be compared with it.
"""

import random
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from network.demo.street import BAKERY, BOOKSHOP, CAR_WASH, RESTAURANT, SALON, STREET, Shop

GUESTS: Final = 900
LONGEST_DELAY_DAYS: Final = 20


@dataclass(frozen=True)
class Habit:
    """`regulars`: the part of all guests who go to a shop by habit. Visits in 30 days: theirs, and everybody else's."""

    regulars: float
    visits: float
    visits_of_others: float


HABITS: Final = {
    SALON: Habit(0.30, 0.9, 0.06),
    RESTAURANT: Habit(0.08, 1.5, 0.06),
    CAR_WASH: Habit(0.06, 0.8, 0.03),
    BAKERY: Habit(0.02, 4.0, 0.06),
    BOOKSHOP: Habit(0.05, 0.7, 0.03),
}

BRINGS: Final = {
    (SALON, RESTAURANT): 0.35,
    (RESTAURANT, CAR_WASH): 0.25,
    (CAR_WASH, BAKERY): 0.10,
    (BAKERY, BOOKSHOP): 0.15,
    (BOOKSHOP, SALON): 0.10,
    (SALON, BAKERY): 0.05,
}
"""Of the guests who are given this certificate, the part who come once more than they would have without."""


class Guests:
    """What everybody does from day to day. The same seed and the same certificates: the same days."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  invented guests need no secrecy
        self._daily = [{shop: self._habit(habit) / 30 for shop, habit in HABITS.items()} for _ in range(GUESTS)]
        self._brought: defaultdict[int, list[tuple[int, Shop]]] = defaultdict(list)

    def _habit(self, habit: Habit) -> float:
        return habit.visits if self._random.random() < habit.regulars else habit.visits_of_others

    def visits(self, day: int) -> list[tuple[int, Shop, bool]]:
        """Who goes where on this day, in order; and whether a certificate brought them."""
        chance = self._random.random
        coming = [
            (guest, shop, False) for guest, daily in enumerate(self._daily) for shop in STREET if chance() < daily[shop]
        ]
        coming += [(guest, shop, True) for guest, shop in self._brought.pop(day, ())]
        self._random.shuffle(coming)
        return coming

    def give(self, guest: int, issuer: Shop, acceptor: Shop, *, day: int, valid_days: int) -> None:
        """A certificate for `acceptor`, which brings some once more, on another day while it is valid."""
        if self._random.random() < BRINGS[issuer, acceptor]:
            latest = min(LONGEST_DELAY_DAYS, valid_days - 1)
            self._brought[day + self._random.randint(1, latest)].append((guest, acceptor))
