"""The generator of events: order, shapes, and numbers that another computation confirms."""

from __future__ import annotations

import pickle
import pickletools
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.errors import InvalidSpecError
from core.planning import plan_jobs, plan_runs
from core.spec import ExperimentSpec, PlannedRun
from tests.worker.training.reference_training import forward
from tests.worker.training.sweeps import collect, get_completed, get_epochs, make_spec, make_sweep, regularize
from worker.training import METRICS, Completed, EpochValues, Prepared, Stopped, train

NOT_BEFORE_A_STEP = {"gradient_norm", "gradient_ratio", "learning_rate", "seconds"}


@pytest.fixture(scope="module")
def spec() -> ExperimentSpec:
    return make_spec(regularizers=regularize("l2", "l1", "dropout", strengths=(0.0, 0.02)), seeds=2, epochs=4)


def test_events_come_in_order_with_their_shapes(spec: ExperimentSpec) -> None:
    events = collect(spec)
    assert [type(event) for event in events] == [Prepared, *[EpochValues] * 4, Completed]
    prepared = events[0]
    assert isinstance(prepared, Prepared)
    assert prepared.layers == ("hidden1", "hidden2", "output")
    assert (prepared.train_examples, prepared.validation_examples, prepared.test_examples) == (40, 36, 36)
    assert prepared.steps_per_epoch == 3
    for number, epoch in enumerate(get_epochs(events), start=1):
        assert epoch.epoch == number
        assert tuple(epoch.metrics) == METRICS
        assert all(column.shape == (14,) and column.dtype == np.float64 for column in epoch.metrics.values())
        assert all(np.isfinite(epoch.metrics[name]).all() for name in set(METRICS) - {"gradient_ratio"})
        assert (epoch.batch_losses.shape, epoch.batch_losses.dtype) == ((14, 3), np.dtype(np.float32))
        assert epoch.diverged == ()
    seconds = [epoch.metrics["seconds"][0] for epoch in get_epochs(events)]
    assert seconds == sorted(seconds)
    assert get_completed(events).test_loss.shape == get_completed(events).test_score.shape == (14,)


def test_events_are_plain(spec: ExperimentSpec) -> None:
    """The process that reads them from the pipe never imports torch."""
    for event in collect(spec):
        data = pickle.dumps(event)
        assert b"torch" not in b"".join(str(arg).encode() for _, arg, _ in pickletools.genops(data))
        assert type(pickle.loads(data)) is type(event)  # noqa: S301 - written in the line above


def test_runs_are_reported_in_the_order_given(spec: ExperimentSpec) -> None:
    runs = plan_runs(spec)
    mixed = [runs[i] for i in np.random.default_rng(0).permutation(len(runs))]
    planned, shuffled = get_epochs(collect(spec)), get_epochs(collect(spec, runs=mixed))
    for i, run in enumerate(mixed):
        j = runs.index(run)
        for name in set(METRICS) - {"seconds"}:
            np.testing.assert_equal(shuffled[-1].metrics[name][i], planned[-1].metrics[name][j])
        assert np.array_equal(shuffled[-1].batch_losses[i], planned[-1].batch_losses[j])


def test_jobs_compute_what_the_whole_sweep_does(spec: ExperimentSpec) -> None:
    runs = plan_runs(spec)
    whole = get_epochs(collect(spec))[-1]
    for job in plan_jobs(runs, 3):
        part = get_epochs(collect(spec, runs=job))[-1]
        for name in set(METRICS) - {"seconds"}:
            places = [runs.index(run) for run in job]
            assert np.array_equal(part.metrics[name], whole.metrics[name][places], equal_nan=True)


