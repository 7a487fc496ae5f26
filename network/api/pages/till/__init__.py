"""The till: after payment, redeem, shift. For any phone, tablet or counter computer that an owner connected."""

from network.api.pages.till import offline, pay, pin, redeem, shift

ROUTERS = (pin.router, pay.router, redeem.router, shift.router, offline.router)
