"""The command `python -m backend.openapi`: writes what the page is built with.

frontend/openapi.json is the API's description, from which the page's client is generated; regularizers.json holds the
catalogue's labels, symbols and axes, which the page needs before it has asked for anything.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from backend.app import create_app
from core.catalogue import REGULARIZERS
from core.settings import Settings

_FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
DESCRIPTION = _FRONTEND / "openapi.json"
LABELS = _FRONTEND / "src" / "text" / "regularizers.json"


def render() -> dict[Path, str]:
    """The files as stable text: keys in the order of the code, two spaces."""
    with tempfile.TemporaryDirectory() as folder:
        description = create_app(Settings(home=Path(folder))).openapi()
    return {path: _write(content) for path, content in ((DESCRIPTION, description), (LABELS, _list_labels()))}


def _list_labels() -> dict[str, Any]:
    """Label, symbol and axis of each regularizer by name."""
    return {
        name: {"label": entry.label, "symbol": entry.symbol, "scale": entry.strength.scale if entry.strength else "log"}
        for name, entry in REGULARIZERS.items()
    }


def _write(content: Any) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only check that the files are up to date")
    arguments = parser.parse_args()
    for path, text in render().items():
        if not arguments.check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            raise SystemExit(f"{path.name} is out of date; regenerate it with: python -m backend.openapi")


if __name__ == "__main__":
    main()
