"""A run that ends before the last epoch: early stopping, successive halving, the tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from core.planning import plan_runs
from core.spec import ExperimentSpec, PlannedRun
from tests.worker.training.reference_training import forward
from tests.worker.training.sweeps import collect, get_completed, get_epochs, make_spec, make_sweep, regularize
from worker.training import METRICS, EpochValues, Event
from worker.training.sweep.stopping import StoppingRules, choose_worst

MEASURED = sorted(set(METRICS) - {"learning_rate", "seconds"})
# Fast enough that the validation loss turns within a dozen epochs.
OVERFITTING: dict[str, Any] = {"optimizer": {"name": "adam", "learning_rate": 0.05}, "epochs": 25, "seeds": 2}


def stop_early(*patience: int) -> list[dict[str, Any]]:
    return [{"name": "early_stopping", "strengths": list(patience)}]


def find_stops(events: Sequence[Event]) -> dict[int, tuple[int, str]]:
    """By run: the epoch it stopped at, and why; each at most once."""
    stops = [(s.run, (epoch.epoch, s.by)) for epoch in get_epochs(events) for s in epoch.stopped]
    assert len(dict(stops)) == len(stops)
    return dict(stops)


def read_curve(epochs: Sequence[EpochValues], name: str, run: int) -> list[float]:
    return [float(epoch.metrics[name][run]) for epoch in epochs]


@pytest.fixture(scope="module")
def swept() -> tuple[ExperimentSpec, list[Event]]:
    spec = make_spec(regularizers=stop_early(1, 3, 1000), **OVERFITTING)
    return spec, collect(spec)


def follow_prechelt(losses: Sequence[float], patience: int) -> tuple[int, int]:
    """The epoch at which such a run ends (or the last one), and its best epoch, by the definition's own words."""
    for end in range(1, len(losses) + 1):
        best = int(np.argmin(losses[:end])) + 1
        if end - best == patience:
            return end, best
    return len(losses), int(np.argmin(losses)) + 1


def test_a_patience_truncates_the_baselines_curve_exactly(swept: tuple[ExperimentSpec, list[Event]]) -> None:
    spec, events = swept
    epochs, stops, runs = get_epochs(events), find_stops(events), plan_runs(spec)
    lengths = set()
    for index, run in enumerate(runs):
        if run.regularizer == "none":
            assert index not in stops
            continue
        baseline = runs.index(PlannedRun("none", 0.0, run.seed))
        losses = read_curve(epochs, "validation_loss", baseline)
        end, _ = follow_prechelt(losses, int(run.strength))
        lengths.add(end)
        assert stops.get(index) == (None if run.strength == 1000 else (end, "early_stopping"))
        for name in MEASURED:
            curve, whole = read_curve(epochs, name, index), read_curve(epochs, name, baseline)
            assert np.array_equal(curve[:end], whole[:end], equal_nan=True)
            assert np.isnan(curve[end:]).all()
        for epoch in epochs:
            own = epoch.batch_losses[index]
            assert np.array_equal(own, epoch.batch_losses[baseline]) == (epoch.epoch <= end)
            assert np.isnan(own).all() == (epoch.epoch > end)
            assert epoch.epoch <= end or index not in {h.run for h in epoch.histograms}
    assert len(lengths) >= 3


def test_the_best_epochs_weights_are_what_is_tested(swept: tuple[ExperimentSpec, list[Event]]) -> None:
    """Also of a run whose patience was not used up."""
    spec, events = swept
    completed, runs = get_completed(events), plan_runs(spec)
    baseline = ExperimentSpec.model_validate(spec.model_dump() | {"regularizers": []})
    sweep = make_sweep(baseline)
    tensors = []
    losses = []
    for epoch in range(1, spec.epochs + 1):
        losses.append(sweep.train_epoch(epoch).metrics["validation_loss"])
        tensors.append(sweep.read_parameters())
    for index, run in enumerate(runs[2:], start=2):
        _, best = follow_prechelt([float(loss[run.seed]) for loss in losses], int(run.strength))
        outputs = forward(spec.network, tensors[best - 1][run.seed], sweep.data.test.x, lambda hidden: hidden)
        loss = torch.nn.functional.cross_entropy(outputs, sweep.data.test.y).item()
        assert completed.test_loss[index] == pytest.approx(loss, 1e-5)
        last = forward(spec.network, tensors[-1][run.seed], sweep.data.test.x, lambda hidden: hidden)
        assert torch.nn.functional.cross_entropy(last, sweep.data.test.y).item() != pytest.approx(loss, 1e-5)


