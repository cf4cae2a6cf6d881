"""The command `python -m backend.openapi`: writes frontend/openapi.json, from which the page's client is generated."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from backend.app import create_app
from core.settings import Settings

TARGET = Path(__file__).resolve().parents[2] / "frontend" / "openapi.json"


def render() -> str:
    """The description as stable text: keys in the order of the code, two spaces."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(home=Path(folder)))
        return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only check that the file is up to date")
    arguments = parser.parse_args()
    text = render()
    if not arguments.check:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(text, encoding="utf-8")
    elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
        raise SystemExit(f"{TARGET.name} is out of date; regenerate it with: python -m backend.openapi")


if __name__ == "__main__":
    main()
