"""Raising a limit takes two people: what one of them proposed, and another one has to confirm (DOMAIN 4.3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from network.domain.errors import CannotConfirmOwnRaise, CapChangedSince, RaiseExpired
from network.domain.units import Minor

RAISE_STANDS_FOR: Final = timedelta(days=7)


def is_raise(limit: Minor | None, *, over: Minor | None) -> bool:
    """Whether `limit` lets more through than the present one; None is no limit at all."""
    return over is not None and (limit is None or limit > over)


@dataclass(frozen=True, slots=True)
class Raise:
    """A proposed raise. `over` is the limit that its proposer saw; `person_id` the proposer, a pseudonym."""

    scope: str
    limit: Minor | None
    over: Minor | None
    person_id: UUID
    reason: str
    expires_at: datetime

    @property
    def proposed_at(self) -> datetime:
        """When its proposer asked."""
        return self.expires_at - RAISE_STANDS_FOR

    def must_be_confirmable(self, *, person_id: UUID, present: Minor | None, at: datetime) -> None:
        """Raises: RaiseExpired, CannotConfirmOwnRaise, CapChangedSince: the second person agrees to what it sees."""
        if at >= self.expires_at:
            raise RaiseExpired(expired_at=self.expires_at)
        if person_id == self.person_id:
            raise CannotConfirmOwnRaise()
        if present != self.over:
            raise CapChangedSince()
