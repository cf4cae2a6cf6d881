"""The matrix-product peak of one core: the best rate of products that fit into its cache, measured as the rest is."""

from __future__ import annotations

import time

import torch

from benchmarks.peers.workload import Outcome, Work

_SECONDS = 0.3


def train(work: Work) -> list[Outcome]:
    """No training: the first number of its one outcome is the best rate, in operations per second."""
    square, tall = torch.randn(512, 512), torch.randn(512, 256)
    stack, batch = torch.randn(4, 256, 256), torch.randn(4, 256, 256)
    rates = [_time(torch.mm, square, square), _time(torch.mm, tall, stack[0]), _time(torch.bmm, batch, stack)]
    return [Outcome(max(rates), 0.0, 0.0)]


def _time(product: object, a: torch.Tensor, b: torch.Tensor) -> float:
    assert callable(product)
    operations = 2.0 * a.numel() * b.shape[-1]
    out, best, end = product(a, b), 0.0, time.perf_counter() + _SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        product(a, b, out=out)
        best = max(best, operations / (time.perf_counter() - start))
    return best