def test_metrics_are_what_they_are_called(spec: ExperimentSpec) -> None:
    """Recomputed from the weights, run by run, by torch's own layers."""
    sweep = make_sweep(spec)
    metrics = sweep.train_epoch(1).metrics
    for i, (run, tensors) in enumerate(zip(plan_runs(spec), sweep.read_parameters(), strict=True)):
        for name, examples in (("train", sweep.data.train), ("validation", sweep.data.validation)):
            outputs = forward(spec.network, tensors, examples.x, lambda hidden: hidden)
            assert metrics[f"{name}_loss"][i] == pytest.approx(
                functional.cross_entropy(outputs, examples.y).item(), 1e-5
            )
            hits = (outputs.argmax(1) == examples.y).double().mean().item()
            assert metrics[f"{name}_score"][i] == pytest.approx(hits)
        weights = torch.cat([t.flatten() for name, t in tensors.items() if name.endswith("weight")]).double()
        assert metrics["weight_l1"][i] == pytest.approx(weights.abs().sum().item(), 1e-5)
        assert metrics["weight_l2"][i] == pytest.approx(weights.norm().item(), 1e-5)
        assert metrics["zero_share"][i] == pytest.approx((weights == 0).double().mean().item())
        omega = {"l2": weights.square().sum() / 2, "l1": weights.abs().sum()}.get(run.regularizer, torch.zeros(()))
        assert metrics["penalty"][i] == pytest.approx(run.strength * omega.item(), 1e-5)
        assert metrics["learning_rate"][i] == 0.002


def test_batch_losses_and_gradient_norms_are_the_data_losss() -> None:
    """One step an epoch, on all examples: the loss before it, and its gradient without the penalty's."""
    spec = make_spec(regularizers=regularize("l2", strengths=(0.5,)), batch_size=40, precision="float64")
    sweep = make_sweep(spec)
    starts = sweep.read_parameters()
    epoch = sweep.train_epoch(1)
    for i, tensors in enumerate(starts):
        leaves = {name: tensor.requires_grad_() for name, tensor in tensors.items()}
        outputs = forward(spec.network, leaves, sweep.data.train.x, lambda hidden: hidden)
        loss = functional.cross_entropy(outputs, sweep.data.train.y)
        gradients = torch.autograd.grad(loss, list(leaves.values()))
        assert epoch.batch_losses[i] == pytest.approx([loss.item()], 1e-6)
        norm = torch.cat([gradient.flatten() for gradient in gradients]).norm().item()
        assert epoch.metrics["gradient_norm"][i] == pytest.approx(norm, 1e-9)


def test_regression_reports_half_the_squared_error_and_r2() -> None:
    spec = make_spec("linear", dataset={"name": "diabetes"}, precision="float64", seeds=2, regularizers=[], epochs=60)
    events = collect(spec)
    last, completed = get_epochs(events)[-1].metrics, get_completed(events)
    sweep = make_sweep(spec)
    for name, loss, score in (
        ("train", last["train_loss"], last["train_score"]),
        ("validation", last["validation_loss"], last["validation_score"]),
        ("test", completed.test_loss, completed.test_score),
    ):
        y = getattr(sweep.data, name).y
        assert score == pytest.approx((1 - 2 * loss / y.var(correction=0).item()).tolist())
        assert (score > 0.3).all()


def test_test_metrics_are_of_the_test_examples_and_the_final_weights(spec: ExperimentSpec) -> None:
    completed = get_completed(collect(spec))
    sweep = make_sweep(spec)
    for epoch in range(1, 5):
        sweep.train_epoch(epoch)
    for i, tensors in enumerate(sweep.read_parameters()):
        outputs = forward(spec.network, tensors, sweep.data.test.x, lambda hidden: hidden)
        assert completed.test_loss[i] == pytest.approx(
            functional.cross_entropy(outputs, sweep.data.test.y).item(), 1e-5
        )
        hits = (outputs.argmax(1) == sweep.data.test.y).double().mean().item()
        assert completed.test_score[i] == pytest.approx(hits)


