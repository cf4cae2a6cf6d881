"""The answer, as the API gives it: from runs that trained, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.analysis.crossed_interval import compare_crossed
from core.catalogue.epoch_values import OutcomeValues
from core.db.queries import jobs
from core.db.queries.runs import list_runs
from tests.backend.conftest import Trainer

Spec = dict[str, Any]
Sessions = sessionmaker[Session]
EXAMPLES = 60
SWEEP: Spec = {
    "regularizers": [{"name": "l1", "strengths": [0.001, 0.01]}, {"name": "l2", "strengths": [0.1]}],
    "seeds": 4,
}


def draw_outcomes(runs: int, hits: bool = True) -> OutcomeValues:
    generator = np.random.default_rng(runs)
    losses = generator.exponential(size=(runs, EXAMPLES)).astype(np.float32)
    return OutcomeValues(losses, losses < 1 if hits else None)


@pytest.fixture
def sweep(api: httpx.Client, spec: Spec, trainer: Trainer, sessions: Sessions) -> Callable[..., dict[str, Any]]:
    """Submits and trains a sweep; its scores rise from run to run, and its outcomes are drawn."""

    def run(hits: bool = True, leave: int = 0, **changes: Any) -> dict[str, Any]:
        made: dict[str, Any] = api.post("/api/experiments", json=spec | SWEEP | changes).json()
        for job in made["jobs"][: len(made["jobs"]) - leave]:
            claim = trainer.claim(job["id"])
            trainer.record(job["id"], 1, 2, 3, 4)
            runs = len(claim.run_ids)
            outcomes = draw_outcomes(runs, hits)
            losses = outcomes.losses.mean(1, dtype=np.float64)
            scores = outcomes.hits.mean(1) if outcomes.hits is not None else 1 - losses / 0.8
            with sessions.begin() as session:
                jobs.keep_checkpoint(session, job["id"], claim.token, "4-a.safetensors", 4, 1)
                jobs.complete(session, job["id"], claim.token, claim.run_ids, losses, scores, outcomes=outcomes)
        return made

    return run


def ask(api: httpx.Client, experiment: int, **choices: str) -> dict[str, Any]:
    answer = api.get(f"/api/experiments/{experiment}/answer", params=choices)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_number_is_that_of_the_outcomes_kept(
    api: httpx.Client, sweep: Callable[..., dict[str, Any]], sessions: Sessions
) -> None:
    made = sweep()
    answer = ask(api, made["id"])
    assert (answer["metric"], answer["complete"], answer["missing"], answer["strengths"]) == ("score", True, None, 3)
    with sessions() as session:
        runs = list_runs(session, made["id"])
    drawn: dict[tuple[str, float, int], np.ndarray] = {}
    for job in made["jobs"]:
        own = [run for run in runs if run.job_id == job["id"]]
        outcomes = draw_outcomes(len(own))
        assert outcomes.hits is not None
        drawn |= {(run.regularizer, run.strength, run.seed): hits for run, hits in zip(own, outcomes.hits, strict=True)}
    for verdict in answer["verdicts"]:
        key, strength = verdict["regularizer"], verdict["selection"]["minimum"]["strength"]
        pairs = [drawn[key, strength, seed].astype(float) - drawn["none", 0.0, seed] for seed in range(4)]
        found = compare_crossed(np.array(pairs))
        assert found.interval is not None
        assert verdict["difference"] == pytest.approx(found.mean)
        assert (verdict["low"], verdict["high"]) == pytest.approx((found.interval.low, found.interval.high))
        assert verdict["p"] == pytest.approx(found.interval.p)
        assert (verdict["replicates"], verdict["examples"]) == (4, EXAMPLES)


def test_the_loss_is_asked_for_by_name(api: httpx.Client, sweep: Callable[..., dict[str, Any]]) -> None:
    made = sweep()
    answer = ask(api, made["id"], metric="loss")
    assert answer["metric"] == "loss"
    assert all("of loss on test" in verdict["sentence"] for verdict in answer["verdicts"])
    assert ask(api, made["id"])["verdicts"] != answer["verdicts"]


def test_r2_is_compared_by_the_losses_over_those_of_guessing(
    api: httpx.Client, sweep: Callable[..., dict[str, Any]]
) -> None:
    made = sweep(hits=False, dataset={"name": "diabetes"})
    by_score, by_loss = ask(api, made["id"]), ask(api, made["id"], metric="loss")
    losses = {verdict["regularizer"]: verdict for verdict in by_loss["verdicts"]}
    for verdict in by_score["verdicts"]:
        other = losses[verdict["regularizer"]]
        if verdict["selection"]["minimum"]["strength"] == other["selection"]["minimum"]["strength"]:
            assert verdict["difference"] == pytest.approx(-other["difference"] / 0.8, rel=1e-5)
            assert verdict["p"] == pytest.approx(other["p"], rel=1e-4)
        assert "of R² on test" in verdict["sentence"]


def test_while_runs_train_it_is_the_answer_so_far(
    api: httpx.Client, sweep: Callable[..., dict[str, Any]], spec: Spec
) -> None:
    made = api.post("/api/experiments", json=spec | SWEEP).json()
    answer = ask(api, made["id"])
    assert (answer["complete"], answer["missing"]) == (False, "16 of 16 runs have not ended")
    assert answer["sentence"].startswith("So far: ")
    assert {verdict["word"] for verdict in answer["verdicts"]} == {"not_judged"}


def test_runs_that_go_on_are_not_judged_by_what_they_were_before(
    api: httpx.Client, sweep: Callable[..., dict[str, Any]]
) -> None:
    made = sweep()
    assert api.post(f"/api/experiments/{made['id']}/extend", json={"epochs": 8}).status_code == 200
    answer = ask(api, made["id"])
    assert not answer["complete"]
    assert {verdict["reason"] for verdict in answer["verdicts"]} == {"no_outcomes"}


def test_runs_without_outcomes_are_not_judged(api: httpx.Client, finish: Callable[[Spec], Spec], spec: Spec) -> None:
    """As those of an older version."""
    answer = ask(api, finish(spec)["id"])
    assert answer["complete"]
    assert [verdict["reason"] for verdict in answer["verdicts"]] == ["no_outcomes"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/experiments/99/answer", 404), ("/api/experiments/1/answer?metric=accuracy", 422)],
)
def test_what_is_not_there_or_no_metric_is_said(api: httpx.Client, path: str, status: int) -> None:
    answer = api.get(path)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


FOLDS: Spec = {"name": "folds", "k": 4}


def test_folds_are_paired_and_the_answer_says_so(
    api: httpx.Client, sweep: Callable[..., dict[str, Any]], sessions: Sessions
) -> None:
    made = sweep(dataset={"name": "digits", "split": FOLDS}, seeds=1)
    answer = ask(api, made["id"])
    runs = api.get(f"/api/experiments/{made['id']}/runs").json()
    assert sorted({(run["seed"], run["split"]) for run in runs}) == [(0, fold) for fold in range(4)]
    drawn: dict[tuple[str, float, int], np.ndarray] = {}
    with sessions() as session:
        for job in made["jobs"]:
            own = [run for run in list_runs(session, made["id"]) if run.job_id == job["id"]]
            hits = draw_outcomes(len(own)).hits
            assert hits is not None
            drawn |= {(run.regularizer, run.strength, run.split): one for run, one in zip(own, hits, strict=True)}
    for verdict in answer["verdicts"]:
        key, strength = verdict["regularizer"], verdict["selection"]["minimum"]["strength"]
        pairs = [drawn[key, strength, fold].astype(float) - drawn["none", 0.0, fold] for fold in range(4)]
        found = compare_crossed(np.array(pairs), 1 / 3)
        assert found.interval is not None
        assert (verdict["low"], verdict["high"]) == pytest.approx((found.interval.low, found.interval.high))
        assert f"4 folds × {EXAMPLES} examples;" in verdict["sentence"]
    assert "Nadeau & Bengio 2003" in answer["basis"]


def test_seeds_with_rows_of_their_own_are_compared_by_their_means(
    api: httpx.Client, sweep: Callable[..., dict[str, Any]]
) -> None:
    answer = ask(api, sweep(dataset={"name": "digits", "split": {"name": "by_seed"}})["id"])
    assert all(verdict["degrees"] == 3 for verdict in answer["verdicts"])
    assert all(f"4 seeds × {EXAMPLES} examples of its own;" in verdict["sentence"] for verdict in answer["verdicts"])
    assert answer["basis"].startswith("Each seed drew its own rows")


def test_without_a_test_part_it_is_chosen_not_judged(
    api: httpx.Client, finish: Callable[[Spec], Spec], spec: Spec
) -> None:
    made = finish(spec | {"dataset": {"name": "digits", "split": FOLDS, "test_fraction": 0}, "seeds": 1})
    answer = ask(api, made["id"])
    assert answer["sentence"].startswith("Chosen, not judged: ")
    assert answer["basis"].endswith("chosen, not judged.")
    (verdict,) = answer["verdicts"]
    assert (verdict["word"], verdict["reason"]) == ("not_judged", "no_test")
    assert verdict["selection"]["minimum"]["strength"] in (0.001, 0.01)


def test_a_fixed_split_is_about_these_rows_only(api: httpx.Client, sweep: Callable[..., dict[str, Any]]) -> None:
    assert ask(api, sweep()["id"])["basis"].startswith("About these rows only")


@pytest.mark.parametrize(
    ("dataset", "field"),
    [
        ({"split": {"name": "folds", "k": 1}}, "dataset.split.k"),
        ({"split": {"name": "thirds"}}, "dataset.split.name"),
        ({"split": {"name": "fixed", "k": 3}}, "dataset.split.k"),
        ({"split": {"name": "folds"}, "validation_examples": 20}, "dataset.validation_examples"),
        ({"split": {"name": "by_seed"}, "use_all_rows": True}, "dataset.split"),
        ({"split": {"name": "folds", "k": 100}, "test_examples": 1750}, "dataset.split.k"),
        ({"name": "cifar10", "split": {"name": "folds", "k": 50}}, "dataset.split"),
    ],
)
def test_a_split_that_cannot_be_is_refused_with_its_field(
    api: httpx.Client, spec: Spec, dataset: Spec, field: str
) -> None:
    answer = api.post("/api/experiments", json=spec | {"dataset": {"name": "digits"} | dataset})
    assert answer.status_code == 422, answer.text
    assert [detail["field"] for detail in answer.json()["error"]["details"]] == [field]


def test_the_table_per_strength_is_of_the_same_runs(api: httpx.Client, sweep: Callable[..., dict[str, Any]]) -> None:
    made = sweep()
    table = api.get(f"/api/experiments/{made['id']}/strengths").json()
    answer = ask(api, made["id"])
    rows = {(row["regularizer"], row["strength"]): row for row in table["rows"]}
    assert list(rows) == [("none", 0), ("l1", 0.001), ("l1", 0.01), ("l2", 0.1)]
    for verdict in answer["verdicts"]:
        chosen = verdict["selection"]["minimum"]
        row = rows[chosen["regularizer"], chosen["strength"]]
        assert row["is_minimum"] is True
        assert row["score"]["mean"] == pytest.approx(chosen["score_mean"])
        assert row["runs"] == row["score"]["replicates"] == 4
    assert api.get(f"/api/experiments/{made['id']}/strengths", params={"metric": "f1"}).status_code == 422
    assert api.get("/api/experiments/999/strengths").status_code == 404