def test_the_weights_that_are_kept_are_read(swept: tuple[ExperimentSpec, list[Event]]) -> None:
    spec, events = swept
    sweep = make_sweep(spec)
    best: dict[int, tuple[float, dict[str, torch.Tensor]]] = {}
    for epoch in range(1, spec.epochs + 1):
        result = sweep.train_epoch(epoch)
        for run, tensors in enumerate(sweep.read_parameters()):
            if result.metrics["validation_loss"][run] < best.get(run, (np.inf,))[0]:
                best[run] = (float(result.metrics["validation_loss"][run]), tensors)
    final = sweep.read_parameters()
    for run in range(2, len(final)):
        assert all(torch.equal(final[run][name], tensor) for name, tensor in best[run][1].items())
    assert np.array_equal(sweep.test()[0], get_completed(events).test_loss)


def test_fixed_it_stops_every_run_and_then_the_training() -> None:
    options = OVERFITTING | {"regularizers": regularize("l2", "dropout", strengths=(0.001, 0.3)), "epochs": 200}
    spec = make_spec(fixed=stop_early(2), **options)
    events = collect(spec)
    stops = find_stops(events)
    assert sorted(stops) == list(range(10))
    assert {by for _, by in stops.values()} == {"early_stopping"}
    assert get_epochs(events)[-1].epoch == max(epoch for epoch, _ in stops.values()) < 200
    assert np.isfinite(get_completed(events).test_loss).all()
    free = get_epochs(collect(make_spec(**options | {"epochs": get_epochs(events)[-1].epoch})))
    for run, (end, _) in stops.items():
        losses = read_curve(free, "validation_loss", run)
        assert follow_prechelt(losses, 2)[0] == end
        assert read_curve(get_epochs(events), "train_loss", run)[:end] == read_curve(free, "train_loss", run)[:end]


def test_a_tolerance_ends_what_no_longer_moves() -> None:
    """Full batches and a step that is small enough, so that it converges."""
    spec = make_spec(
        "linear",
        optimizer={"name": "sgd", "learning_rate": 0.5},
        batch_size="full",
        regularizers=regularize("l2", strengths=(0.3, 1.0)),
        precision="float64",
        epochs=3000,
        tolerance=1e-4,
    )
    events = collect(spec)
    epochs, stops = get_epochs(events), find_stops(events)
    # The stronger the pull, the sooner it is over.
    assert {by for _, by in stops.values()} == {"tolerance"}
    assert 1 < stops[2][0] < stops[1][0] < stops[0][0] == len(epochs) < 3000
    sweep = make_sweep(spec)
    before = sweep.read_parameters()
    for epoch in range(1, stops[1][0] + 1):
        sweep.train_epoch(epoch)
        after = sweep.read_parameters()
        for run in (1, 2):
            if epoch <= stops[run][0]:
                moved = max((after[run][name] - before[run][name]).abs().max().item() for name in after[run])
                largest = max(tensor.abs().max().item() for tensor in after[run].values())
                assert (moved <= 1e-4 * largest) == (epoch == stops[run][0])
            else:
                assert all(torch.equal(after[run][name], before[run][name]) for name in after[run])
        before = after


def test_weights_that_are_all_zero_have_converged_once_nothing_moves() -> None:
    spec = make_spec(
        "linear",
        network={"name": "linear", "intercept": False},
        optimizer={"name": "sgd", "learning_rate": 0.1},
        regularizers=regularize("l1", strengths=(1000.0,)),
        tolerance=1e-9,
        epochs=6,
    )
    events = collect(spec)
    assert find_stops(events) == {1: (2, "tolerance")}
    assert read_curve(get_epochs(events), "zero_share", 1)[:2] == [1.0, 1.0]


@pytest.mark.parametrize("optimizer", [{"name": "fista"}, {"name": "sgd", "learning_rate": 0.3}])
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize("target", ["as_is", "center", "standardize"])
def test_a_tolerance_sees_past_rounding(
    target: str, standardize: bool, precision: str, optimizer: dict[str, Any]
) -> None:
    """Above λ_max all weights are 0, and the intercept of a centered target is nothing but rounding.

    A tolerance that no precision can tell apart from rounding is met as well.
    """
    spec = ExperimentSpec.model_validate({
        "dataset": {"name": "diabetes", "target": target, "standardize": standardize}, "network": {"name": "linear"},
        "optimizer": optimizer, "regularizers": [{"name": "l1", "strengths": [1e3]}], "batch_size": "full",
        "precision": precision, "epochs": 200, "seeds": 1, "tolerance": 1e-16,
    })  # fmt: skip
    events = collect(spec, runs=plan_runs(spec)[1:])
    (end,) = find_stops(events).values()
    assert end[1] == "tolerance"
    assert end[0] < 150
    last = get_epochs(events)[-1].metrics
    assert (last["zero_share"][0], last["change"][0]) == (1.0, 0.0)


