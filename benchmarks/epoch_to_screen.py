"""From an epoch's commit to its points on the screen: `python -m benchmarks.epoch_to_screen`.

The benchmark commits the epochs of a running job itself, as the recorder does (one transaction: the rows of all runs
and the job's progress), and notes the time after each commit. The page is a real one, fed by the real stream; it notes
the time of the first frame in which a chart's lines reach that epoch. Both clocks are this machine's.
"""

from __future__ import annotations

import argparse
import statistics
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright
from sqlalchemy import insert, update

from benchmarks.finished import make_rows, make_spec
from benchmarks.stack import run_stack
from core.db.engine import make_engine, make_sessions
from core.db.models import EpochRow, Experiment, Job, Run, now
from core.planning import plan_runs
from core.settings import Settings
from core.spec import ExperimentSpec
from tests.browser import LAUNCH_ARGS, find_browser

TOKEN = "benchmark"
WATCH = """
window.seen = {};
const watch = () => {
  for (const plot of document.querySelectorAll('.js-plotly-plot')) {
    if (!plot.calcdata) continue;
    let newest = 0;
    for (const points of plot.calcdata) {
      const last = points[points.length - 1];
      if (last && typeof last.x === 'number' && last.x > newest) newest = last.x;
    }
    if (newest >= 1 && window.seen[newest] === undefined) window.seen[newest] = Date.now();
  }
  requestAnimationFrame(watch);
};
requestAnimationFrame(watch);
"""


def insert_running(home: Path, spec: ExperimentSpec) -> tuple[int, int, list[int]]:
    """An experiment whose one job is leased to this process for an hour; returns its id, the job's and the runs'."""
    engine = make_engine(Settings(home=home))
    moment = now()
    with make_sessions(engine)() as session, session.begin():
        experiment = Experiment(
            name=spec.name, notes="", spec=spec.model_dump(mode="json"), state="running", created=moment
        )
        session.add(experiment)
        session.flush()
        job = Job(
            experiment_id=experiment.id,
            state="running",
            attempt=1,
            token=TOKEN,
            lease_expires=moment + timedelta(hours=1),
            epoch=0,
            epochs=spec.epochs,
            created=moment,
            started=moment,
        )
        session.add(job)
        session.flush()
        runs = [
            Run(
                experiment_id=experiment.id,
                job_id=job.id,
                regularizer=planned.regularizer,
                strength=planned.strength,
                seed=planned.seed,
                state="running",
            )
            for planned in plan_runs(spec)
        ]
        session.add_all(runs)
        session.flush()
        result = (experiment.id, job.id, [run.id for run in runs])
    engine.dispose()
    return result


def commit_epochs(home: Path, job: int, runs: list[int], spec: ExperimentSpec, pause: float) -> dict[int, float]:
    """Commit every epoch, ``pause`` seconds apart; returns the time of each commit in ms since 1970."""
    engine = make_engine(Settings(home=home))
    tables = [make_rows(index, planned.strength, spec.epochs) for index, planned in enumerate(plan_runs(spec))]
    committed: dict[int, float] = {}
    for epoch in range(1, spec.epochs + 1):
        with make_sessions(engine)() as session, session.begin():
            rows = [{"run_id": run, **table[epoch - 1]} for run, table in zip(runs, tables, strict=True)]
            session.execute(insert(EpochRow), rows)
            # Renewed as a worker does: the stack's own takes the job of one that is silent, and trains it.
            lease = now() + timedelta(hours=1)
            own = update(Job).where(Job.id == job, Job.token == TOKEN)
            if session.scalar(own.values(epoch=epoch, lease_expires=lease).returning(Job.id)) is None:
                raise RuntimeError(f"job {job} was taken over at epoch {epoch}: what is measured is another's work")
        committed[epoch] = time.time() * 1000
        time.sleep(pause)
    engine.dispose()
    return committed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--pause", type=float, default=0.4, help="seconds between two epochs")
    arguments = parser.parse_args()
    spec = make_spec(18, 3, arguments.epochs)
    # Before Playwright starts: looking for a browser may start one of its own.
    path = str(find_browser())
    with run_stack(trainers="1") as (url, home), sync_playwright() as playwright:
        experiment, job, runs = insert_running(home, spec)
        browser = playwright.chromium.launch(executable_path=path, args=LAUNCH_ARGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(WATCH)
        page.goto(f"{url}/experiments/{experiment}")
        page.locator(".js-plotly-plot").first.wait_for()
        time.sleep(2)
        committed = commit_epochs(home, job, runs, spec, arguments.pause)
        time.sleep(2)
        seen = {int(epoch): moment for epoch, moment in page.evaluate("window.seen").items()}
        browser.close()
    # An epoch that shared a frame with its successor was on the screen when the successor was.
    delays = [min(m for e, m in seen.items() if e >= epoch) - moment for epoch, moment in committed.items()]
    low, middle, high = np.percentile(delays, [0, 50, 95])
    print(f"{len(runs)} runs, {len(delays)} epochs; from commit to screen:")
    print(f"median {middle:.0f} ms, 95th percentile {high:.0f} ms")
    print(f"fastest {low:.0f} ms, slowest {max(delays):.0f} ms, mean {statistics.mean(delays):.0f} ms")


if __name__ == "__main__":
    main()
