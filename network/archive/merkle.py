"""A hash tree over the links of a window's events, as RFC 6962 builds it: one root that every partner is shown."""

from collections.abc import Iterable
from hashlib import sha256

LEAF, NODE, SIZE = b"\x00", b"\x01", 32


class Tree:
    """`leaves` are the 32-byte hashes of the chain, in log order. An odd node goes up as it is. Each level is one piece
    of memory: 64 bytes for each leaf in all.
    """

    def __init__(self, leaves: Iterable[bytes]) -> None:
        lowest = bytearray()
        for leaf in leaves:
            lowest += sha256(LEAF + leaf).digest()
        self._levels = [lowest]
        while len(below := self._levels[-1]) > SIZE:
            level = bytearray()
            for start in range(0, len(below) - SIZE, 2 * SIZE):
                level += sha256(NODE + below[start : start + 2 * SIZE]).digest()
            self._levels.append(level + below[len(below) // (2 * SIZE) * 2 * SIZE :])

    @property
    def root(self) -> bytes:
        """Of no leaves it is the hash of nothing."""
        return bytes(self._levels[-1]) if self._levels[-1] else sha256(b"").digest()

    def path(self, index: int) -> list[bytes]:
        """The neighbours on the way from a leaf to the root, the lowest first; none where a node goes up alone."""
        found = []
        for level in self._levels[:-1]:
            neighbour = (index ^ 1) * SIZE
            if neighbour < len(level):
                found.append(bytes(level[neighbour : neighbour + SIZE]))
            index //= 2
        return found
