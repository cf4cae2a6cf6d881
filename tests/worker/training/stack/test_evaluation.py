"""Evaluation: in batches and blocks of runs, with the numbers of one pass over everything."""

from __future__ import annotations

import pytest
import torch

from tests.worker.training.sweeps import NETWORKS, get_stack, make_spec, make_sweep, regularize
from worker.training.stack import evaluation
from worker.training.step.batch import Batch


@pytest.mark.parametrize("network", NETWORKS)
def test_a_whole_set_has_the_loss_of_a_batch_of_all_its_examples(network: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches of seven, with nothing dropped."""
    monkeypatch.setattr(evaluation, "EVALUATION_BATCH", 7)
    names = ("dropout", "gaussian_noise", "mixup")
    spec = make_spec(network, regularizers=regularize(*names, strengths=(0.3,)), precision="float64", seeds=2)
    stack = get_stack(make_sweep(spec))
    examples = stack.data.validation
    loss, _ = stack.evaluate(examples)
    batch = Batch(examples.x[None], examples.y.expand(len(stack.runs), -1))
    torch.testing.assert_close(loss, stack._evaluation.measure_losses(batch), rtol=1e-12, atol=0)
    # Two seeds, and the same at every strength.
    assert len(set(loss.tolist())) == 2


def test_check_is_called_before_each_batch_and_may_end_it() -> None:
    stack = get_stack(make_sweep(make_spec()))

    def refuse() -> None:
        raise InterruptedError

    stack._evaluation._check = refuse
    with pytest.raises(InterruptedError):
        stack.evaluate(stack.data.test)
