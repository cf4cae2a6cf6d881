"""Navigation to all four overlays painted, cold browser cache: `python -m benchmarks.page_load`.

Painted means: in each of the four charts every line of the figure stands in the document, and a frame has been drawn
since. The transfer is what crossed the (loopback) network, compressed as served. ``--against`` takes a folder with
another version, its page built, and measures it in turn with this one; ratios are medians over the pairs.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.finished import insert_finished, make_spec
from benchmarks.stack import ROOT, run_stack
from tests.browser import LAUNCH_ARGS, find_browser, wait_until

SEEDS = 5
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
Load = dict[str, Any]


def measure(browser: Browser, url: str) -> Load:
    """One cold load: ms to the first chart and to all four, longest task in ms, bytes transferred."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(url, wait_until="commit")
    wait_until(page, "window.bench && window.bench.painted !== null", seconds=60)
    # What follows the paint counts for the longest task too: the charts further down, the table.
    page.wait_for_timeout(500)
    result = page.evaluate(
        """() => ({...window.bench, bytes: performance.getEntriesByType('resource')
            .concat(performance.getEntriesByType('navigation'))
            .reduce((sum, entry) => sum + (entry.transferSize || 0), 0)})"""
    )
    context.close()
    return dict(result)


def compare(browser: Browser, targets: Sequence[str], repeats: int) -> list[list[Load]]:
    """The loads of each target, measured in turn; the first round warms the servers and is not counted."""
    rounds = [[measure(browser, target) for target in targets] for _ in range(repeats + 1)]
    return [list(loads) for loads in zip(*rounds[1:], strict=True)]


def tell(name: str, loads: Sequence[Load]) -> str:
    middle = {key: statistics.median(load[key] for load in loads) for key in loads[0]}
    painted = [load["painted"] for load in loads]
    return (
        f"| {name} | {middle['first']:.0f} ms | {middle['painted']:.0f} ms ({min(painted):.0f} to {max(painted):.0f}) "
        f"| {middle['longest']:.0f} ms | {middle['bytes'] / 1e6:.2f} MB |"
    )


def parse_size(text: str) -> tuple[int, int]:
    """Strengths and epochs: 50x100 is 50 runs, those of 9 strengths and of the baseline, and 100 epochs."""
    runs, epochs = text.split("x")
    return int(runs) // SEEDS - 1, int(epochs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--sizes", nargs="+", default=["50x100", "100x1000", "1000x1000"], help="runs x epochs")
    parser.add_argument("--against", type=Path, help="the folder of another version, its page built")
    arguments = parser.parse_args()
    folders = [arguments.against.resolve(), ROOT] if arguments.against else [ROOT]
    # Before Playwright starts: looking for a browser may start one of its own.
    path = str(find_browser())
    with ExitStack() as stack:
        stacks = [stack.enter_context(run_stack(folder, trainers="1")) for folder in folders]
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=path, args=LAUNCH_ARGS)
        print(f"Medians of {arguments.repeats}.\n")
        print("| experiment | first chart | all four painted | longest task | transferred |")
        print("|---|---|---|---|---|")
        for size in arguments.sizes:
            strengths, epochs = parse_size(size)
            spec = make_spec(strengths, SEEDS, epochs)
            targets = [f"{url}/experiments/{insert_finished(home, spec)}" for url, home in stacks]
            loads = compare(browser, targets, arguments.repeats)
            if arguments.against:
                print(tell(f"{spec.name}, the other", loads[0]))
            print(tell(spec.name, loads[-1]), flush=True)
            if arguments.against:
                ratios = [own["painted"] / other["painted"] for other, own in zip(*loads, strict=True)]
                print(f"| ratio | | {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) | | |")
        browser.close()


if __name__ == "__main__":
    main()
