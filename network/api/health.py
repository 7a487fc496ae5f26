"""For the operator: is the process alive, is it ready, what are its figures."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST
from psycopg import Error

from network.api.calls import shown
from network.api.service import Service
from network.api.threads import in_thread
from network.coalitions import OpenCoalition
from network.projections.tracking import Tracked, progress
from network.webhooks import slowest_position

router = APIRouter(include_in_schema=False)

Threads = dict[str, Callable[[], bool]]


@router.get("/healthz")
async def healthz() -> Response:
    """The process answers."""
    return shown({"status": "alive"})


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """The database answers and every view runs. 503 otherwise, with what stands still."""
    service: Service = request.app.state.service
    try:
        coalitions = await in_thread(_coalitions, service)
    except Error as error:
        return _status({"status": "unready", "database": type(error).__name__}, 503)
    stopped = [
        {"coalition": slug, "projection": one.projection, "stopped": one.stopped}
        for slug, tracked in coalitions.items()
        for one in tracked
        if one.stopped is not None
    ]
    threads = {name: is_alive() for name, is_alive in request.app.state.threads.items()}
    ready = not stopped and all(threads.values())
    facts: dict[str, object] = {
        "status": "ready" if ready else "unready",
        "database": "reachable",
        "threads": threads,
        "stopped": stopped,
        "behind": {slug: max((one.behind for one in tracked), default=0) for slug, tracked in coalitions.items()},
    }
    return _status(facts, 200 if ready else 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """For Prometheus."""
    service: Service = request.app.state.service
    text = await in_thread(_scraped, service)
    return Response(text, 200, None, CONTENT_TYPE_LATEST)


def _coalitions(service: Service) -> dict[str, list[Tracked]]:
    found = {}
    for entry in service.coalitions.directory.all():
        coalition = service.coalitions.open(entry.slug)
        with coalition.readers.connection(timeout=2) as connection:
            found[entry.slug] = progress(connection, coalition.schema)
    return found


def _scraped(service: Service) -> bytes:
    for entry in service.coalitions.directory.all():
        _measure(service, service.coalitions.open(entry.slug))
    return service.metrics.text()


def _measure(service: Service, coalition: OpenCoalition) -> None:
    slug = coalition.entry.slug
    with coalition.reading() as recorder:
        head = recorder.head()[0]
        for one in progress(recorder.connection, coalition.schema):
            service.metrics.projection_lag.labels(slug, one.projection).set(one.behind)
    service.metrics.position.labels(slug).set(head)
    slowest = slowest_position(coalition)
    service.metrics.webhook_lag.labels(slug).set(0 if slowest is None else max(0, head - slowest))


def _status(facts: dict[str, object], status: int) -> Response:
    answer = shown(facts)
    answer.status_code = status
    return answer
