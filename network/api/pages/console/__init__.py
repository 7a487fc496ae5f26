"""The organizers' console: what needs somebody today, and everything that an organizer watches and decides."""

from network.api.pages.console import (
    agreements,
    bank,
    defaults,
    disputes,
    flows,
    health,
    home,
    limits,
    log,
    partners,
    payment,
    payments,
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
    payments.router,
    payment.router,
    bank.router,
    disputes.router,
    defaults.router,
    limits.router,
    flows.router,
    log.router,
    health.router,
)
