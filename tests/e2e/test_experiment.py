"""The experiment page: real training, the real stream, and curves that grow under the reader's eyes."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import scroll_to, wait_until
from tests.e2e.accessibility import list_faults
from tests.e2e.conftest import Complaints, Site

Open = Callable[..., Page]
FIRST = ".js-plotly-plot >> nth=0"

# The newest epoch on a chart, and its x-range as it is drawn.
NEWEST = """plot => Math.max(0, ...plot.data.flatMap(trace => Array.from(trace.x)))"""
RANGE = "plot => plot._fullLayout.xaxis.range.map(Number)"
MEANS = "plot => plot.data.filter(trace => trace.meta.kind === 'mean').map(trace => Array.from(trace.x))"
ARE_ZOOMED = f"""zoomed => [...document.querySelectorAll('[data-lines]')].slice(0, 4).every(plot => plot._fullLayout &&
  ({RANGE})(plot).every((end, index) => Math.abs(end - zoomed[index]) <= 1e-6 * Math.abs(zoomed[index])))"""
# As many epochs as there may be: they are not trained to the end while a test looks on, however fast the machine is.
ENDLESS = 100_000


def make_spec(name: str, epochs: int, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "dataset": {"name": "digits", "train_examples": 200},
        "network": {"name": "mlp", "widths": [32]},
        "optimizer": {"name": "sgd", "learning_rate": 0.1},
        "regularizers": [
            {"name": "l1", "strengths": [1e-4, 1e-2]},
            {"name": "l1_subgradient", "strengths": [1e-4, 1e-2]},
        ],
        "epochs": epochs,
        "seeds": 2,
        **changes,
    }


def submit(site: Site, spec: dict[str, Any]) -> int:
    answer = site.post("/api/experiments", spec)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def wait_until_ended(site: Site, experiment: int) -> str:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        state = site.get(f"/api/experiments/{experiment}").json()["state"]
        if state not in ("queued", "running"):
            return str(state)
        time.sleep(0.3)
    raise AssertionError(f"experiment {experiment} did not end within 300 s")


def wait_for_epoch(site: Site, experiment: int, epoch: int) -> None:
    """Until a job has recorded it."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        jobs = site.get(f"/api/experiments/{experiment}").json()["jobs"]
        if any(job["epoch"] >= epoch for job in jobs if job["state"] in ("running", "completed")):
            return
        time.sleep(0.05)
    raise AssertionError(f"no job came to epoch {epoch}")


def find_newest(site: Site, experiment: int) -> int:
    """The newest epoch that a job has recorded."""
    return max(int(job["epoch"]) for job in site.get(f"/api/experiments/{experiment}").json()["jobs"])


@pytest.fixture(scope="module")
def finished(site: Site) -> int:
    experiment = submit(site, make_spec("Exact zeros", 12))
    assert wait_until_ended(site, experiment) == "completed"
    return experiment


def wait_for_charts(page: Page, count: int = 4) -> None:
    """Charts below the screen, where a long answer has pushed them, are drawn once they come near it."""
    drawn = (
        "count => [...document.querySelectorAll('.js-plotly-plot')]"
        ".filter(plot => plot.querySelector('.scatterlayer .trace')).length >= count"
    )
    for _ in range(count):
        with contextlib.suppress(TimeoutError):
            wait_until(page, drawn, count, seconds=5)
            return
        page.evaluate(
            "() => [...document.querySelectorAll('figure')]"
            ".find(figure => !figure.querySelector('.scatterlayer .trace'))?.scrollIntoViewIfNeeded()"
        )
    wait_until(page, drawn, count)


def zoom(page: Page) -> list[float]:
    """Drag over a part of the first chart; returns the x-range that this leads to."""
    chart = page.locator(FIRST)
    # Before it points at it, Playwright waits until it stands still.
    chart.hover(position={"x": 120, "y": 60})
    box = chart.bounding_box()
    assert box is not None
    left, top = box["x"], box["y"]
    page.mouse.down()
    page.mouse.move(left + 320, top + 130, steps=6)
    page.mouse.up()
    page.get_by_role("button", name="Show all").first.wait_for()
    return list(chart.evaluate(RANGE))


