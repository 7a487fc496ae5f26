"""Pages that people see: declared with `page(...)`, rendered by a template, calling the same commands as the API."""

from network.api.pages import (
    account,
    confirming,
    console,
    docs,
    enrol,
    owner,
    passkeys,
    people,
    sign_in,
    start,
    till,
    tills,
)

ROUTERS = (
    start.router,
    sign_in.router,
    confirming.router,
    enrol.router,
    account.router,
    passkeys.router,
    people.router,
    tills.router,
    *owner.ROUTERS,
    *till.ROUTERS,
    *console.ROUTERS,
    docs.router,
)
