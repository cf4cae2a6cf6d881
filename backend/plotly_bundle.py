"""plotly.js out of the installed plotly package, compressed once: `python -m backend.plotly_bundle`.

The charts' JSON and the script that draws them thus always are of one version.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import brotli

FOLDER = Path(__file__).resolve().parent.parent / "build" / "assets"
# The step to 11 halves the speed for two per cent.
_QUALITY = 10
# Lets the browser compile all of it beside the page's own thread while it comes in: to run it then takes the page 40 ms
# instead of 330 (Chromium 153 on 2 cores; a browser that does not know the hint reads a comment).
_HINT = b"//# allFunctionsCalledOnLoad\n"
# plotly.js writes rules into style elements of its own, which a content security policy without inline styles ignores.
# It takes an element of the same id instead: one whose sheet is constructed, which is no part of the document.
_SHEETS = """(function () {
  for (const id of %s) {
    const element = document.createElement("meta");
    element.id = id;
    element.sheet = new CSSStyleSheet();
    document.adoptedStyleSheets.push(element.sheet);
    document.head.append(element);
  }
})();
"""
_GLOBAL_SHEET = "plotly.js-style-global"
# The maps' rules, by far the most of them, are left out: there is no map on the page.
_MAP_SHEET = re.compile(rb'document\.getElementById\("([0-9a-f]{64})"\)')


def find_plotly() -> Path:
    """plotly.js as the package carries it. Importing plotly, to ask it, would take half a second."""
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("expected the plotly package to be installed; received none")
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


def read_plotly() -> bytes:
    """The script as it is sent."""
    script = find_plotly().read_bytes()
    sheets = [_GLOBAL_SHEET, *{found.decode() for found in _MAP_SHEET.findall(script)}]
    return _HINT + (_SHEETS % json.dumps(sheets)).encode() + script


def tag_plotly() -> str:
    """Names what is sent: another version of plotly, or of what is put before it, is another script."""
    return f"{version('plotly')}-{hashlib.sha256(_HINT + _SHEETS.encode()).hexdigest()[:8]}"


def name_compressed(ending: str) -> Path:
    """Where the compressed script of the installed version is kept; ``ending`` is br or gz."""
    return FOLDER / f"plotly-{tag_plotly()}.min.js.{ending}"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("plotly-*"):
        old.unlink()
    plain = read_plotly()
    name_compressed("br").write_bytes(brotli.compress(plain, quality=_QUALITY))
    name_compressed("gz").write_bytes(gzip.compress(plain, 9, mtime=0))


if __name__ == "__main__":
    main()
