"""What a page shows that was open all the while is what a page shows that is opened now."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.stack import run_stack
from tests.browser import PATIENCE, wait_until
from tests.e2e.conftest import Complaints, Site
from tests.e2e.proxy import Proxy, run_proxy
from tests.e2e.test_experiment import (
    ENDLESS,
    find_newest,
    make_spec,
    submit,
    wait_for_charts,
    wait_for_epoch,
    wait_until_ended,
)
from tests.installation import is_running, read_command
from tests.servers import find_port

Open = Callable[..., Page]
# So high a page has all its charts in view: they are drawn at once.
HIGH = 7000
LOST = ("ERR_", "Failed to load resource")

# All that a page shows which a training changes, but for its speed and the time left.
SHOWN = """() => {
  const numbers = values => Array.from(values, value => Number.isFinite(value) ? value : null)
  const charts = [...document.querySelectorAll('figure')].map(figure => {
    const plot = figure.querySelector('.js-plotly-plot')
    return {
      title: figure.ariaLabel,
      caption: figure.querySelector('figcaption')?.textContent,
      traces: (plot?.data ?? []).map(({uid, mode, x, y}) => [uid, mode, numbers(x), numbers(y)]),
      x: plot?._fullLayout?.xaxis.range.map(Number),
      y: plot?._fullLayout?.yaxis.range.map(Number),
    }
  })
  const rows = [...document.querySelectorAll('table tbody tr')].map(row => row.textContent)
  const answer = [...document.querySelectorAll('[aria-labelledby=answer-title] > p, [aria-labelledby=answer-title] li')]
    .map(element => element.textContent)
  const sentences = [...document.querySelectorAll('[aria-labelledby=observations-title] li')]
    .map(element => element.textContent)
  const claims = [...document.querySelectorAll('[aria-labelledby=claims-title] > p, [aria-labelledby=claims-title] li')]
    .map(element => element.textContent)
  const states = [...document.querySelectorAll('header [data-state], [data-tone], [role=status]')]
    .map(element => element.textContent)
  return {charts, rows, answer, sentences, claims, states}
}"""


NOTE_LOSS = """() => new MutationObserver(() => {
  if (document.querySelector('[data-connection=lost]')) window.lost ??= Date.now()
}).observe(document.body, {subtree: true, childList: true, attributes: true})"""


@pytest.fixture(scope="module")
def live_site() -> Iterator[tuple[Site, Proxy]]:
    """A Ridgeline behind a proxy: the site's address is the proxy's, its own is told to nobody."""
    port = find_port()
    with run_proxy(port) as proxy:
        names = f"127.0.0.1:{proxy.port}"
        with run_stack(trainers="1", port=str(port), allowed_hosts=names, checkpoint_seconds="0.5") as (_, home):
            yield Site(f"http://127.0.0.1:{proxy.port}", home), proxy


def find_trainer(home: Path) -> int:
    for path in Path("/proc").glob("[0-9]*"):
        pid = int(path.name)
        if b"worker.trainer.main" not in read_command(pid) or not is_running(pid):
            continue
        # One of another installation may end just now.
        with suppress(OSError):
            if f"RIDGELINE_HOME={home}".encode() in (path / "environ").read_bytes().split(b"\0"):
                return pid
    raise AssertionError("no trainer is there")


@contextmanager
def standing_still(home: Path) -> Iterator[None]:
    """The trainer is stopped, and what it had sent is recorded: nothing changes any more."""
    pid = find_trainer(home)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def compare(site: Site, page: Page, open_page: Open, view: str = "") -> None:
    """Both pages come to show the same, and stay so."""
    fresh = open_page(page.url, height=HIGH)
    wait_for_charts(fresh, 6)
    deadline = time.monotonic() + 2 * PATIENCE
    told = shown = None
    while time.monotonic() < deadline:
        told, shown = page.evaluate(SHOWN), fresh.evaluate(SHOWN)
        if told == shown:
            break
        page.wait_for_timeout(200)
    fresh.context.close()
    assert told is not None
    assert shown is not None
    for one, other in zip(told["charts"], shown["charts"], strict=True):
        for trace, drawn in zip(one["traces"], other["traces"], strict=True):
            assert trace == drawn, (one["title"], trace[0])
        assert one == other
    assert told == shown


@pytest.mark.timeout(600)
@pytest.mark.parametrize("view", ["", "?seeds=mean&smoothing=0.9&log=%5B%22loss%22%5D&x=seconds"])
def test_a_page_that_was_open_shows_what_one_opened_now_does(
    live_site: tuple[Site, Proxy], open_page: Open, complaints: Complaints, view: str
) -> None:
    site, proxy = live_site
    complaints.expected += LOST
    chance = random.Random(view)
    spec = make_spec("Live", ENDLESS, seeds=3)
    spec["regularizers"] = [{"name": "l1", "strengths": [1e-4, 1e-2]}]
    experiment = submit(site, spec)
    page = open_page(f"{site.url}/experiments/{experiment}{view}", height=HIGH)

    for epoch in (2, 60):
        wait_for_epoch(site, experiment, epoch)
        time.sleep(chance.uniform(0, 0.5))
        with standing_still(site.home):
            compare(site, page, open_page)

    # Twice, so that a page is there that was opened on a later attempt and sees that rewound.
    for _ in range(2):
        wait_for_epoch(site, experiment, find_newest(site, experiment) + 20)
        # Looked at before the kill: the next attempt may begin before the site is asked again.
        before = list_attempts(site, experiment)
        os.kill(find_trainer(site.home), signal.SIGKILL)
        wait_until_attempt_runs(site, experiment, before)
        with standing_still(site.home):
            compare(site, page, open_page)

    proxy.cut()
    expect(page.locator("[data-connection=lost]").first).to_contain_text("Connection lost, last heard at")
    time.sleep(chance.uniform(0.2, 1))
    proxy.mend()
    expect(page.locator("[data-connection=open]").first).to_be_attached()
    with standing_still(site.home):
        compare(site, page, open_page)

    assert site.post(f"/api/experiments/{experiment}/cancel", None).status_code == 200
    wait_until_ended(site, experiment)
    compare(site, page, open_page)
    assert site.post(f"/api/experiments/{experiment}/resume", None).status_code == 200
    wait_for_epoch(site, experiment, 1)
    with standing_still(site.home):
        compare(site, page, open_page)
    assert site.post(f"/api/experiments/{experiment}/cancel", None).status_code == 200
    wait_until_ended(site, experiment)

    extension = {"strengths": {"l1": [1e-3]}, "seeds": 4}
    assert site.post(f"/api/experiments/{experiment}/extend", extension).status_code == 200
    for epoch in (30, 700):
        wait_for_new_jobs(site, experiment, epoch)
        with standing_still(site.home):
            compare(site, page, open_page)
    assert site.post(f"/api/experiments/{experiment}/cancel", None).status_code == 200
    wait_until_ended(site, experiment)
    compare(site, page, open_page)


def test_a_page_that_saw_the_end_shows_what_one_opened_after_it_does(
    live_site: tuple[Site, Proxy], open_page: Open
) -> None:
    site, _ = live_site
    experiment = submit(site, make_spec("Ends", 300, seeds=3))
    page = open_page(f"{site.url}/experiments/{experiment}", height=HIGH)
    assert wait_until_ended(site, experiment) == "completed"
    compare(site, page, open_page)


def list_attempts(site: Site, experiment: int) -> list[int]:
    return [job["attempt"] for job in site.get(f"/api/experiments/{experiment}").json()["jobs"]]


def wait_until_attempt_runs(site: Site, experiment: int, before: list[int]) -> None:
    """A later attempt than those before has recorded something."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        jobs = site.get(f"/api/experiments/{experiment}").json()["jobs"]
        changed = [job for old, job in zip(before, jobs, strict=True) if job["attempt"] > old]
        if any(job["state"] == "running" and job["epoch"] > 0 for job in changed):
            return
        time.sleep(0.1)
    raise AssertionError("no new attempt has begun")


