"""The owner's pages: what neighbours bring, agreements, certificates, money, effect, and the shop itself."""

from network.api.pages.owner import agreements, certificates, home

ROUTERS = (home.router, agreements.router, certificates.router)
