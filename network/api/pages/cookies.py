"""The cookies of pages, and the token that a form carries so that no other site can send it."""

import hmac
from typing import Final

from fastapi import Request
from fastapi.responses import Response

from network.access.secrets import forms_token, new_session_secret
from network.settings import Settings

PERSON: Final = "person"
TILL: Final = "till"
FORMS: Final = "forms"
LANGUAGE: Final = "language"
_TILL_SECONDS: Final = 400 * 24 * 3600  # as long as browsers keep a cookie
_YEAR: Final = 365 * 24 * 3600


def cookie(settings: Settings, name: str) -> str:
    """The cookie's whole name. `__Host-`: browsers take it by https alone, and from no other host's page."""
    return f"__Host-pollen-{name}" if is_https(settings) else f"pollen-{name}"


def is_https(settings: Settings) -> bool:
    """Whether people come by https."""
    return settings.public_url.startswith("https://")


def read(request: Request, settings: Settings, name: str) -> str:
    """The cookie's value, or nothing."""
    return request.cookies.get(cookie(settings, name), "")[:200]


def keep(response: Response, settings: Settings, name: str, value: str) -> None:
    """Give the browser a cookie that no script reads. A till keeps its own; a person's ends with the browser."""
    seconds = {TILL: _TILL_SECONDS, LANGUAGE: _YEAR}.get(name)
    response.set_cookie(
        cookie(settings, name), value, max_age=seconds, path="/", secure=is_https(settings), httponly=True,
        samesite="lax",
    )  # fmt: skip


def drop(response: Response, settings: Settings, name: str) -> None:
    """Take it back."""
    response.delete_cookie(cookie(settings, name), path="/", secure=is_https(settings), httponly=True, samesite="lax")


def joined(slug: str, secret: str) -> str:
    """A session's cookie: the coalition's short name and the secret."""
    return f"{slug}.{secret}"


def parted(value: str) -> tuple[str, str] | None:
    """The short name and the secret, if it looks like one of ours."""
    slug, dot, secret = value.partition(".")
    return (slug, secret) if dot and slug and len(secret) >= 40 else None


def forms_secret(request: Request, settings: Settings) -> tuple[str, bool]:
    """The secret behind the forms of somebody who is not signed in; and whether it is new and has to be kept."""
    kept = read(request, settings, FORMS)
    return (kept, False) if len(kept) >= 40 else (new_session_secret(), True)


def is_ours(request: Request, secret: str, sent: str, public_url: str) -> bool:
    """Whether a form comes from a page of ours: it carries this session's token, and the browser says the same."""
    if not hmac.compare_digest(forms_token(secret).encode(), sent.encode()):
        return False
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or origin in (public_url, f"{request.url.scheme}://{request.url.netloc}")
