"""The design of an experiment, from its spec."""

from __future__ import annotations

from core.analysis.design import Design
from core.catalogue import count_split
from core.catalogue.datasets import count_examples
from core.spec import ExperimentSpec, Folds, SplitBySeed


def find_design(spec: ExperimentSpec) -> Design:
    """Which rows its replicates share."""
    dataset, split = spec.dataset, spec.dataset.split
    examples, own_test = count_examples(dataset)
    sizes = count_split(dataset)
    draws_test = isinstance(split, SplitBySeed) and own_test is None
    correction = 0.0
    if isinstance(split, Folds):
        correction = 1 / (split.k - 1)
    elif isinstance(split, SplitBySeed) and not dataset.is_generated:
        left_out = sizes.test if draws_test else sizes.validation
        correction = left_out / (examples - left_out)
    return Design(
        split=split.name,
        seeds=len(spec.list_seeds()),
        folds=split.count(),
        is_nested=draws_test,
        correction=correction,
        has_test=sizes.test > 0,
    )
