"""Whether the network is well: how far each view is, what stands still, and the audit of everything from the log."""

from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from network.api.pages.console import auditing
from network.api.pages.visits import ORGANIZER, Visit, page
from network.api.threads import in_thread
from network.projections.tracking import Tracked, progress

router = APIRouter()
FINDINGS_SHOWN: Final = 50


@page(router, "GET /console/health", who=(ORGANIZER,))
async def show_health(visit: Visit) -> Response:
    """Views, threads and the audit."""
    tracked = await in_thread(_tracked, visit)
    threads = {name: is_alive() for name, is_alive in visit.request.app.state.threads.items()}
    return await visit.show(
        "console/health.html", tracked=tracked, run=auditing.run_of(visit.coalition), findings_shown=FINDINGS_SHOWN,
        threads=threads, wrong=[one for one in tracked if one.stopped] or not all(threads.values()),
        behind=max((one.behind for one in tracked), default=0),
    )  # fmt: skip


@page(router, "GET /console/health/audit", who=(ORGANIZER,))
async def show_audit(visit: Visit) -> Response:
    """The audit's card alone, which asks again while one runs."""
    if not visit.is_part:
        return visit.go("/console/health")
    run = auditing.run_of(visit.coalition)
    return await visit.show("console/audit.html", run=run, findings_shown=FINDINGS_SHOWN)


@page(router, "POST /console/health/audit", who=(ORGANIZER,))
async def start_audit(visit: Visit) -> Response:
    """Recompute every figure from the log; the shops work on meanwhile."""
    service = visit.service
    auditing.start(visit.coalition, service.settings, service.coalitions.database_url, service.now)
    return visit.go("/console/health")


def _tracked(visit: Visit) -> list[Tracked]:
    with visit.coalition.readers.connection() as connection:
        return progress(connection, visit.coalition.schema)
