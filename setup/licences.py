"""The licences of everything that is locked: `python -m setup.licences` writes docs/licences.md.

Python's from the metadata of the installed packages, the page's from frontend/package-lock.json. What neither tells
stands in BY_HAND, with its reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "licences.md"
# dev.lock holds all that run.lock, worker.lock and api.lock do.
LOCKS = ("dev", "run", "worker", "api")

# Whose terms let anybody use, change and pass on: nothing here is linked into what has other terms.
ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-CMU",
    "MPL-2.0",
    "PSF-2.0",
    "Python-2.0",
    "Unlicense",
    "Zlib",
}
_NAMES = {
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_NVIDIA = "NVIDIA's: comes with PyTorch's CUDA build, installed from its own package and never passed on by Ridgeline"
_LGPL = "LGPL-3.0-only: a driver used as it is, as a library of its own, and never changed"
# A licence that is not on the list, or that no metadata tells here, and why it is all right.
BY_HAND = {
    "psycopg": _LGPL,
    "psycopg-binary": _LGPL,
    "async-timeout": "Apache-2.0: on Python before 3.11.3 only",
    "colorama": "BSD-3-Clause: on Windows only",
    "tzdata": "Apache-2.0: where the system has no time zones",
    "pytest-timeout": "MIT: its metadata says DFSG approved besides",
    "cuda-toolkit": _NVIDIA,
}


def list_locked() -> list[str]:
    text = "\n".join((ROOT / "requirements" / f"{name}.lock").read_text() for name in LOCKS)
    return sorted(set(re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==", text, re.MULTILINE)))


def find_licence(name: str) -> str:
    """An SPDX expression, a reason by hand, or what cannot be read, with a question mark."""
    if name in BY_HAND:
        return BY_HAND[name]
    if name.startswith("nvidia-"):
        return _NVIDIA
    try:
        metadata = distribution(name).metadata
    except PackageNotFoundError:
        return "? not installed here"
    kinds = [line.split(" :: ")[-1] for line in metadata.get_all("Classifier", []) if line.startswith("License ::")]
    told = metadata["License-Expression"] or " OR ".join(_NAMES.get(kind, f"? {kind}") for kind in kinds)
    first = (metadata["License"] or "").partition("\n")[0].strip()
    return told or _NAMES.get(first, first) or "? nothing is told"


def list_python() -> dict[str, str]:
    return {name: find_licence(name) for name in list_locked()}


def list_page() -> dict[str, str]:
    """By name, of every package that the page is made of or built with."""
    packages: Mapping[str, Mapping[str, str]] = json.loads((ROOT / "frontend/package-lock.json").read_text())[
        "packages"
    ]
    return {
        path.rpartition("node_modules/")[2]: entry.get("license", "? nothing is told")
        for path, entry in sorted(packages.items())
        if path
    }


def is_allowed(licence: str) -> bool:
    """Whether every part of an expression is on the list; of alternatives, one."""
    plain = licence.strip("()")
    return all(any(one.strip(" ()") in ALLOWED for one in part.split(" OR ")) for part in plain.split(" AND "))


def find_refused(licences: Mapping[str, str]) -> dict[str, str]:
    """What is neither on the list nor allowed by hand."""
    reasons = {*BY_HAND.values(), _NVIDIA}
    return {name: text for name, text in licences.items() if text not in reasons and not is_allowed(text)}


def render() -> str:
    return "\n".join(_write()) + "\n"


def _write() -> Iterator[str]:
    yield "# Licences of what Ridgeline stands on\n"
    yield "Written by `make licences`; a test holds it to the locks and to what `setup/licences.py` allows."
    for title, licences in (("Python", list_python()), ("The page", list_page())):
        yield f"\n## {title}\n\n| package | licence |\n|---|---|"
        yield from (f"| {name} | {licence} |" for name, licence in licences.items())


def main() -> None:
    refused = find_refused(list_python()) | find_refused(list_page())
    if refused:
        raise SystemExit("\n".join(["Neither on the list nor by hand:", *map(": ".join, refused.items())]))
    TARGET.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
