"""The organizers' console: what needs somebody today, and everything that an organizer watches and decides."""

from network.api.pages.console import (
    agreements,
    flows,
    health,
    home,
    limits,
    log,
    partners,
    statements,
    window,
    windows,
)

ROUTERS = (
    home.router,
    partners.router,
    agreements.router,
    windows.router,
    window.router,
    statements.router,
    limits.router,
    flows.router,
    log.router,
    health.router,
)