def test_the_intercept_of_classes_rests_too() -> None:
    """In float32 it jitters around the logarithm of the odds by more than such a tolerance."""
    spec = make_spec(
        "linear",
        dataset={"name": "breast_cancer"},
        optimizer={"name": "fista"},
        batch_size="full",
        regularizers=regularize("l1", strengths=(1e9,)),
        tolerance=1e-12,
        epochs=100,
    )
    assert find_stops(collect(spec, runs=plan_runs(spec)[1:]))[0][1] == "tolerance"


def test_moves_beyond_rounding_are_reported_and_end_nothing() -> None:
    """Of a tolerance that is not met the last change is known; without one nothing is measured."""
    options: dict[str, Any] = {
        "dataset": {"name": "diabetes", "target": "center"}, "optimizer": {"name": "fista"}, "batch_size": "full",
        "regularizers": regularize("l1", strengths=(0.1,)), "precision": "float64", "epochs": 12,
    }  # fmt: skip
    spec = make_spec("linear", tolerance=1e-9, **options)
    events = collect(spec)
    assert find_stops(events) == {}
    sweep = make_sweep(spec)
    for epoch in range(1, 13):
        before = sweep.read_parameters() if epoch > 1 else []
        sweep.train_epoch(epoch)
    changes = get_epochs(events)[-1].metrics["change"]
    for run, after in enumerate(sweep.read_parameters()):
        moved = max((after[name] - before[run][name]).abs().max().item() for name in after)
        largest = max(tensor.abs().max().item() for tensor in after.values())
        assert changes[run] == pytest.approx(moved / largest, rel=1e-12)
        assert changes[run] > 1e-9
    assert "change" not in get_epochs(collect(make_spec("linear", **options)))[-1].metrics


HALVED: dict[str, Any] = {
    "regularizers": regularize("l2", "l1", strengths=(0.0, 0.001, 0.01, 0.1, 0.5)),
    "halving": {"at": [2, 5], "keep": 0.5},
    "epochs": 7,
    "seeds": 2,
}


def test_halving_keeps_the_best_of_each_regularizer() -> None:
    spec = make_spec(**HALVED)
    events, runs = collect(spec), plan_runs(spec)
    epochs, stops = get_epochs(events), find_stops(events)
    assert {by for _, by in stops.values()} == {"halving"}
    assert all(runs[run].regularizer != "none" for run in stops)
    for key in ("l2", "l1"):
        left = [0.0, 0.001, 0.01, 0.1, 0.5]
        for at, kept in ((2, 3), (5, 2)):
            means = {
                strength: np.mean(
                    [
                        epochs[at - 1].metrics["validation_loss"][i]
                        for i, run in enumerate(runs)
                        if (run.regularizer, run.strength) == (key, strength)
                    ]
                )
                for strength in left
            }
            left = sorted(left, key=lambda strength: means[strength])[:kept]
            gone = {
                runs[run].strength for run, (epoch, _) in stops.items() if runs[run].regularizer == key and epoch == at
            }
            assert gone == set(means) - set(left)
            assert {runs[run].seed for run in stops if runs[run].strength in gone} == {0, 1}
    assert [epoch.epoch for epoch in epochs] == list(range(1, 8))
    assert np.isfinite(get_completed(events).test_loss).all()


def test_halving_takes_nothing_from_the_curves() -> None:
    """Up to its end every curve is the same without halving; one more regularizer changes no other's halving."""
    halved = make_spec(**HALVED)
    whole = collect(make_spec(**HALVED | {"halving": None}))
    alone = make_spec(**HALVED | {"regularizers": HALVED["regularizers"][:1]})
    events, runs = collect(halved), plan_runs(halved)
    stops = find_stops(events)
    for run in range(len(runs)):
        end = stops.get(run, (7, ""))[0]
        for name in MEASURED:
            curve = read_curve(get_epochs(events), name, run)
            assert np.array_equal(curve[:end], read_curve(get_epochs(whole), name, run)[:end], equal_nan=True)
            assert np.isnan(curve[end:]).all()
    kept = [run for run in range(len(runs)) if run not in stops]
    assert np.array_equal(get_completed(events).test_loss[kept], get_completed(whole).test_loss[kept])
    own = {runs[run]: stop for run, stop in stops.items() if runs[run].regularizer == "l2"}
    assert {plan_runs(alone)[run]: stop for run, stop in find_stops(collect(alone)).items()} == own


