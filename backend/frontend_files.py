"""The page: its files as the build left them, and the one HTML file for every address of the page."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, PathLike, StaticFiles
from starlette.types import Scope

DIST = Path(__file__).resolve().parent.parent / "frontend" / "dist"
# Content encodings, best first, and the endings that the build gives such files (frontend/plugins/compress.ts).
_ENCODINGS = {"br": ".br", "gzip": ".gz"}
_FORBIDDEN = re.compile(r"q=0(\.0*)?")
# Some machines' own lists lack them.
_TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
_FOREVER = "public, max-age=31536000, immutable"
# Asked for anew, and answered with 304 while it is the same.
_REVALIDATE = "no-cache"


@lru_cache(maxsize=256)
def _read(path: Path, _changed: int) -> bytes:
    return path.read_bytes()


class FrontendFiles(StaticFiles):
    """Answers what no route of the API does. ``folder`` is the built page; it may come later.

    Neither Starlette's static files nor FastAPI's ``frontend`` choose between precompressed files, tell browsers how
    long to keep one, or live with a folder that is not there yet; the rest is theirs.
    """

    def __init__(self, folder: Path = DIST) -> None:
        super().__init__(directory=folder, check_dir=False)

    async def check_config(self) -> None:
        """The page may be built while the API runs already."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if scope["path"].startswith("/api") or scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(404)
        try:
            return await super().get_response(path, scope)
        except HTTPException:
            if scope["path"] != "/" and "text/html" not in Headers(scope=scope).get("accept", ""):
                raise HTTPException(404) from None
        try:
            return await super().get_response("index.html", scope)
        except HTTPException:
            raise HTTPException(404, "The page is not built; build it with: make build") from None

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        plain, request = Path(full_path), Headers(scope=scope)
        # The build names what is in there by its content.
        caching = _FOREVER if plain.parent.name == "assets" else _REVALIDATE
        headers = {"Cache-Control": caching, "Vary": "Accept-Encoding"}
        sent = plain
        accepted = _read_encodings(request.get("accept-encoding", ""))
        for encoding, ending in _ENCODINGS.items():
            packed = plain.with_name(plain.name + ending)
            if encoding in accepted and packed.exists():
                sent, headers["Content-Encoding"] = packed, encoding
                break
        kind = _TYPES.get(plain.suffix) or guess_type(plain.name)[0]
        stat = sent.stat()
        # Not sent as such: each piece of a file costs it a thread's turn, and a page has a dozen of them.
        described = FileResponse(sent, headers=headers, media_type=kind, stat_result=stat).headers
        if self.is_not_modified(described, request):
            return NotModifiedResponse(described)
        del described["accept-ranges"]
        return Response(_read(sent, stat.st_mtime_ns), status_code, described)


def _read_encodings(header: str) -> set[str]:
    """The encodings that ``Accept-Encoding`` names, but for those that it forbids."""
    parts = (part.partition(";") for part in header.split(","))
    return {name.strip() for name, _, weight in parts if not _FORBIDDEN.fullmatch(weight.strip())}