def test_curves_grow_zoom_stays_and_cancel_keeps_them(site: Site, open_page: Open) -> None:
    experiment = submit(site, make_spec("Grows", ENDLESS))
    page = open_page(f"{site.url}/experiments/{experiment}")
    histories: list[str] = []
    page.on("request", lambda request: histories.append(request.url) if "/figures/curves" in request.url else None)
    wait_for_charts(page)
    chart = page.locator(FIRST)
    first = chart.evaluate(NEWEST)
    wait_until(
        page,
        f"document.querySelector('.js-plotly-plot') && ({NEWEST})"
        f"(document.querySelector('.js-plotly-plot')) >= {first + 10}",
    )
    # Axes follow while nobody has zoomed.
    wait_until(page, f"({RANGE})(document.querySelector('.js-plotly-plot'))[1] >= {first + 10}")

    assert histories == [], "no history is asked for while the sweep runs"
    whole = chart.evaluate(RANGE)
    zoomed = zoom(page)
    # It grows while one drags, so that only its lower end stays where it was. Zoomed, the charts have every point of
    # what is seen, and no others: what there is beyond, the site knows.
    assert whole[0] < zoomed[0] < zoomed[1] < find_newest(site, experiment)
    wait_until(page, ARE_ZOOMED, zoomed)
    wait_for_epoch(site, experiment, find_newest(site, experiment) + 60)
    ranges = page.evaluate(f"[...document.querySelectorAll('[data-lines]')].slice(0, 4).map({RANGE})")
    assert ranges == [pytest.approx(zoomed)] * 4, "the zoom stays, and all charts have it"

    page.get_by_role("button", name="Show all").first.click()
    newest = first + 60
    wait_until(page, f"({RANGE})(document.querySelector('.js-plotly-plot'))[1] >= {newest}")
    wait_until(page, f"({NEWEST})(document.querySelector('.js-plotly-plot')) >= {newest}")

    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("is kept and drawn below")).to_be_visible()
    assert site.get(f"/api/experiments/{experiment}").json()["state"] == "cancelled"
    page.get_by_role("link", name="Change it first").wait_for()
    assert chart.evaluate(NEWEST) >= newest


def test_proximal_l1_makes_exact_zeros_and_the_subgradient_none(site: Site, open_page: Open, finished: int) -> None:
    page = open_page(f"{site.url}/experiments/{finished}?show=%5B%22l1%22%2C%22l1_subgradient%22%5D")
    wait_for_charts(page)
    table = page.get_by_role("region", name="Runs").last
    scroll_to(table)
    shares: dict[str, list[float]] = {"L1": [], "L1 (subgradient)": []}
    expect(table.get_by_role("row")).to_have_count(11)
    for row in table.get_by_role("row").all()[1:]:
        cells = row.get_by_role("cell").all_inner_texts()
        if cells[0] in shares and cells[1] == "10⁻²":
            shares[cells[0]].append(float(cells[8].removesuffix(" %")))
    assert len(shares["L1"]) == len(shares["L1 (subgradient)"]) == 2
    assert min(shares["L1"]) > 20
    assert shares["L1 (subgradient)"] == [0, 0]
    charts = page.get_by_role("figure", name=re.compile("^Weights that are exactly zero"))
    # They come once they are in sight, in place of their skeletons.
    scroll_to(charts.first)
    expect(charts).to_have_count(2)
    drawn = [
        charts.nth(index)
        .locator(".js-plotly-plot")
        .evaluate(
            "plot => Math.max(...plot.data.filter(trace => !trace.meta.baseline)"
            ".flatMap(trace => Array.from(trace.y)).filter(Number.isFinite))"
        )
        for index in range(2)
    ]
    assert drawn[0] > 0.2
    assert drawn[1] == 0


