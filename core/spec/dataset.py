"""DatasetSpec: the data set of an experiment, and its split."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.spec.spec_error import refuse
from core.spec.split import FixedSplit, Folds, RowsKey, SplitBySeed, SplitSpec

DatasetName = Literal[
    "digits", "breast_cancer", "wine", "diabetes", "moons", "spirals", "mnist", "fashion_mnist", "cifar10"
]
GENERATED = ("moons", "spirals")


Count = Annotated[int, Field(ge=1, le=10_000_000)]


class AugmentationSpec(BaseModel):
    """Drawn for each example anew, once per seed: the runs of one seed see the same images."""

    model_config = ConfigDict(extra="forbid")

    crop: int = Field(
        default=0, ge=0, le=32, description="Pad by this many pixels of 0, then crop at random; 0 is off."
    )
    flip: bool = Field(default=False, description="Mirror left and right with probability ½.")
    cutout: int = Field(
        default=0, ge=0, le=224, description="Side of a square around a random pixel that is set to 0; 0 is off."
    )


class DatasetSpec(BaseModel):
    """Which data, how many training examples, and the split.

    The split is drawn with ``split_seed`` before any subset is taken, so that a smaller ``train_examples`` is a
    prefix of a larger one and validation and test examples never change. Data sets that come with a test set
    (mnist, fashion_mnist, cifar10) keep it: ``test_fraction`` does not apply to them, and ``test_examples`` takes the
    first of it. A ``test_fraction`` of 0 leaves no test part: strengths are then chosen, and not judged. With folds
    ``validation_fraction`` does not apply.
    """

    model_config = ConfigDict(extra="forbid")

    name: DatasetName
    train_examples: Annotated[int, Field(ge=2, le=10_000_000)] | None = Field(
        default=None, description="Train on only this many examples; none means all. Fewer examples, more over-fitting."
    )
    split: SplitSpec = Field(
        default=FixedSplit(name="fixed"),
        description="Which rows train, validate and test: the same for all runs, drawn by each seed, or k folds.",
    )
    validation_fraction: float = Field(
        default=0.2, gt=0, lt=1, allow_inf_nan=False, description="Share of the examples that chooses the strength."
    )
    test_fraction: float = Field(
        default=0.2,
        ge=0,
        lt=1,
        allow_inf_nan=False,
        description="Share that is looked at once, at the end; 0 keeps none apart, and nothing is judged.",
    )
    split_seed: int = Field(default=0, ge=0, lt=2**31, description="Draws the split; the same for all runs.")
    validation_examples: Count | None = Field(
        default=None, description="How many examples validate, in place of a share; none means the share."
    )
    test_examples: Count | None = Field(
        default=None, description="How many examples test, in place of a share; none means the share."
    )
    label_noise: float = Field(
        default=0.0,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="Chance of each training label to be replaced by a random class; validation and test keep theirs. "
        "More noise, more over-fitting.",
    )
    use_all_rows: bool = Field(
        default=False,
        description="Train on every row but those of a test set of its own, in the data set's own order, and validate "
        "and test on the same rows: for comparing with a certified optimum, not for choosing a strength.",
    )
    standardize: bool = Field(
        default=True, description="Subtract mean and divide by deviation of the training examples."
    )
    divide_by: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] | None = Field(
        default=None,
        description="Without standardizing: divide the raw features by this, such as 255 or 16; none leaves features "
        "as they are, but scales bytes of images to [0, 1].",
    )
    target: Literal["standardize", "center", "as_is"] | None = Field(
        default=None,
        description="Regression only: what is done to the target; none means as the features, else as is.",
    )
    augmentation: AugmentationSpec | None = Field(
        default=None, description="Images only: random changes of the training images, the same at every strength."
    )
    samples: int | None = Field(
        default=None, ge=20, le=1_000_000, description="Generated data only: how many examples to draw (default 1000)."
    )
    noise: float | None = Field(
        default=None,
        ge=0,
        le=10,
        allow_inf_nan=False,
        description="Generated data only: deviation of the noise (default 0.2).",
    )

    def resolve_seed(self, key: RowsKey) -> DatasetSpec:
        """The data set of the replicates with this key, with a fixed split in place of one by seed.

        A seed's own rows are those that its number added to ``split_seed`` draws; so are generated data, and label
        noise.
        """
        if not isinstance(self.split, SplitBySeed):
            return self
        return self.model_copy(update={"split": FixedSplit(name="fixed"), "split_seed": self.split_seed + key[0]})

    @property
    def is_generated(self) -> bool:
        return self.name in GENERATED

    @model_validator(mode="after")
    def _check(self) -> DatasetSpec:
        if not isinstance(self.split, Folds) and self.validation_fraction + self.test_fraction >= 1:
            raise refuse(
                "validation_fraction + test_fraction must be below 1; "
                f"received {self.validation_fraction:g} + {self.test_fraction:g}",
                field="validation_fraction",
                expected=f"below {1 - self.test_fraction:g}, so that examples are left to train on",
                received=self.validation_fraction,
            )
        self._check_rows()
        self._check_split()
        if self.divide_by is not None and self.standardize:
            raise refuse(
                f"divide_by applies where standardize is false; received divide_by={self.divide_by:g} with standardize",
                field="divide_by",
                expected="nothing here, or standardize = false",
                received=self.divide_by,
            )
        if not self.is_generated and (self.samples is not None or self.noise is not None):
            raise refuse(
                f"samples and noise apply to generated data ({', '.join(GENERATED)}); received {self.name}",
                field="samples" if self.samples is not None else "noise",
                expected=f"nothing here, or one of {', '.join(GENERATED)} as the data set",
                received=self.samples if self.samples is not None else self.noise,
            )
        return self

    def _check_rows(self) -> None:
        if self.use_all_rows and self.label_noise:
            raise refuse(
                "label_noise spares validation and test labels, which with use_all_rows are the training labels; "
                f"received {self.label_noise:g}",
                field="label_noise",
                expected="0, or use_all_rows = false",
                received=self.label_noise,
            )
        for field in ("train_examples", "validation_examples", "test_examples"):
            if self.use_all_rows and getattr(self, field) is not None:
                raise refuse(
                    f"use_all_rows leaves no choice of {field}; received {getattr(self, field)}",
                    field=field,
                    expected="nothing here, or use_all_rows = false",
                    received=getattr(self, field),
                )

    def _check_split(self) -> None:
        if self.use_all_rows and self.split != FixedSplit(name="fixed"):
            raise refuse(
                "use_all_rows trains, validates and tests on the same rows, so there is nothing to split; "
                f"received {self.split.name}",
                field="split",
                expected="nothing here, or use_all_rows = false",
                received=self.split.model_dump(),
            )
        if isinstance(self.split, Folds) and self.validation_examples is not None:
            raise refuse(
                f"with folds a fold validates, so its size is 1/k of the rows; received {self.validation_examples}",
                field="validation_examples",
                expected="nothing here, or another split",
                received=self.validation_examples,
            )
