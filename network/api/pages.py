"""The page that a scanned QR opens, and its files."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)
_FILES = Path(__file__).parent / "static"


@router.get("/v")
async def open_certificate() -> Response:
    """The token stands behind the # and never comes here."""
    return FileResponse(_FILES / "wallet.html", headers={"Cache-Control": "no-cache"}, media_type="text/html")


def static() -> StaticFiles:
    """Scripts and styles."""
    return StaticFiles(directory=_FILES)
