"""Scripts, styles and what others made, served by ourselves: compressed once, and asked for again only when changed."""

import gzip
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from fastapi.responses import Response
from starlette.datastructures import Headers
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FILES: Final = Path(__file__).parent / "static"
_CHECKED: Final = {"Cache-Control": "no-cache"}
_WORTH_IT: Final = (".js", ".css", ".svg", ".wasm", ".html", ".json", ".webmanifest")
_TYPES: Final = {".wasm": "application/wasm", ".webmanifest": "application/manifest+json"}


class Files(StaticFiles):
    """A browser asks whether its copy is still the newest, and gets what it can read compressed."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or that it is unchanged."""
        path = Path(full_path)
        answer = super().file_response(full_path, stat_result, scope, status_code)
        answer.headers.update(_CHECKED)
        if path.suffix in _TYPES:
            answer.headers["content-type"] = _TYPES[path.suffix]
        if not isinstance(answer, FileResponse) or path.suffix not in _WORTH_IT:
            return answer
        answer.headers["Vary"] = "Accept-Encoding"
        if "gzip" not in Headers(scope=scope).get("accept-encoding", ""):
            return answer
        return _compressed_answer(answer, _compressed(path, stat_result.st_mtime_ns))


def _compressed_answer(answer: FileResponse, body: bytes) -> Response:
    kept: dict[str, Any] = {
        name: value for name, value in answer.headers.items() if name not in ("content-length", "accept-ranges")
    }
    return Response(body, answer.status_code, {**kept, "Content-Encoding": "gzip"})


@lru_cache(maxsize=128)
def _compressed(path: Path, changed: int) -> bytes:
    """Once a change: the files are few and small."""
    return gzip.compress(path.read_bytes(), 9, mtime=0)


def static() -> StaticFiles:
    """Everything under /static."""
    return Files(directory=FILES)
