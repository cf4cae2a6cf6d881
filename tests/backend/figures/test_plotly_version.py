"""Python's plotly makes the figures and npm's plotly.js draws them: both are of one version."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
NAME = "plotly.js-cartesian-dist-min"


def read_carried_version() -> str:
    """The version of plotly.js that the installed Python package carries, by the head of its own file."""
    spec = find_spec("plotly")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "package_data" / "plotly.min.js"
    with path.open(encoding="utf-8") as script:
        found = re.search(r"plotly\.js v(\d+\.\d+\.\d+)", script.read(400))
    assert found is not None, f"the head of {path} must name its version"
    return found[1]


def test_the_page_draws_with_the_plotly_that_pythons_package_carries() -> None:
    carried = read_carried_version()
    package = json.loads((ROOT / "frontend" / "package.json").read_text())
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text())
    assert package["dependencies"][NAME] == carried, f"cd frontend && npm install --save-exact {NAME}@{carried}"
    assert lock["packages"][f"node_modules/{NAME}"]["version"] == carried
