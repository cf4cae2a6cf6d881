"""The design of an experiment, from its spec."""

from __future__ import annotations

from core.analysis.design import Design, correct_draws, correct_folds
from core.catalogue.datasets import count_examples, count_split
from core.spec import FISTA, ExperimentSpec, Folds, SplitBySeed


def find_design(spec: ExperimentSpec) -> Design:
    """Which rows its replicates share."""
    dataset, split = spec.dataset, spec.dataset.split
    examples, own_test = count_examples(dataset)
    sizes = count_split(dataset)
    draws_test = isinstance(split, SplitBySeed) and own_test is None
    is_exact = isinstance(spec.optimizer, FISTA)
    correction = 0.0
    if isinstance(split, Folds):
        correction = correct_folds(split.k, is_exact=is_exact)
    elif isinstance(split, SplitBySeed) and not dataset.is_generated:
        left_out = sizes.test if draws_test else sizes.validation
        correction = correct_draws(left_out, examples - left_out)
    return Design(
        split=split.name,
        seeds=len(spec.list_seeds()),
        folds=split.count(),
        is_nested=draws_test,
        is_exact=is_exact,
        correction=correction,
        has_test=sizes.test > 0,
    )
