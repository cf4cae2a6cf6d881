"""The README's picture: `python -m setup.picture` trains the demonstration and writes docs/experiment.png."""

from __future__ import annotations

import io
import time
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import sync_playwright

from benchmarks.stack import run_stack
from tests.browser import LAUNCH_ARGS, find_browser, wait_until

TARGET = Path(__file__).resolve().parent.parent / "docs" / "experiment.png"
WIDTH = 1280
# Colours enough for the page; the file is a fifth of its size then.
COLOURS = 256
READY = "document.querySelectorAll('[data-strength] .scatterlayer .trace').length >= 6"


def main() -> None:
    with run_stack(demonstration="true") as (url, _):
        page = take_picture(f"{url}/experiments/{wait_for_demonstration(url)}")
    image = Image.open(io.BytesIO(page)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(TARGET, optimize=True)
    print(f"written: {TARGET}")


def wait_for_demonstration(url: str) -> int:
    """The id of the demonstration, once it is trained."""
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        found = httpx.get(f"{url}/api/experiments", timeout=30).json()["items"]
        if found and found[0]["state"] == "completed":
            return int(found[0]["id"])
        time.sleep(1)
    raise TimeoutError("the demonstration must be trained within 600 s")


def take_picture(address: str) -> bytes:
    """The page down to the charts over the strength, in light colours."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(find_browser()), args=LAUNCH_ARGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": 1600}, color_scheme="light")
        page.goto(address)
        wait_until(page, READY, seconds=60)
        page.wait_for_timeout(500)
        last = page.locator("figure:has([data-strength])").last.bounding_box()
        assert last is not None
        height = last["y"] + last["height"] + 16
        picture = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": height})
        browser.close()
    return picture


if __name__ == "__main__":
    main()