def test_what_was_stopped_ends_there_and_says_so_everywhere(site: Site, open_page: Open) -> None:
    sweep = {"regularizers": [{"name": "l1", "strengths": [1e-4, 1e-3, 0.1, 0.3]}], "halving": {"at": [3]}}
    experiment = submit(site, make_spec("Halved", 9, **sweep))
    assert wait_until_ended(site, experiment) == "completed"
    page = open_page(f"{site.url}/experiments/{experiment}")
    wait_for_charts(page)
    expect(page.get_by_role("status").filter(has_text="halving")).to_have_text(
        "Successive halving stopped 2 of 4 strengths of L1 at epoch 3.Their curves end there."
    )
    ends = page.locator(FIRST).evaluate(
        "plot => Object.fromEntries(plot.data.filter(trace => trace.meta.kind === 'mean')"
        ".map(trace => [trace.meta.baseline ? 'baseline' : trace.meta.strength, trace.x.at(-1)]))"
    )
    assert ends == {"0.0001": 9, "0.001": 9, "0.1": 3, "0.3": 3, "baseline": 9}
    figure = page.get_by_role("figure", name="Final validation accuracy over λ")
    scroll_to(figure)
    expect(figure).to_contain_text("hollow: stopped by halving")
    expect(figure).to_contain_text("Successive halving stopped 2 of them early")
    table = page.get_by_role("region", name="Runs").last
    scroll_to(table)
    expect(table.get_by_text("stopped at epoch 3 (halving)")).to_have_count(4)


def test_the_path_of_the_lasso_is_drawn_named_and_counted(site: Site, open_page: Open) -> None:
    lasso = {
        "dataset": {"name": "diabetes", "use_all_rows": True},
        "network": {"name": "linear"},
        "optimizer": {"name": "fista"},
        "regularizers": [{"name": "l1", "strengths": [1e-3, 1e-2, 0.1, 1]}],
        "batch_size": "full",
        "shuffle": False,
        "precision": "float64",
        "seeds": 1,
        "tolerance": 1e-6,
    }
    experiment = submit(site, make_spec("Lasso path", 400, **lasso))
    assert wait_until_ended(site, experiment) == "completed"
    page = open_page(f"{site.url}/experiments/{experiment}")
    wait_for_charts(page)
    figure = page.get_by_role("figure", name=re.compile("^Coefficients over λ"))
    scroll_to(page.get_by_role("heading", name="Coefficients", exact=True))
    figure.locator(".annotation").first.wait_for()
    kept = site.get(f"/api/experiments/{experiment}/coefficients").json()
    path = next(path for path in kept["paths"] if path["regularizer"] == "l1")
    values = np.frombuffer(base64.b64decode(path["weights"]), "<f8").reshape(4, 10)
    zeros = (values == 0).sum(axis=1)
    assert zeros[0] < zeros[2] < zeros[3] == 10
    words = [f"{count} at {label}" for count, label in zip(zeros, ("10⁻³", "10⁻²", "0.1", "1"), strict=True)]
    expect(figure).to_contain_text(f"Exactly 0 of 10: 0 at λ = 0, {', '.join(words)}")
    drawn = figure.locator(".js-plotly-plot").evaluate(
        "plot => Object.fromEntries(plot.data.map(trace => [trace.meta.features[0], Array.from(trace.y).slice(1)]))"
    )
    for index, feature in enumerate(kept["features"]):
        assert drawn[feature] == pytest.approx(values[:, index], rel=1e-5)
    assert sorted(figure.locator(".annotation").all_text_contents()) == sorted(kept["features"])
    area = figure.locator(".nsewdrag")
    plot = area.bounding_box()
    assert plot is not None
    for across, down in ((0.05, 0.08), (0.06, 0.07)):
        area.hover(position={"x": across * plot["width"], "y": down * plot["height"]})
    card = page.locator("body > div", has_text="λ = 0").last
    strongest = max(drawn, key=lambda feature: drawn[feature][0])
    expect(card).to_contain_text(strongest)
    assert list_faults(page) == []