@pytest.mark.parametrize(
    ("optimizer", "decay"), [("adam", 0.0), ("momentum", 1e-3), ("adam_decayed", 1e-2), ("adamw", 0.0)]
)
def test_the_objective_is_the_training_loss_and_what_penalizes_weights(optimizer: str, decay: float) -> None:
    """``decay``: the optimizer's, where it is coupled. What adds no term leaves the loss alone."""
    names = ("l2", "l1", "group_lasso", "weight_decay", "dropout", "max_norm", "label_smoothing")
    spec = make_spec("mlp", optimizer, regularizers=regularize(*names, strengths=(0.02,)), precision="float64")
    sweep = make_sweep(spec)
    metrics = sweep.train_epoch(1).metrics
    for i, (run, tensors) in enumerate(zip(plan_runs(spec), sweep.read_parameters(), strict=True)):
        weights = [tensor for name, tensor in tensors.items() if name.endswith("weight")]
        omega = {
            "l2": sum(weight.square().sum() / 2 for weight in weights),
            "l1": sum(weight.abs().sum() for weight in weights),
            "group_lasso": sum(weight.shape[1] ** 0.5 * weight.norm(dim=1).sum() for weight in weights),
        }.get(run.regularizer, 0.0)
        added = run.strength * float(omega) + decay / 2 * float(sum(weight.square().sum() for weight in weights))
        assert metrics["objective"][i] == pytest.approx(metrics["train_loss"][i] + added, rel=1e-12), run


def test_the_gradient_ratio_is_of_the_penalties_that_pull() -> None:
    """From the weights, by autograd; nothing where no penalty is, and with λ = 0, which is the baseline."""
    names = ("l2", "l1", "elastic_net", "group_lasso", "tensor_norm_2", "weight_decay", "dropout", "max_norm")
    chosen = [*regularize(*names, strengths=(0.02,)), *regularize("l1_subgradient", strengths=(0.0,))]
    spec = make_spec(regularizers=chosen, precision="float64")
    sweep = make_sweep(spec)
    metrics = sweep.train_epoch(1).metrics
    seen = set()
    for i, (run, tensors) in enumerate(zip(plan_runs(spec), sweep.read_parameters(), strict=True)):
        weights = [tensor.requires_grad_() for name, tensor in tensors.items() if name.endswith("weight")]
        omegas = {
            "l2": lambda w: w.square().sum() / 2,
            "l1": lambda w: w.abs().sum(),
            "elastic_net(mixing=0.3)": lambda w: 0.3 * w.abs().sum() + 0.35 * w.square().sum(),
            "group_lasso": lambda w: w.shape[1] ** 0.5 * w.norm(dim=1).sum(),
            "tensor_norm(p=2)": lambda w: w.norm(),
        }
        if run.regularizer not in omegas:
            assert np.isnan(metrics["gradient_ratio"][i]), run
            continue
        seen.add(run.regularizer)
        total = run.strength * sum(omegas[run.regularizer](weight) for weight in weights)
        gradients = torch.autograd.grad(total, weights)
        norm = torch.cat([gradient.flatten() for gradient in gradients]).norm().item()
        assert metrics["gradient_ratio"][i] == pytest.approx(norm / metrics["gradient_norm"][i], rel=1e-9), run
    assert len(seen) == 5


def test_at_the_optimum_penalty_and_data_pull_alike() -> None:
    spec = make_spec(
        "linear", optimizer={"name": "fista"}, network={"name": "linear", "intercept": False}, batch_size="full",
        precision="float64", regularizers=regularize("l2", strengths=(0.3,)), epochs=400, tolerance=1e-12,
    )  # fmt: skip
    epochs = get_epochs(collect(spec))
    (run,) = [i for i, run in enumerate(plan_runs(spec)) if run.regularizer == "l2"]
    ratios = [epoch.metrics["gradient_ratio"][run] for epoch in epochs]
    assert [ratio for ratio in ratios if np.isfinite(ratio)][-1] == pytest.approx(1, abs=1e-6)


