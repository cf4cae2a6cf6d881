"""Navigation to all four overlays painted, cold browser cache: `python -m benchmarks.page_load`.

Painted means: in each of the four charts every line of the figure stands in the document, and a frame has been drawn
since. The transfer is what crossed the (loopback) network, compressed as served.
"""

from __future__ import annotations

import argparse
import statistics
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.finished import insert_finished, make_spec
from benchmarks.stack import run_stack
from tests.browser import LAUNCH_ARGS, find_browser, wait_until

WATCH = """
window.bench = {painted: null, longest: 0, first: null};
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) window.bench.longest = Math.max(window.bench.longest, entry.duration);
}).observe({type: 'longtask', buffered: true});
const watch = () => {
  const plots = [...document.querySelectorAll('.js-plotly-plot')].filter(plot => plot.data && plot.data.length);
  const drawn = plots.filter(plot => {
    const lines = plot.querySelectorAll('.scatterlayer .trace').length;
    const wanted = plot.data.filter(
      trace => trace.visible !== false && (!trace.type || trace.type === 'scatter')).length;
    return lines > 0 && lines >= wanted;
  });
  if (drawn.length && window.bench.first === null) window.bench.first = performance.now();
  if (drawn.length >= 4) {
    requestAnimationFrame(() => requestAnimationFrame(() => { window.bench.painted = performance.now(); }));
  } else requestAnimationFrame(watch);
};
requestAnimationFrame(watch);
"""


def measure(browser: Browser, url: str) -> dict[str, Any]:
    """One cold load: ms to the first chart and to all four, longest task in ms, bytes transferred."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(url, wait_until="commit")
    wait_until(page, "window.bench && window.bench.painted !== null", seconds=60)
    result = page.evaluate(
        """() => ({...window.bench, bytes: performance.getEntriesByType('resource')
            .concat(performance.getEntriesByType('navigation'))
            .reduce((sum, entry) => sum + (entry.transferSize || 0), 0)})"""
    )
    context.close()
    return dict(result)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    # Before Playwright starts: looking for a browser may start one of its own.
    path = str(find_browser())
    with run_stack(trainers="1") as (url, home), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=LAUNCH_ARGS)
        print("| experiment | first chart | all four painted | longest task | transferred |")
        print("|---|---|---|---|---|")
        for strengths, seeds, epochs in ((9, 5, 100), (19, 5, 1000)):
            spec = make_spec(strengths, seeds, epochs)
            target = f"{url}/experiments/{insert_finished(home, spec)}"
            measure(browser, target)  # warm-up of the server, not counted
            rows = [measure(browser, target) for _ in range(arguments.repeats)]
            middle = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
            print(
                f"| {spec.name} | {middle['first']:.0f} ms | {middle['painted']:.0f} ms "
                f"| {middle['longest']:.0f} ms | {middle['bytes'] / 1e6:.2f} MB |"
            )
        browser.close()


if __name__ == "__main__":
    main()
