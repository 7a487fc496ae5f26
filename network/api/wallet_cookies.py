"""A wallet's secret in a cookie: no script reads it, and it outlives what a browser forgets of a page's own storage.

A request is by cookie when it names its coalition in a header. A page of another host cannot send that header without
being allowed to, and nobody is; and the cookie does not come with what other sites send.
"""

from typing import Final

from fastapi import Request
from fastapi.responses import Response

from network.settings import Settings

COALITION: Final = "Pollen-Coalition"
_SECONDS: Final = 400 * 24 * 3600  # as long as browsers keep a cookie
_WALLETS_MAX: Final = 20


def keep(response: Response, settings: Settings, slug: str, secret: str) -> None:
    """Give the browser the secret of its wallet in this coalition."""
    response.set_cookie(
        _prefix(settings) + slug, secret, max_age=_SECONDS, path="/", secure=_is_https(settings), httponly=True,
        samesite="strict",
    )  # fmt: skip


def drop(response: Response, settings: Settings, slug: str) -> None:
    """Take it back."""
    response.delete_cookie(
        _prefix(settings) + slug, path="/", secure=_is_https(settings), httponly=True, samesite="strict"
    )


def secret_in(request: Request, settings: Settings) -> str:
    """The secret of the wallet in the coalition that the page named; nothing for a request of another site."""
    slug = request.headers.get(COALITION)
    if slug is None or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return ""
    return request.cookies.get(_prefix(settings) + slug, "")


def secrets_in(request: Request, settings: Settings) -> dict[str, str]:
    """`{coalition: secret}` of every wallet that this browser has a cookie of."""
    prefix = _prefix(settings)
    found = {name.removeprefix(prefix): secret for name, secret in request.cookies.items() if name.startswith(prefix)}
    return dict(list(found.items())[:_WALLETS_MAX])


def _prefix(settings: Settings) -> str:
    """`__Host-`: browsers take it by https alone, and from no other host's page."""
    return "__Host-pollen-wallet-" if _is_https(settings) else "pollen-wallet-"


def _is_https(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")