def test_the_scrubber_lifts_a_strength_everywhere(site: Site, open_page: Open, finished: int) -> None:
    page = open_page(f"{site.url}/experiments/{finished}")
    wait_for_charts(page)
    slider = page.get_by_role("slider", name="λ of L1 to bring forward")
    expect(slider).to_have_attribute("aria-valuetext", "all strengths")
    slider.focus()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "λ = 10⁻²")
    page.wait_for_url("**strength=0.01*")
    have = """([strength, opacity]) => {
      const found = [...document.querySelectorAll('[data-lines]')].slice(0, 4).flatMap(plot =>
        [...plot.querySelectorAll('.scatterlayer .trace.mean')]
          .filter(line => line.__data__[0].trace.meta.strength === strength && !line.__data__[0].trace.meta.baseline)
          .map(line => Number(getComputedStyle(line).opacity)))
      return found.length === 4 && found.every(own => Math.abs(own - opacity) < 1e-6)
    }"""
    wait_until(page, have, [0.01, 1])
    wait_until(page, have, [0.0001, 0.1])
    expect(page.get_by_role("figure", name="Validation accuracy", exact=True)).to_contain_text("λ = 10⁻²:")
    page.keyboard.press("Escape")
    expect(slider).to_have_attribute("aria-valuetext", "all strengths")
    wait_until(page, have, [0.0001, 1])


def test_hover_names_strength_seed_and_value_and_links_the_charts(site: Site, open_page: Open, finished: int) -> None:
    page = open_page(f"{site.url}/experiments/{finished}")
    wait_for_charts(page)
    for x, y in ((300, 60), (302, 62)):
        page.locator(FIRST).hover(position={"x": x, "y": y})
    card = page.locator("body > div", has_text="epoch").filter(has_text="seed").last
    expect(card).to_be_visible()
    expect(card).to_contain_text("λ = 10⁻²")
    expect(page.get_by_role("figure", name="Validation loss", exact=True)).to_contain_text("λ = 10⁻²:")
    page.mouse.move(5, 5)
    expect(card).to_be_hidden()


def test_the_address_holds_the_view_and_the_table_sorts(site: Site, open_page: Open, finished: int) -> None:
    page = open_page(f"{site.url}/experiments/{finished}")
    wait_for_charts(page)
    page.get_by_role("button", name="Logarithmic loss axis").click()
    page.get_by_text("Mean and band").click()
    page.get_by_text("Seconds").click()
    page.get_by_text("Minibatch loss").click()
    page.get_by_role("button", name="L1 (subgradient)").click()
    page.get_by_role("figure", name="Minibatch loss, L1 (subgradient)").wait_for()
    table = page.get_by_role("region", name="Runs").last
    scroll_to(table)
    table.get_by_role("button", name="Best validation accuracy").click()
    heading = table.get_by_role("columnheader", name="Best validation accuracy")
    expect(heading).to_have_attribute("aria-sort", "descending")
    page.reload()
    page.get_by_role("figure", name="Minibatch loss, L1 (subgradient)").wait_for()
    wait_for_charts(page)
    expect(page.get_by_role("button", name="Logarithmic loss axis")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("radio", name="Mean and band")).to_be_checked()
    expect(page.get_by_role("radio", name="Seconds")).to_be_checked()
    wait_until(page, "document.querySelectorAll('[data-lines]')[2]._fullLayout?.yaxis.type === 'log'")
    scroll_to(table)
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect(table.locator("tbody tr")).to_have_count(10)
    scores = [float(cell.removesuffix(" %")) for cell in table.locator("tbody td:nth-child(5)").all_inner_texts()]
    assert scores == sorted(scores, reverse=True)


def test_a_lost_connection_heals_without_gaps_or_repeats(site: Site, open_page: Open, complaints: Complaints) -> None:
    complaints.expected += ["ERR_INTERNET_DISCONNECTED", "ERR_NETWORK", "ERR_FAILED"]
    # So slow that no line comes to the length from which on points are left out.
    slow = {"dataset": {"name": "digits", "train_examples": 1_000}, "batch_size": 4}
    experiment = submit(site, make_spec("Heals", ENDLESS, **slow))
    page = open_page(f"{site.url}/experiments/{experiment}")
    wait_for_charts(page)
    page.context.set_offline(True)
    # The stream that is open stays open when the browser goes offline; one that is closed cannot come back.
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    page.wait_for_timeout(700)
    page.context.set_offline(False)
    newest = page.locator(FIRST).evaluate(NEWEST)
    grown = f"length => ({MEANS})(document.querySelector('.js-plotly-plot')).every(line => line.length >= length)"
    wait_until(page, grown, newest + 15, seconds=120)
    lines = page.locator(FIRST).evaluate(MEANS)
    assert len(lines) == 3
    for line in lines:
        assert line == list(range(1, len(line) + 1))
    site.post(f"/api/experiments/{experiment}/cancel", {})
    wait_until_ended(site, experiment)


