"""Audits that organizers start from their pages: one at a time for a coalition, beside the work, with its progress.

The last result is kept by the process that ran it, and gone with it: any audit can be run again from the log.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from network.audit import AuditReport, audit
from network.coalitions import OpenCoalition, draw_key_of, open_connection
from network.settings import Settings

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Run:
    """One audit. `done` of `total` events are read. `ended_at` None: it still runs."""

    began_at: datetime
    done: int = 0
    total: int = 0
    report: AuditReport | None = None
    ended_at: datetime | None = None

    @property
    def sound(self) -> bool | None:
        """Whether nothing disagrees; None while that is not known, or when it could not be finished."""
        return self.report.sound if self.report and self.ended_at else None

    @property
    def share(self) -> int:
        """Percent of the log that was read."""
        return min(100, self.done * 100 // self.total) if self.total else 0


_runs: dict[UUID, Run] = {}
_lock = threading.Lock()


def run_of(coalition: OpenCoalition) -> Run | None:
    """The running audit or the last one; None: none was run since the network started."""
    return _runs.get(coalition.coalition_id)


def start(coalition: OpenCoalition, settings: Settings, database_url: str, now: Callable[[], datetime]) -> None:
    """Begin one, unless one runs."""
    with _lock:
        known = run_of(coalition)
        if known is not None and known.ended_at is None:
            return
        run = _runs[coalition.coalition_id] = Run(now())
    key = draw_key_of(settings.master_key, coalition.coalition_id)
    url = coalition.entry.database_url or database_url
    threading.Thread(target=_audit, args=(run, coalition.schema, url, key, now), name="audit", daemon=True).start()


def _audit(run: Run, schema: str, url: str, draw_key: bytes, now: Callable[[], datetime]) -> None:
    def progress(done: int, total: int) -> None:
        run.done, run.total = done, total

    try:
        with open_connection(url) as connection:
            run.report = audit(connection, schema, draw_key=draw_key, progress=progress)
    except Exception:
        log.exception("audit_failed")
    finally:
        run.ended_at = now()
