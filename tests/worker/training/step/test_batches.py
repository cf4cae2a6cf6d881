"""The examples of a step: all of them, or batches in a new order each epoch, or in the data's own."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn import functional

from core.planning import plan_runs
from tests.worker.training.reference_training import draw_start, forward
from tests.worker.training.sweeps import REGULARIZERS, make_spec, make_sweep, regularize, train_sweep

STILL: dict[str, Any] = {"name": "sgd", "learning_rate": 1e-12}


def measure(spec: Any, rows: slice) -> float:
    """The loss of the start on these training examples."""
    data = make_sweep(spec).data
    start = draw_start(spec, 0, data.shape, 10, torch.float64)
    outputs = forward(spec.network, start, data.train.x[rows], lambda hidden: hidden)
    return functional.cross_entropy(outputs, data.train.y[rows]).item()


def test_without_shuffling_batches_follow_the_datas_own_order_in_every_epoch() -> None:
    changes: dict[str, Any] = {"optimizer": STILL, "regularizers": [], "precision": "float64"}
    spec = make_spec(shuffle=False, **changes)
    expected = [measure(spec, slice(start, start + 16)) for start in (0, 16, 32)]
    sweep = make_sweep(spec)
    for epoch in (1, 2):
        assert sweep.train_epoch(epoch).batch_losses[0].tolist() == pytest.approx(expected, rel=1e-6)
    shuffled = make_sweep(make_spec(**changes)).train_epoch(1).batch_losses[0].tolist()
    assert shuffled != pytest.approx(expected, rel=1e-3)


def test_a_full_batch_is_one_step_on_all_examples() -> None:
    spec = make_spec(optimizer=STILL, regularizers=[], precision="float64", batch_size="full")
    losses = make_sweep(spec).train_epoch(1).batch_losses
    assert losses.shape == (1, 1)
    assert losses[0, 0] == pytest.approx(measure(spec, slice(None)), rel=1e-6)


@pytest.mark.parametrize("network", ["linear", "mlp", "cnn"])
def test_a_full_batch_trains_as_a_batch_of_all_examples(network: str) -> None:
    """But for the order of the sum; without noise, which is drawn for places in the batch."""
    names = [name for name in REGULARIZERS if name in ("l1", "l2", "elastic_net", "tensor_norm_2", "label_smoothing")]
    spec = make_spec(network, precision="float64", batch_size="full", regularizers=regularize(*names))
    counted = spec.model_copy(update={"batch_size": 40})
    for whole, other in zip(train_sweep(spec), train_sweep(counted), strict=True):
        torch.testing.assert_close(whole, other, rtol=1e-8, atol=1e-10)


def test_full_batches_are_shared_and_stay_as_they_are() -> None:
    """Whatever alters its runs' inputs alters copies: strength 0 is the baseline, in every stack, and the data last."""
    names = [name for name in REGULARIZERS if name not in ("max_norm", "early_stopping")]
    spec = make_spec(batch_size="full", regularizers=regularize(*names, strengths=(0.0, 0.05)), seeds=2)
    runs = plan_runs(spec)
    sweep = make_sweep(spec, runs, 64)
    before = sweep.data.train.x.clone()
    for epoch in range(1, spec.epochs + 1):
        sweep.train_epoch(epoch)
    assert torch.equal(sweep.data.train.x, before)
    together = [torch.cat([tensor.flatten() for tensor in run.values()]) for run in sweep.read_parameters()]
    for run, trained in zip(runs, together, strict=True):
        assert torch.equal(trained, together[run.seed]) == (run.strength == 0), run
    for index in range(0, len(runs), 5):
        assert torch.equal(train_sweep(spec, [runs[index]], 1)[0], together[index]), runs[index]
