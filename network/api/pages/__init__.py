"""Pages that people see: declared with `page(...)`, rendered by a template, calling the same commands as the API."""

from network.api.pages import account, docs, enrol, people, sign_in, start, tills

ROUTERS = (
    start.router,
    sign_in.router,
    enrol.router,
    account.router,
    people.router,
    tills.router,
    docs.router,
)
