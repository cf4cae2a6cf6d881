"""The page: its files, plotly.js, and the one HTML file for every address of the page."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from mimetypes import guess_type
from pathlib import Path

import anyio
import brotli
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from backend.plotly_bundle import name_compressed, read_plotly, tag_plotly

DIST = Path(__file__).resolve().parent.parent / "frontend" / "dist"
_SMALLEST = 1_000
_FOR_EVER = "public, max-age=31536000, immutable"
# Asked for anew, and answered with 304 while it is the same.
_ASK = "no-cache"
_TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


@dataclass(frozen=True)
class File:
    """A file as it is sent; ``packed`` by content encoding, empty where that gains nothing."""

    plain: bytes
    packed: dict[str, bytes]
    tag: str
    kind: str


@lru_cache(maxsize=256)
def _read(path: Path, _changed: int) -> File:
    plain = path.read_bytes()
    kind = _TYPES.get(path.suffix) or guess_type(path.name)[0] or "application/octet-stream"
    packed = {}
    if len(plain) >= _SMALLEST and not kind.startswith(("image/p", "image/j", "font/")):
        packed = {"br": brotli.compress(plain, quality=9), "gzip": gzip.compress(plain, 6, mtime=0)}
    return File(plain, packed, f'"{hashlib.sha256(plain).hexdigest()[:32]}"', kind)


@lru_cache(maxsize=1)
def _read_plotly() -> File:
    endings = {"br": "br", "gzip": "gz"}
    packed = {name: name_compressed(ending) for name, ending in endings.items()}
    found = {name: path.read_bytes() for name, path in packed.items() if path.exists()}
    return File(read_plotly(), found, f'"plotly-{tag_plotly()}"', "text/javascript")


class FrontendFiles:
    """Answers what no route of the API does. ``folder`` is the built page; it may come later."""

    def __init__(self, folder: Path = DIST) -> None:
        self.folder = folder.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            # A websocket: there is none here.
            await send({"type": "websocket.close", "code": 1000})
            return
        request = Request(scope, receive)
        if request.url.path.startswith("/api") or request.method not in ("GET", "HEAD"):
            raise HTTPException(404)
        response = await anyio.to_thread.run_sync(self._answer, request)
        await response(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        path = request.url.path
        if path == "/plotly.js":
            known = request.query_params.get("v") == version("plotly")
            return _send(request, _read_plotly(), _FOR_EVER if known else _ASK)
        file = self._find(path)
        if file is not None:
            # The build names these by their content.
            return _send(request, file, _FOR_EVER if path.startswith("/assets/") else _ASK)
        if path == "/" or "text/html" in request.headers.get("accept", ""):
            page = self._find("/index.html")
            if page is None:
                raise HTTPException(404, "The page is not built; build it with: make build")
            return _send(request, page, _ASK)
        raise HTTPException(404)

    def _find(self, path: str) -> File | None:
        try:
            found = (self.folder / path.lstrip("/")).resolve()
            if not found.is_relative_to(self.folder) or not found.is_file():
                return None
            return _read(found, found.stat().st_mtime_ns)
        # Names that no file system takes: too long, or with a NUL.
        except (OSError, ValueError):
            return None


def _send(request: Request, file: File, caching: str) -> Response:
    headers = {"Cache-Control": caching, "ETag": file.tag, "Vary": "Accept-Encoding"}
    if file.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    accepted = {part.partition(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
    for encoding in ("br", "gzip"):
        if encoding in accepted and encoding in file.packed:
            return Response(
                file.packed[encoding], media_type=file.kind, headers=headers | {"Content-Encoding": encoding}
            )
    return Response(file.plain, media_type=file.kind, headers=headers)
