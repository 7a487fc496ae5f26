"""The application: routes, and what runs beside them in the same process (views, webhooks, expiry)."""

import gc
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

from fastapi import FastAPI
from starlette.exceptions import HTTPException

from network.api.errors import HANDLERS
from network.api.health import router as health
from network.api.limits import Limits
from network.api.logs import write_json_logs
from network.api.metrics import Metrics
from network.api.middleware import Outermost
from network.api.openapi import describe
from network.api.operations import operations_of
from network.api.pages import ROUTERS as PAGES
from network.api.pages.nowhere import on_http
from network.api.route_index import index_routes
from network.api.routes import (
    agreements,
    allotments,
    bank,
    brought,
    campaigns,
    caps,
    coalitions,
    contacts,
    credentials,
    defaults,
    disputes,
    drawing,
    effects,
    events,
    guests,
    limited_network,
    merchants,
    offline,
    papers,
    payments,
    payouts,
    pictures,
    published,
    redemptions,
    reports,
    status_lists,
    wallet,
    webhooks,
    windows,
)
from network.api.routes import (
    open as opened,
)
from network.api.service import Service
from network.api.static_files import static
from network.api.threads import in_thread
from network.api.wallet.page import router as wallet_page
from network.coalitions import Clock, Coalitions, open_connection
from network.expiry import ExpiryJob
from network.projections.runner import ProjectionRunner
from network.settings import Settings
from network.settling import SettlementJob
from network.webhooks import WebhookSender

log = logging.getLogger(__name__)

# Where two fit an address, the first is taken.
ROUTERS = (
    redemptions.router,
    payments.router,
    drawing.router,
    wallet.router,
    guests.router,
    contacts.router,
    pictures.router,
    coalitions.router,
    merchants.router,
    offline.router,
    credentials.router,
    agreements.router,
    allotments.router,
    campaigns.router,
    caps.router,
    limited_network.router,
    reports.router,
    brought.router,
    effects.router,
    papers.router,
    windows.router,
    payouts.router,
    bank.router,
    disputes.router,
    defaults.router,
    events.router,
    webhooks.router,
    published.router,
    status_lists.router,
    opened.router,
    wallet_page,
    *PAGES,
    health,
)
OPERATIONS = tuple(one for router in ROUTERS for one in operations_of(router.routes))


class Beside(Protocol):
    """Something that runs in its own thread beside the requests."""

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """Finish what is in hand, and end."""


def create_app(
    settings: Settings,
    database_url: str,
    *,
    clock: Clock = lambda: datetime.now(UTC),
    limits: Limits | None = None,
    beside: bool = True,
) -> FastAPI:
    """The application over one database. `beside` False leaves views, webhooks and expiry to other processes."""
    metrics = Metrics()
    hints: list[Callable[[str, int], None]] = [metrics.appended]
    coalitions_open = Coalitions(
        database_url,
        settings.master_key,
        clock=clock,
        appended=_all_of(hints),
    )
    service = Service(settings, coalitions_open, metrics, limits)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        write_json_logs(settings.log_level)
        _calm_the_collector()
        running: dict[str, Beside] = {}
        if beside:
            runner = ProjectionRunner(coalitions_open.directory, open_connection)
            sender = WebhookSender(coalitions_open, dev=settings.dev)
            hints.extend((runner.appended, sender.appended))
            jobs: dict[str, Beside] = {
                "expiry": ExpiryJob(coalitions_open),
                "settlement": SettlementJob(coalitions_open),
            }
            running = {"projections": runner, "webhooks": sender, **jobs}
        for one in running.values():
            one.start()
        app.state.threads = {name: _aliveness(one) for name, one in running.items()}
        try:
            yield
        finally:
            del hints[1:]
            for one in running.values():
                await in_thread(one.stop)
            await in_thread(service.postman.stop)
            await in_thread(coalitions_open.close)

    app = FastAPI(
        title="Pollen",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # `/metrics` and the log say it already
        exception_handlers={**HANDLERS, HTTPException: on_http},
    )
    app.state.service = service
    app.state.threads = {}
    app.state.operations = OPERATIONS
    app.openapi = lambda: describe(app, OPERATIONS)  # type: ignore[method-assign]
    app.add_middleware(Outermost, metrics=metrics, debug=settings.log_level == "debug")
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # flat: an included router would be one more step for each request
    app.mount("/static", static())
    if settings.dev:
        _add_bench(app)
    index_routes(app)
    return app


def create_bench_app(settings: Settings, database_url: str, **options: Any) -> FastAPI:
    """The application, and the floor that its redemptions are measured against."""
    app = create_app(settings, database_url, **options)
    if not settings.dev:
        _add_bench(app)
        index_routes(app)
    return app


def _add_bench(app: FastAPI) -> None:
    from network.api.routes import bench  # noqa: PLC0415 - never in production

    app.router.routes.extend(bench.router.routes)


def _calm_the_collector() -> None:
    """The committer keeps some thousand aggregates, which the collector would walk again and again (measured: a quarter
    of a command's time).
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _all_of(hints: Sequence[Callable[[str, int], None]]) -> Callable[[str, int], None]:
    """Tell everyone who wants to know of an append, those too who come later."""

    def appended(slug: str, position: int) -> None:
        for hint in hints:
            hint(slug, position)

    return appended


def _aliveness(one: Beside) -> Callable[[], bool]:
    return lambda: one.is_alive
