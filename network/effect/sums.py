"""All that an estimate reads of an arm, as whole numbers that add up: what is known of a guest can come or go later.

Every figure of `estimate` is a function of such sums: Hájek's mean and its linearised variance are sums of the first
and second powers of weights (Särndal, Swensson, Wretman 1992, 5.7), the skewness and kurtosis of `means` those of the
third and fourth, CUPED's slope one of revenue times past spending. Integers do not round, so the sums of parts are the
sum of all, in any order, and what is taken out of a power of a large mean is not lost.
"""

from dataclasses import astuple, dataclass, fields
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

UNIT = 10**9
"""Weights and probabilities are counted in billionths."""
ORDERS = tuple((k, a, b) for k in (1, 2, 3, 4) for a in range(k + 1) for b in range(k + 1 - a))
"""Exponents of the weight, of revenue and of past spending."""

Whole: TypeAlias = NDArray[Any]
"""Python's integers: of any size."""


@dataclass(frozen=True, slots=True)
class ArmSums:
    """`least_chance`, `most_chance`, `first_at` (microseconds since 1970) are zero where there is no guest."""

    guests: int = 0
    visits: int = 0
    payers: int = 0
    spent: int = 0
    spent_squares: int = 0
    past: int = 0
    chances: int = 0
    chance_squares: int = 0
    came: int = 0
    """Weights of those who came."""
    came_squares: int = 0
    least_chance: int = 0
    most_chance: int = 0
    first_at: int = 0
    powers: tuple[int, ...] = (0,) * len(ORDERS)
    """Sums of weight^k revenue^a past^b, in the order of `ORDERS`."""

    def __add__(self, other: "ArmSums") -> "ArmSums":
        """The guests of both."""
        if not (self.guests and other.guests):
            return self if self.guests else other
        named = {name: getattr(self, name) + getattr(other, name) for name in _ADDED}
        return ArmSums(
            **named,
            least_chance=min(self.least_chance, other.least_chance),
            most_chance=max(self.most_chance, other.most_chance),
            first_at=min(self.first_at, other.first_at),
            powers=tuple(mine + theirs for mine, theirs in zip(self.powers, other.powers, strict=True)),
        )

    def power(self, k: int, a: int, b: int) -> int:
        """The sum of weight^k revenue^a past^b."""
        return self.powers[_PLACE[k, a, b]]

    @property
    def numbers(self) -> list[int]:
        """As a database keeps it."""
        *named, powers = astuple(self)
        return [*named, *powers]

    @classmethod
    def of(cls, numbers: list[int]) -> "ArmSums":
        """From what a database kept."""
        return cls(**dict(zip(_NAMED, numbers, strict=False)), powers=tuple(numbers[len(_NAMED) :]))


NOBODY = ArmSums()
_PLACE = {order: place for place, order in enumerate(ORDERS)}
_NAMED = tuple(field.name for field in fields(ArmSums) if field.name != "powers")
_ADDED = tuple(name for name in _NAMED if name not in ("least_chance", "most_chance", "first_at"))
WIDTH = len(_NAMED) + len(ORDERS)
"""Of `numbers`."""


@dataclass(frozen=True, slots=True)
class Guests:
    """Guests of any arms, an entry each. The chance of a guest's arm is `own` / (`own` + `other`), whole numbers."""

    own: NDArray[np.int64]
    other: NDArray[np.int64]
    visited: NDArray[np.bool_]
    revenue: NDArray[np.int64]
    past: NDArray[np.int64]
    at: NDArray[np.int64]

    def sums(self, group: NDArray[np.int64]) -> dict[int, ArmSums]:
        """`{group: of its guests}`; `group` says of each guest in which they are."""
        chance, weight = _shares(self.own, self.own + self.other), _shares(self.own + self.other, self.own)
        weights = [weight.astype(object) ** k for k in (1, 2, 3, 4)]
        exact = [each.astype(object) for each in (chance, self.revenue)]
        came, paid = self.visited, (self.revenue != 0) | (self.past != 0)
        where = _Groups(group)
        sums: dict[str, list[int]] = {
            "guests": where.add(np.ones_like(self.own)),
            "visits": where.add(came.astype(np.int64)),
            "payers": where.add((self.revenue > 0).astype(np.int64)),
            "spent": where.add(exact[1]),
            "spent_squares": where.add(exact[1] ** 2),
            "past": where.add(self.past.astype(object)),
            "chances": where.add(exact[0]),
            "chance_squares": where.add(exact[0] ** 2),
            "came": where.add(np.where(came, weights[0], 0)),
            "came_squares": where.add(np.where(came, weights[1], 0)),
            "least_chance": where.each(np.minimum, chance),
            "most_chance": where.each(np.maximum, chance),
            "first_at": where.each(np.minimum, self.at),
        }
        powers = [
            where.add(weights[k - 1]) if a + b == 0 else where.add(self._monomial(weights[k - 1], a, b, paid), paid)
            for k, a, b in ORDERS
        ]
        return {
            name: ArmSums(
                **{field: int(column[place]) for field, column in sums.items()},
                powers=tuple(int(column[place]) for column in powers),
            )
            for place, name in enumerate(where.names)
        }

    def _monomial(self, weight: Whole, a: int, b: int, paid: NDArray[np.bool_]) -> Whole:
        """Of those who paid before or after: most guests pay nothing, and add nothing."""
        product: Whole = weight[paid] * self.revenue[paid].astype(object) ** a * self.past[paid].astype(object) ** b
        return product


class _Groups:
    """Entries that belong together, to be added up."""

    def __init__(self, group: NDArray[np.int64]) -> None:
        known, self._place = np.unique(group, return_inverse=True)
        self.names: list[int] = known.tolist()
        self._order = np.argsort(self._place, kind="stable")
        self._starts = np.searchsorted(self._place[self._order], np.arange(len(known)))

    def each(self, function: Any, values: Whole) -> list[int]:
        """What `function` makes of the entries of each group."""
        found: list[int] = function.reduceat(values[self._order], self._starts).tolist() if self.names else []
        return found

    def add(self, values: Whole, of: NDArray[np.bool_] | None = None) -> list[int]:
        """The sum of each group; `values` may be those of some entries only."""
        if of is None:
            return self.each(np.add, values)
        place = self._place[of]
        order = np.argsort(place, kind="stable")
        bounds = np.searchsorted(place[order], np.arange(len(self.names) + 1))
        ordered = values[order]
        return [sum(ordered[begin:end].tolist()) for begin, end in pairwise(bounds.tolist())]


def _shares(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.int64]:
    """In billionths, rounded half up."""
    return (2 * UNIT * part + whole) // (2 * whole)