def test_a_seed_that_diverged_makes_a_strength_worst() -> None:
    """λ = 1000 diverges before the first halving; it neither trains nor counts among those that are ranked."""
    spec = make_spec(
        optimizer={"name": "sgd", "learning_rate": 0.05},
        regularizers=[{"name": "l2", "strengths": [0.0, 0.001, 0.01, 0.1, 1000.0]}],
        halving={"at": [11]},
        epochs=12,
        seeds=2,
    )
    events, runs = collect(spec), plan_runs(spec)
    fallen = {run for epoch in get_epochs(events) for run in epoch.diverged}
    assert {runs[run].strength for run in fallen} == {1000.0}
    stops = find_stops(events)
    assert fallen.isdisjoint(stops)
    assert len({runs[run].strength for run in stops}) == 2
    rank = [np.array([0.1, np.inf]), np.array([9.0, 9.0]), np.array([np.inf, np.inf]), np.array([5.0, np.inf])]
    assert [choose_worst(rank, kept) for kept in (4, 3, 2, 1)] == [[], [2], [2, 3], [0, 2, 3]]
    # Of equal ones the earlier goes on.
    assert choose_worst([np.array([1.0])] * 4, 2) == [2, 3]


def test_a_smaller_patience_is_the_stronger_one_that_goes_first() -> None:
    """Until one ends their losses are all the same."""
    spec = make_spec(regularizers=stop_early(50, 60, 70, 80), halving={"at": [1]}, epochs=2, optimizer_name="sgd")
    stops = find_stops(collect(spec))
    assert {plan_runs(spec)[run].strength for run in stops} == {50, 60}


def judge(rules: StoppingRules, epoch: int, losses: Sequence[float], diverged: Sequence[int] = ()) -> dict[int, str]:
    """By run: why it ends with this epoch, of those that go on so far; ``losses`` of the others are NaN."""
    column, fallen = np.array(losses), np.isin(np.arange(len(losses)), list(diverged))
    training = np.isfinite(column) & ~fallen
    verdict = rules.judge(epoch, column, np.full(len(losses), np.nan), training, fallen)
    return {stopping.run: stopping.by for stopping in verdict.stopped}


def test_runs_that_ended_by_themselves_are_not_ranked_and_count_with_their_last_loss() -> None:
    """One seed of the strength 0.1 runs out of patience at a lowest loss of 1; then both seeds' mean is 1.5."""
    options = OVERFITTING | {"halving": {"at": [4], "keep": 0.5}}
    spec = make_spec(fixed=stop_early(2), regularizers=regularize("l2", strengths=(0.1, 0.2, 0.3, 0.4)), **options)
    rules, nan = StoppingRules(spec, plan_runs(spec)), np.nan
    #                      baseline  0.1       0.2       0.3       0.4
    assert judge(rules, 1, [9, 9,    1.0, 3.0, 1.6, 1.6, 9.0, 9.0, 9.0, 9.0]) == {}  # fmt: skip
    assert judge(rules, 2, [8, 8,    2.0, 2.5, 1.6, 1.5, 8.0, 8.0, 8.0, 8.0]) == {}  # fmt: skip
    assert judge(rules, 3, [7, 7,    2.0, 2.2, 1.5, 1.5, 7.0, 7.0, 7.0, 7.0]) == {2: "early_stopping"}  # fmt: skip
    last = judge(rules, 4, [6, 6,    nan, 2.0, 1.4, 1.9, nan, 1.0, 1.7, 1.7], [6])  # fmt: skip
    # 0.2 has 1.4 and its lowest of 1.5, so 0.1 is next with (1 + 2) / 2; a seed of 0.3 diverged, 0.4 has 1.7.
    assert last == {5: "early_stopping", 7: "halving", 8: "halving", 9: "halving"}


def test_halving_never_stops_the_last_strength() -> None:
    spec = make_spec(regularizers=regularize("l2", strengths=(0.1, 0.2)), halving={"at": [1, 2], "keep": 0.1}, epochs=3)
    rules = StoppingRules(spec, plan_runs(spec))
    assert judge(rules, 1, [1.0, 5.0, 4.0]) == {1: "halving"}
    assert judge(rules, 2, [1.0, np.nan, 9.0]) == {}
