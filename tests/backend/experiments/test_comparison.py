"""The comparison, as the API gives it: from runs that trained, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest

from core.analysis.crossed_interval import compare_crossed
from tests.backend.experiments.test_answer import EXAMPLES, SWEEP, Spec, draw_outcomes, sweep

__all__ = ["sweep"]
Train = Callable[..., dict[str, Any]]


def ask(api: httpx.Client, *experiments: int, path: str = "", **choices: str) -> dict[str, Any]:
    answer = api.get(f"/api/comparison{path}", params={"experiment": list(experiments), **choices})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_matching_experiments_are_paired_by_the_outcomes_kept(api: httpx.Client, sweep: Train) -> None:
    one, other = sweep(), sweep(seeds=3, optimizer={"name": "sgd", "learning_rate": 0.2})
    found = ask(api, one["id"], other["id"])
    assert [each["id"] for each in found["experiments"]] == [one["id"], other["id"]]
    assert (found["metric"], found["complete"], found["missing"], found["incomparable"]) == ("score", True, [], None)
    base = next(verdict for verdict in found["verdicts"] if verdict["subject"] == "none")
    # The baselines are the first runs of their jobs' outcomes, and seeds 0 to 2 are of both.
    drawn = [_draw_baseline(api, made["id"]) for made in (other, one)]
    expected = compare_crossed(np.stack([drawn[0][seed] - drawn[1][seed] for seed in range(3)]))
    assert expected.interval is not None
    assert (base["pairing"], base["replicates"], base["examples"]) == ("paired", [3, 3], [EXAMPLES, EXAMPLES])
    assert base["difference"] == pytest.approx(expected.mean)
    assert (base["low"], base["high"]) == pytest.approx((expected.interval.low, expected.interval.high))
    assert [verdict["subject"] for verdict in found["verdicts"]] == ["best", "l1", "l2", "none"]


def _draw_baseline(api: httpx.Client, experiment: int) -> dict[int, np.ndarray]:
    """By seed, what the fixture drew for it: by the place of each run in its job."""
    runs = api.get(f"/api/experiments/{experiment}/runs").json()
    found: dict[int, np.ndarray] = {}
    for job in {run["job_id"] for run in runs}:
        own = [run for run in runs if run["job_id"] == job]
        hits = draw_outcomes(len(own)).hits
        assert hits is not None
        found |= {
            run["seed"]: hits[place].astype(float) for place, run in enumerate(own) if run["regularizer"] == "none"
        }
    return found


def test_another_split_is_compared_without_pairs_and_says_so(api: httpx.Client, sweep: Train, spec: Spec) -> None:
    one, other = sweep(), sweep(dataset=spec["dataset"] | {"split_seed": 1})
    found = ask(api, one["id"], other["id"])
    assert {verdict["pairing"] for verdict in found["verdicts"]} == {"unpaired"}
    assert {verdict["unpaired_because"] for verdict in found["verdicts"]} == {"split seed differs"}
    assert [(field["label"], field["values"]) for field in found["differing"]] == [("Data, split seed", ["0", "1"])]
    assert "Data, label noise" in {field["label"] for field in found["same"]}


def test_fewer_training_examples_leave_the_pairs(api: httpx.Client, sweep: Train, spec: Spec) -> None:
    one, other = sweep(), sweep(dataset=spec["dataset"] | {"train_examples": 30})
    assert {verdict["pairing"] for verdict in ask(api, one["id"], other["id"])["verdicts"]} == {"paired"}


def test_a_classification_and_a_regression_are_not_compared(api: httpx.Client, sweep: Train) -> None:
    one, other = sweep(), sweep(hits=False, dataset={"name": "diabetes"})
    found = ask(api, one["id"], other["id"])
    assert found["verdicts"] == []
    assert "accuracy and R² cannot be compared" in found["incomparable"]
    assert ask(api, one["id"], other["id"], path="/figures")["columns"] == []


def test_losses_of_a_target_in_another_unit_are_not_compared(api: httpx.Client, sweep: Train) -> None:
    one, other = (sweep(hits=False, dataset={"name": "diabetes", "target": target}) for target in ("center", "as_is"))
    assert "different units, since target differs" in ask(api, one["id"], other["id"], metric="loss")["incomparable"]
    assert ask(api, one["id"], other["id"])["verdicts"]


def test_while_one_trains_it_is_so_far_and_says_of_which(api: httpx.Client, sweep: Train, spec: Spec) -> None:
    one = sweep()
    waiting = api.post("/api/experiments", json=spec | SWEEP).json()
    found = ask(api, one["id"], waiting["id"])
    assert (found["complete"], found["missing"]) == (False, [f"#{waiting['id']}: 16 of 16 runs have not ended"])
    assert found["sentence"] == "So far: nothing is judged yet."


def test_the_figures_have_a_line_per_experiment_told_apart_by_dash_and_symbol(api: httpx.Client, sweep: Train) -> None:
    one, other = sweep(), sweep(regularizers=[{"name": "l1", "strengths": [0.1]}])
    found = ask(api, one["id"], other["id"], path="/figures")
    assert [column["regularizer"] for column in found["columns"]] == ["l1", "l2"]
    assert [style["experiment"] for style in found["styles"]] == [one["id"], other["id"]]
    assert len({style["dash"] for style in found["styles"]}) == len({style["symbol"] for style in found["styles"]}) == 2
    l1, l2 = (column["figures"]["validation_score"] for column in found["columns"])
    assert [trace["meta"]["experiment"] for trace in l1["data"]] == [one["id"], other["id"]]
    # From the baseline, which is strength 0, and on one axis.
    assert [trace["meta"]["strengths"] for trace in l1["data"]] == [[0.0, 0.001, 0.01], [0.0, 0.1]]
    assert [trace["meta"]["experiment"] for trace in l2["data"]] == [one["id"]]
    assert l1["layout"]["yaxis"]["range"] == l2["layout"]["yaxis"]["range"]
    assert f"#{other['id']}: " in l1["layout"]["meta"]["sentence"]


@pytest.mark.parametrize("path", ["", "/figures"])
def test_too_few_too_many_and_missing_ones_are_said(api: httpx.Client, sweep: Train, path: str) -> None:
    one, other = sweep()["id"], sweep()["id"]

    def refuse(*experiments: int | str, **more: str) -> tuple[int, str]:
        answer = api.get(f"/api/comparison{path}", params={"experiment": list(experiments), **more})
        return answer.status_code, answer.json()["error"]["message"]

    assert refuse() == (422, "Two to six experiments can be compared; received none.")
    assert refuse(one, one) == (422, "Two to six experiments can be compared; received 1.")
    assert refuse(*range(1, 8)) == (422, "Two to six experiments can be compared; received 7.")
    assert refuse(one, 99) == (404, "There is no experiment 99.")
    for wrong in ("x", 0, -1, 2**31, "3,7"):
        assert refuse(one, wrong)[0] == 422
    assert api.delete(f"/api/experiments/{other}").status_code == 204
    assert refuse(one, other) == (404, f"There is no experiment {other}.")


def test_a_repeated_id_counts_once(api: httpx.Client, sweep: Train) -> None:
    one, other = sweep()["id"], sweep()["id"]
    assert [each["id"] for each in ask(api, other, one, other)["experiments"]] == [other, one]


def test_without_outcomes_nothing_is_judged(api: httpx.Client, finish: Callable[[Spec], Spec], spec: Spec) -> None:
    found = ask(api, finish(spec)["id"], finish(spec)["id"])
    assert {verdict["reason"] for verdict in found["verdicts"]} == {"no_outcomes"}
    assert found["complete"]


def test_runs_are_paired_by_seed_and_fold(api: httpx.Client, sweep: Train, spec: Spec) -> None:
    folds = {"dataset": spec["dataset"] | {"split": {"name": "folds", "k": 3}}, "seeds": 2}
    one, other = sweep(**folds), sweep(**folds, optimizer={"name": "sgd", "learning_rate": 0.2})
    fixed = sweep()
    found = ask(api, one["id"], other["id"], fixed["id"])
    base = [verdict for verdict in found["verdicts"] if verdict["subject"] == "none"]
    assert [(verdict["pairing"], verdict["replicates"]) for verdict in base] == [
        ("paired", [6, 6]),
        ("unpaired", [4, 6]),
    ]
    assert base[1]["unpaired_because"] == "split differs"
