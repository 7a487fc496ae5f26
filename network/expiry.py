"""The expiry job: writes down that the time of certificates is over, so that their reserves are released."""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from network import recoveries
from network.access import tries
from network.application import Request
from network.coalitions import Coalitions, OpenCoalition
from network.domain.errors import Refusal
from network.jobs import Job
from network.projections import certificates
from network.watching import watch_caps

log = logging.getLogger(__name__)

AT_ONCE = 500
EVERY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Expiries:
    """What one run did. `refused`: ended in another way since the view was read, or expired by another run."""

    expired: int
    refused: int


def expire_due(coalition: OpenCoalition, at: datetime) -> Expiries:
    """Expire every active certificate whose time is over at `at`. Safe to repeat and to run twice at once.

    Reads the view `certificates`: what that does not show yet is left for the next run.
    """
    expired = refused = 0
    after = None
    while True:
        with coalition.readers.connection() as connection:
            due = certificates.due(connection, coalition.schema, at, after=after, limit=AT_ONCE)
        waiting = [
            coalition.application.expire_certificate(
                request=Request("network", str(uuid4()), row.certificate_id.bytes, at),
                certificate_id=row.certificate_id,
            )
            for row in due
        ]
        for future in waiting:
            try:
                future.result().facts()
            except Refusal:
                refused += 1
            else:
                expired += 1
        if len(due) < AT_ONCE:
            return Expiries(expired, refused)
        after = due[-1].expires_at, due[-1].certificate_id


class ExpiryJob(Job):
    """Runs `expire_due` and `watch_caps` for every coalition each minute, and forgets tries and codes that are over."""

    def __init__(self, coalitions: Coalitions, *, every_seconds: float = EVERY_SECONDS) -> None:
        super().__init__(coalitions, "expiry", _expire, every_seconds=every_seconds)


def _expire(coalition: OpenCoalition, at: datetime) -> None:
    tries.forget_old(coalition, at)
    recoveries.forget_old(coalition, at)
    watch_caps(coalition)
    done = expire_due(coalition, at)
    if done.expired:
        log.info("certificates_expired", extra={"coalition": coalition.entry.slug, "expired": done.expired})
