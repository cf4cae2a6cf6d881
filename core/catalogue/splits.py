"""The catalogue of splits: which rows train, validate and test."""

from __future__ import annotations

from core.catalogue.form_fields import derive_parameters
from core.catalogue.schemas import SplitKind
from core.spec.split import FixedSplit, Folds, SplitBySeed

SPLITS: dict[str, SplitKind] = {
    entry.name: entry
    for entry in (
        SplitKind(
            name="fixed",
            label="Fixed",
            help="All runs have the same training, validation and test rows: an answer is about these rows only.",
            source="",
            parameters=derive_parameters(FixedSplit),
        ),
        SplitKind(
            name="by_seed",
            label="By seed",
            help="Each seed draws rows of its own, so that an answer is not about one split: take 5 seeds or more.",
            source="Nadeau & Bengio 2003, Machine Learning 52:239",
            parameters=derive_parameters(SplitBySeed),
        ),
        SplitKind(
            name="folds",
            label="Folds",
            help="Cross-validation: each of k folds validates once what the others have trained. Each seed trains all "
            "folds. The test rows stay apart; with a share of 0 for test all rows are in folds, and the strength is "
            "chosen, not judged.",
            source="Hastie, Tibshirani & Friedman 2009, section 7.10; scikit-learn KFold",
            parameters=derive_parameters(Folds),
        ),
    )
}