def wait_for_new_jobs(site: Site, experiment: int, epoch: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        jobs = site.get(f"/api/experiments/{experiment}").json()["jobs"]
        if any(job["state"] == "running" and job["epoch"] >= epoch for job in jobs):
            return
        time.sleep(0.05)
    raise AssertionError(f"no job of the extension came to epoch {epoch}")


def test_a_connection_that_is_held_but_silent_is_lost_and_heals(
    live_site: tuple[Site, Proxy], open_page: Open, complaints: Complaints
) -> None:
    site, proxy = live_site
    complaints.expected += LOST
    experiment = submit(site, make_spec("Silent", ENDLESS))
    page = open_page(f"{site.url}/experiments/{experiment}")
    wait_for_charts(page)
    expect(page.locator("[data-connection=open]").first).to_be_attached()
    page.evaluate(NOTE_LOSS)
    frozen = time.time()
    proxy.freeze()
    expect(page.locator("[data-connection=lost]").first).to_contain_text("last heard at")
    # Two heartbeats of five seconds, and a little, by the page's own clock.
    assert page.evaluate("window.lost") / 1000 - frozen < 14
    proxy.mend()
    expect(page.locator("[data-connection=open]").first).to_be_attached()
    newest = "Math.max(...document.querySelector('.js-plotly-plot').data.flatMap(trace => Array.from(trace.x)))"
    before = page.evaluate(newest)
    wait_until(page, f"{newest} > {before} + 10")
    site.post(f"/api/experiments/{experiment}/cancel", None)
    wait_until_ended(site, experiment)


@pytest.mark.timeout(600)
@pytest.mark.alone
def test_twenty_tabs_of_one_browser_work_and_cancel_answers_at_once(
    live_site: tuple[Site, Proxy], open_page: Open, complaints: Complaints
) -> None:
    site, _ = live_site
    complaints.expected += LOST
    # An epoch takes a while: twenty tabs that all draw ten times a second would have the processors to themselves.
    slow = {"dataset": {"name": "digits", "train_examples": 1_000}, "batch_size": 1}
    experiment = submit(site, make_spec("Tabs", 2_000, **slow))
    first = open_page(f"{site.url}/experiments/{experiment}")
    tabs = [first]
    for _ in range(19):
        tab = first.context.new_page()
        complaints.watch(tab)
        tab.goto(f"{site.url}/experiments/{experiment}")
        tabs.append(tab)
    newest = (
        "() => Math.max(0, ...(document.querySelector('.js-plotly-plot')?.data ?? []).flatMap(t => Array.from(t.x)))"
    )
    for tab in (tabs[0], tabs[7], tabs[-1]):
        tab.bring_to_front()
        wait_for_charts(tab)
        before = tab.evaluate(newest)
        wait_until(tab, f"({newest})() > {before}")
    tab = tabs[12]
    tab.bring_to_front()
    # As the reader waits for it: from the press of the button on, whatever the test's own tools take before.
    tab.evaluate("addEventListener('click', event => { window.pressed = event.timeStamp }, { capture: true })")
    with tab.expect_response("**/cancel") as answer:
        tab.get_by_role("button", name="Cancel").click()
    assert answer.value.status == 200
    entry = "performance.getEntriesByType('resource').find(entry => entry.name.endsWith('/cancel'))"
    wait_until(tab, f"{entry} !== undefined")
    assert 0 < tab.evaluate(f"{entry}.responseEnd - window.pressed") < 1_000
    wait_until_ended(site, experiment)
    for tab in (tabs[3], tabs[-1]):
        expect(tab.get_by_text("cancelled", exact=True).first).to_be_attached()
