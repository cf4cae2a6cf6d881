"""Label smoothing: torch's own loss, of two classes too; the reported loss stays the plain one."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from core.errors import InvalidSpecError
from core.planning import plan_runs
from tests.worker.training.reference_training import train_reference
from tests.worker.training.sweeps import make_spec, make_sweep, regularize, train_sweep
from worker.training.regularizers import make_regularizer
from worker.training.step.batch import Batch
from worker.training.step.losses import make_task

STRENGTHS = torch.tensor([0.0, 0.1, 0.9], dtype=torch.float64)


@pytest.mark.parametrize(("classes", "outputs"), [(2, 1), (2, 2), (3, 3), (10, 10)])
def test_losses_and_gradients_are_torchs(classes: int, outputs: int) -> None:
    """One logit z is the two logits 0 and z."""
    generator = torch.Generator().manual_seed(1)
    logits = 9 * torch.randn(3, 20, outputs, generator=generator, dtype=torch.float64)
    logits[:, 0] = 0
    logits.requires_grad_()
    y = torch.randint(classes, (3, 20), generator=generator)
    task = make_task(classes, outputs)
    plain = task.compute_losses(logits, y)
    losses = make_regularizer("label_smoothing", STRENGTHS).compute_losses(logits, Batch(logits, y), plain, task)
    (gradient,) = torch.autograd.grad(losses.sum(), logits)
    for run, strength in enumerate(STRENGTHS.tolist()):
        leaf = logits[run].detach().requires_grad_()
        whole = functional.pad(leaf, (classes - outputs, 0))
        expected = functional.cross_entropy(whole, y[run], label_smoothing=strength, reduction="none")
        torch.testing.assert_close(losses[run], expected, rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(gradient[run], torch.autograd.grad(expected.sum(), leaf)[0], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("network", ["linear", "mlp"])
def test_two_classes_train_as_plain_pytorch(network: str) -> None:
    """However many outputs the network has for them."""
    spec = make_spec(
        network,
        dataset={"name": "breast_cancer", "train_examples": 40},
        regularizers=regularize("label_smoothing", strengths=(0.0, 0.3)),
        precision="float64",
    )
    for run, trained in zip(plan_runs(spec), train_sweep(spec), strict=True):
        torch.testing.assert_close(trained, train_reference(spec, run), rtol=1e-9, atol=1e-12)


def test_losses_that_are_reported_stay_plain() -> None:
    """The first batch is before any step, so that all runs of a seed have the same losses of it."""
    spec = make_spec(regularizers=regularize("label_smoothing", strengths=(0.3, 0.9)), epochs=1)
    batch_losses = make_sweep(spec).train_epoch(1).batch_losses
    assert len(set(batch_losses[:, 0].tolist())) == 1
    assert len(set(batch_losses[:, 1].tolist())) == 3


def test_it_keeps_outputs_from_growing() -> None:
    """With targets (1 − ε, ε/K, …) the plain loss of the best fit is −log(1 − ε + ε/K), not 0."""
    strength, classes = 0.5, 10
    spec = make_spec(
        "linear",
        optimizer={"name": "adam", "learning_rate": 0.05},
        regularizers=regularize("label_smoothing", strengths=(strength,)),
        epochs=600,
        batch_size="full",
    )
    sweep = make_sweep(spec)
    for epoch in range(1, spec.epochs + 1):
        losses = sweep.train_epoch(epoch).metrics["train_loss"]
    best = -float(torch.tensor(1 - strength + strength / classes).log())
    assert losses[0] < 0.01
    assert losses[1] == pytest.approx(best, rel=0.02)


def test_a_regression_has_no_classes_to_smooth() -> None:
    with pytest.raises(InvalidSpecError, match="needs classes"):
        make_task(None, 1).compute_uniform_losses(torch.zeros(1, 2, 1))
