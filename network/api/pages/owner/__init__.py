"""The owner's pages: what neighbours bring, agreements, certificates, money, effect, and the shop itself."""

from network.api.pages.owner import (
    agreements,
    certificates,
    disputes,
    draw,
    effect,
    home,
    limits,
    money,
    past,
    payments,
    profile,
    programs,
    statement,
    without_network,
)

ROUTERS = (
    home.router,
    agreements.router,
    certificates.router,
    limits.router,  # before statements, whose address is a number
    money.router,
    statement.router,
    disputes.router,
    payments.router,
    effect.router,
    draw.router,
    past.router,
    profile.router,
    programs.router,
    without_network.router,
)
