"""How far long work has come: the work says `done` of `total`, and whoever waits gives it something to say it to."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

Told = Callable[[int, int], None]
T = TypeVar("T")
EVERY: Final = 500


def to_nobody(done: int, total: int) -> None:
    """Nobody waits."""


def part(told: Told, begin: int, end: int) -> Told:
    """What says of work that is a part of more: the whole goes from `begin` to `end` percent meanwhile."""
    return lambda done, total: told(begin + (end - begin) * done // max(1, total), 100)


def each(items: Sequence[T], told: Told) -> Iterator[T]:
    """The same items, telling now and then how many were taken."""
    for number, item in enumerate(items):
        if number % EVERY == 0:
            told(number, len(items))
        yield item
