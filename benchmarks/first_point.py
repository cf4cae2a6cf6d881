"""From submit to the first point on the page, warm worker: `python -m benchmarks.first_point`.

The form is filled from the demonstration's template; the clock starts at the click on its submit button and stops when
a chart holds a point and a frame has been drawn since.
"""

from __future__ import annotations

import argparse
import statistics

from playwright.sync_api import Page, sync_playwright

from benchmarks.stack import run_stack
from tests.browser import LAUNCH_ARGS, find_browser, wait_for

WAIT = """() => new Promise(done => {
  const watch = () => {
    const drawn = [...document.querySelectorAll('.js-plotly-plot')].some(plot =>
      [...plot.querySelectorAll('.scatterlayer .trace path')].some(path => (path.getAttribute('d') || '').length > 1));
    if (drawn) requestAnimationFrame(() => done(performance.now())); else requestAnimationFrame(watch);
  };
  watch();
})"""


def measure(page: Page, url: str) -> float:
    """Milliseconds from the click to the first point."""
    page.goto(f"{url}/new")
    button = page.get_by_role("button", name="Start experiment")
    button.wait_for()
    page.wait_for_timeout(1500)  # the plan's preview settles, as it would under a reader's eyes
    start = page.evaluate("performance.now()")
    button.click()
    page.wait_for_url("**/experiments/*")
    elapsed: float = page.evaluate(WAIT) - start
    identity = page.url.rstrip("/").split("/")[-1].split("?")[0]
    own = f"{url}/api/experiments/{identity}"
    page.request.post(f"{own}/cancel")
    # The next one must find a trainer that is free.
    wait_for(page, lambda: page.request.get(own).json()["state"] == "cancelled")
    return elapsed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=10)
    arguments = parser.parse_args()
    # Before Playwright starts: looking for a browser may start one of its own.
    path = str(find_browser())
    with run_stack() as (url, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=LAUNCH_ARGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        measure(page, url)  # warm-up, not counted
        times = [measure(page, url) for _ in range(arguments.repeats)]
        print(f"submit to first point, median of {len(times)}: {statistics.median(times):.0f} ms")
        print("all, sorted:", ", ".join(f"{value:.0f}" for value in sorted(times)))
        browser.close()


if __name__ == "__main__":
    main()
