"""The page that a scanned QR opens, and its files."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)
_FILES = Path(__file__).parent / "static"
_CHECKED = {"Cache-Control": "no-cache"}


@router.get("/v")
async def open_certificate() -> Response:
    """The token stands behind the # and never comes here."""
    return FileResponse(_FILES / "wallet.html", headers=_CHECKED, media_type="text/html")


class _Files(StaticFiles):
    """A browser asks whether its copy is still the newest."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        answer = super().file_response(*args, **options)
        answer.headers.update(_CHECKED)
        return answer


def static() -> StaticFiles:
    """Scripts and styles."""
    return _Files(directory=_FILES)