def test_the_first_epoch_carries_the_state_before_the_first_step(spec: ExperimentSpec) -> None:
    """Measured as after an epoch; what only steps have is not a number."""
    first, *others = get_epochs(collect(spec))
    start = first.start
    assert start is not None
    assert all(epoch.start is None for epoch in others)
    assert (start.epoch, start.batch_losses.shape, start.diverged, start.stopped) == (0, (14, 0), (), ())
    assert {name for name in METRICS if np.isnan(start.metrics[name]).all()} == NOT_BEFORE_A_STEP
    assert all(np.isfinite(start.metrics[name]).all() for name in set(METRICS) - NOT_BEFORE_A_STEP)
    assert {(bars.run, bars.layer) for bars in start.histograms} == {
        (run, layer) for run in range(14) for layer in ("hidden1", "hidden2", "output")
    }
    sweep = make_sweep(spec)
    for i, (run, tensors) in enumerate(zip(plan_runs(spec), sweep.read_parameters(), strict=True)):
        for name, examples in (("train", sweep.data.train), ("validation", sweep.data.validation)):
            outputs = forward(spec.network, tensors, examples.x, lambda hidden: hidden)
            loss = functional.cross_entropy(outputs, examples.y).item()
            assert start.metrics[f"{name}_loss"][i] == pytest.approx(loss, 1e-5)
        weights = torch.cat([t.flatten() for name, t in tensors.items() if name.endswith("weight")]).double()
        assert start.metrics["weight_l2"][i] == pytest.approx(weights.norm().item(), 1e-5)
        omega = {"l2": weights.square().sum() / 2, "l1": weights.abs().sum()}.get(run.regularizer, torch.zeros(()))
        assert start.metrics["penalty"][i] == pytest.approx(run.strength * omega.item(), 1e-5)


@pytest.mark.parametrize("network", ["mlp", "cnn", "resnet", "linear"])
def test_measuring_the_start_changes_no_epoch(network: str) -> None:
    """Neither what is drawn nor a running statistic, bit for bit."""
    spec = make_spec(network, regularizers=regularize("l1", "dropout", "gaussian_noise", "mixup", "sam"), epochs=2)
    measured, plain = make_sweep(spec), make_sweep(spec)
    measured.measure_start()
    for number in (1, 2):
        own, other = measured.train_epoch(number), plain.train_epoch(number)
        assert np.array_equal(own.batch_losses, other.batch_losses)
        for name in set(METRICS) - {"seconds"}:
            assert np.array_equal(own.metrics[name], other.metrics[name], equal_nan=True)


def test_batches_are_paired_by_seed(spec: ExperimentSpec) -> None:
    """The first batch's loss is of the same start on the same examples, whatever the penalty."""
    first = get_epochs(collect(spec))[0].batch_losses
    losses: dict[int, set[float]] = {0: set(), 1: set()}
    for run, loss in zip(plan_runs(spec), first[:, 0], strict=True):
        if run.regularizer != "dropout":
            losses[run.seed].add(float(loss))
    assert [len(own) for own in losses.values()] == [1, 1]
    assert losses[0] != losses[1]


def test_histograms_at_the_first_the_last_and_ten_epochs_between() -> None:
    spec = make_spec("linear", epochs=40, regularizers=regularize("l1", strengths=(0.02,)))
    epochs = get_epochs(collect(spec))
    drawn = [epoch.epoch for epoch in epochs if epoch.histograms]
    assert (drawn[0], drawn[-1], len(drawn)) == (1, 40, 12)
    for epoch in epochs:
        for histogram in epoch.histograms:
            assert histogram.counts.dtype == np.uint32
            assert histogram.counts.sum() == 640
            assert histogram.low < histogram.high
    assert {(h.run, h.layer) for h in epochs[0].histograms} == {(0, "output"), (1, "output")}


def test_asked_to_stop_it_stops_at_the_next_step() -> None:
    spec = make_spec(epochs=1000)
    asked: list[bool] = []

    def should_stop() -> bool:
        asked.append(True)
        return len(asked) > 20

    events = train(
        spec, plan_runs(spec), data_folder=Path("unused"), download=False, device="cpu", should_stop=should_stop
    )
    with pytest.raises(Stopped):
        list(events)
    assert len(asked) == 21


def test_a_run_of_another_experiment_is_refused(spec: ExperimentSpec) -> None:
    with pytest.raises(InvalidSpecError, match="no regularizer max_norm; it has dropout, l1, l2, none"):
        collect(spec, runs=[PlannedRun("max_norm", 1.0, 0)])
