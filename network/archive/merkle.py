"""A hash tree over the links of a window's events, as RFC 6962 builds it: one root that every partner is shown."""

from collections.abc import Iterable
from hashlib import sha256

LEAF, NODE = b"\x00", b"\x01"


class Tree:
    """`leaves` are the 32-byte hashes of the chain, in log order. An odd node goes up as it is."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._levels = [[sha256(LEAF + leaf).digest() for leaf in leaves]]
        while len(below := self._levels[-1]) > 1:
            pairs = [sha256(NODE + below[n] + below[n + 1]).digest() for n in range(0, len(below) - 1, 2)]
            self._levels.append(pairs + below[len(below) & ~1 :])

    @property
    def root(self) -> bytes:
        """Of no leaves it is the hash of nothing."""
        return self._levels[-1][0] if self._levels[-1] else sha256(b"").digest()

    def path(self, index: int) -> list[bytes]:
        """The neighbours on the way from a leaf to the root, the lowest first; none where a node goes up alone."""
        found = []
        for level in self._levels[:-1]:
            neighbour = index ^ 1
            if neighbour < len(level):
                found.append(level[neighbour])
            index //= 2
        return found