def test_an_experiment_that_no_worker_takes_says_what_it_waits_for(quiet_site: Site, open_page: Open) -> None:
    experiment = submit(quiet_site, make_spec("<i>Waits</i>", 5))
    page = open_page(f"{quiet_site.url}/experiments/{experiment}")
    expect(page.get_by_text("none is alive")).to_be_visible()
    expect(page.get_by_text("No epoch is finished yet").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("<i>Waits</i>")


def test_the_name_is_edited_in_place(quiet_site: Site, open_page: Open) -> None:
    experiment = submit(quiet_site, make_spec("Before", 5))
    page = open_page(f"{quiet_site.url}/experiments/{experiment}")
    page.get_by_role("button", name="Before, edit name").click()
    page.keyboard.type("After")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("After")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("After")


def test_a_failed_experiment_shows_its_cause_and_can_be_tried_again(site: Site, open_page: Open) -> None:
    experiment = submit(site, make_spec("Fails", 2, dataset={"name": "mnist"}, network={"name": "linear"}))
    assert wait_until_ended(site, experiment) == "failed"
    page = open_page(f"{site.url}/experiments/{experiment}")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("mnist")
    expect(alert).to_contain_text("No epoch was finished")
    with page.expect_response("**/retry"):
        alert.get_by_role("button", name="Retry").click()
    assert wait_until_ended(site, experiment) == "failed"
    assert [job["attempt"] for job in site.get(f"/api/experiments/{experiment}").json()["jobs"]] == [2]
    expect(alert).to_contain_text("mnist")


def test_an_answer_that_comes_late_does_not_undo_what_happened_meanwhile(site: Site, open_page: Open) -> None:
    experiment = submit(site, make_spec("Late", 2, dataset={"name": "mnist"}, network={"name": "linear"}))
    assert wait_until_ended(site, experiment) == "failed"
    page = open_page(f"{site.url}/experiments/{experiment}")

    def hold(route: Route) -> None:
        response = route.fetch()
        assert wait_until_ended(site, experiment) == "failed"
        # The live stream has told of the second failure by then.
        time.sleep(1)
        route.fulfill(response=response)

    page.route("**/retry", hold)
    with page.expect_response("**/retry") as answer:
        page.get_by_role("alert").get_by_role("button", name="Retry").click()
    assert answer.value.json()["state"] == "queued"
    page.wait_for_timeout(1_000)
    expect(page.get_by_role("alert")).to_contain_text("mnist")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_readers_of_every_kind_are_served(site: Site, open_page: Open, finished: int, scheme: str, width: int) -> None:
    page = open_page(f"{site.url}/experiments/{finished}", width=width, color_scheme=scheme, reduced_motion="reduce")
    wait_for_charts(page, 1)
    runs = page.get_by_role("region", name="Runs").last
    scroll_to(runs)
    runs.get_by_role("columnheader", name="Zeros").wait_for()
    assert list_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    sentence = page.get_by_role("figure", name="Training accuracy", exact=True).locator("figcaption")
    expect(sentence).to_contain_text("beside the baseline")


def test_an_answer_from_before_the_end_does_not_call_it_queued(site: Site, open_page: Open) -> None:
    # What a submission is answered is what the page would have read just then.
    old = site.post("/api/experiments", make_spec("Short", 3)).text
    experiment = int(json.loads(old)["id"])
    assert json.loads(old)["state"] in ("queued", "running")
    assert wait_until_ended(site, experiment) == "completed"
    page, answers = open_page("about:blank"), iter([old])

    def answer(route: Route) -> None:
        # Playwright's own `times=1` ends the interception under requests that it holds; the page then never loads.
        first = next(answers, None)
        route.fulfill(body=first, content_type="application/json") if first else route.continue_()

    page.route(f"**/api/experiments/{experiment}", answer)
    page.goto(f"{site.url}/experiments/{experiment}")
    expect(page.get_by_text("completed", exact=True).first).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
