"""What the wallet's page is made of, beside its static files: the page, its worker, its manifest, its texts."""

from functools import cache
from pathlib import Path
from typing import Final

import msgspec
from babel.messages.pofile import read_po
from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from network.api.errors import RouteNotFound
from network.languages import LANGUAGES, catalogue_path

router = APIRouter(include_in_schema=False)
_FILES: Final = Path(__file__).parents[1] / "static" / "wallet"
_CHECKED: Final = {"Cache-Control": "no-cache"}
_MANIFEST: Final = {
    "name": "Pollen",
    "short_name": "Pollen",
    "start_url": "/v",
    "scope": "/v",
    "display": "standalone",
    "background_color": "#f5f1ea",
    "theme_color": "#1d6a52",
    "icons": [
        {"src": "/static/wallet/icon-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any maskable"},
        {"src": "/static/wallet/icon-512.png", "sizes": "512x512", "type": "image/png", "purpose": "any maskable"},
        {"src": "/static/wallet/icon.svg", "sizes": "any", "type": "image/svg+xml"},
    ],
}


@router.get("/v")
async def open_wallet() -> Response:
    """What a scanned code opens; the token stands behind the # and never comes here."""
    return FileResponse(_FILES / "wallet.html", headers=_CHECKED, media_type="text/html")


@router.get("/v/worker.js")
async def keep_for_later() -> Response:
    """From here, because a worker rules over the folder that it comes from."""
    headers = _CHECKED | {"Service-Worker-Allowed": "/v"}
    return FileResponse(_FILES / "worker.js", headers=headers, media_type="text/javascript")


@router.get("/v/manifest.webmanifest")
async def install() -> Response:
    """For the home screen."""
    return Response(msgspec.json.encode(_MANIFEST), 200, _CHECKED, "application/manifest+json")


@router.get("/v/words/{language}.json")
async def speak(language: str) -> Response:
    """The page's texts of one language, by the English ones. Raises: RouteNotFound."""
    if language not in LANGUAGES:
        raise RouteNotFound()
    return Response(_texts(language), 200, _CHECKED, "application/json")


@cache
def _texts(language: str) -> bytes:
    if language == LANGUAGES[0]:
        return b"{}"
    with catalogue_path("wallet", language).open("rb") as file:
        catalogue = read_po(file, locale=language, domain="wallet")
    return msgspec.json.encode({str(one.id): one.string for one in catalogue if one.id and one.string})
