"""How far the command of a page has come, for the page that waits for its answer.

Kept by the process that does the work and gone with the answer: it decides nothing, and a page without it says only
that something is being done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final
from uuid import UUID

from network.telling import Told, to_nobody

_told: Final[ContextVar[Told]] = ContextVar("pollen_told", default=to_nobody)
_shares: Final[dict[tuple[UUID, UUID], int]] = {}
"""`{(coalition, command): percent}`."""


def telling() -> Told:
    """What long work of this request says how far it is to; threads that it starts find it too."""
    return _told.get()


def share_of(coalition_id: UUID, command_id: UUID) -> int | None:
    """Percent of it that is done; None: it is not under way here."""
    return _shares.get((coalition_id, command_id))


@contextmanager
def told_of(coalition_id: UUID, command_id: UUID) -> Iterator[None]:
    """Within it, `share_of` says how far the command is."""
    command = coalition_id, command_id

    def tell(done: int, total: int) -> None:
        if command in _shares:  # a word that comes after the end leaves nothing behind
            _shares[command] = min(100, done * 100 // max(1, total))

    before = _told.set(tell)
    _shares[command] = 0
    try:
        yield
    finally:
        _told.reset(before)
        _shares.pop(command, None)
