"""ExperimentSpec: the contract of the whole system."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, model_validator
from pydantic import Tag as Form

from core.spec.dataset import DatasetSpec
from core.spec.halving import HalvingSpec
from core.spec.network import NetworkSpec
from core.spec.optimizer import FISTA, OptimizerSpec
from core.spec.regularizer import RegularizerSpec
from core.spec.schedule import ConstantSchedule, ScheduleSpec
from core.spec.spec_error import refuse

# Absolute limits; an installation's settings may be lower.
MAX_EPOCHS = 100_000
MAX_SEEDS = 100
MAX_REGULARIZERS = 32


def _check_text(text: str, allowed: str) -> str:
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cs") and char not in allowed:
            raise ValueError(f"expected text without control characters; received U+{ord(char):04X}")
    return text


# Invisible characters: by category, and some letters and symbols.
_UNSEEN = ("Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me")
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"


def check_line(text: str) -> str:
    """``text`` without surrounding blanks; empty if nothing in it is visible. Raises ValueError for control
    characters."""
    line = _check_text(text.strip(), "")
    is_seen = any(unicodedata.category(char) not in _UNSEEN and char not in _FILLERS for char in line)
    return line if is_seen else ""


def _check_tag(text: str) -> str:
    line = check_line(text)
    if not line:
        raise ValueError(f"expected a visible tag; received {text!a}")
    return line


def _check_lines(text: str) -> str:
    return _check_text(text, "\n\t\r")


Name = Annotated[str, Field(max_length=200), AfterValidator(check_line)]
Notes = Annotated[str, Field(max_length=10_000), AfterValidator(_check_lines)]
Tag = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(_check_tag)]
Tags = Annotated[list[Tag], Field(max_length=20)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]


def _choose_form(value: Any) -> str:
    return "list" if isinstance(value, list | tuple) else "number"


# Chosen by the input's form, so that errors concern that form only.
Seeds = Annotated[
    Annotated[int, Field(ge=1, le=MAX_SEEDS), Form("number")]
    | Annotated[list[Seed], Field(min_length=1, max_length=MAX_SEEDS), Form("list")],
    Discriminator(_choose_form),
]


def _choose_size(value: Any) -> str:
    return "full" if isinstance(value, str) else "number"


BatchSize = Annotated[
    Annotated[int, Field(ge=1, le=1_000_000), Form("number")] | Annotated[Literal["full"], Form("full")],
    Discriminator(_choose_size),
]


class ExperimentSpec(BaseModel):
    """A sweep: one data set, one network, one optimizer, and regularizers each with its strengths, over seeds.

    The baseline (regularizer ``none``) is always added and is not listed here. ``seeds`` is a number of seeds
    (3 means 0, 1, 2) or a list of them. Objective: mean data loss + strength · penalty, over weights only unless
    ``penalize_biases``.
    """

    model_config = ConfigDict(extra="forbid")

    dataset: DatasetSpec
    network: NetworkSpec
    optimizer: OptimizerSpec
    regularizers: list[RegularizerSpec] = Field(default=[], max_length=MAX_REGULARIZERS)
    epochs: int = Field(default=40, ge=1, le=MAX_EPOCHS)
    batch_size: BatchSize = 32
    shuffle: bool = Field(default=True, description="Draw the batches in a new order each epoch.")
    seeds: Seeds = 3
    precision: Literal["float32", "float64", "mixed"] = Field(
        default="float32", description="mixed: products in bfloat16 where torch.autocast says so, weights in float32."
    )
    schedule: ScheduleSpec = ConstantSchedule(name="constant")
    clip_norm: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] | None = Field(
        default=None, description="Scale each run's gradient down to this L2 norm where it is longer; none does not."
    )
    tolerance: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = Field(
        default=None,
        description="End a run before its last epoch once no parameter moved by more than this in an epoch, "
        "relative to the largest; none trains all epochs.",
    )
    halving: HalvingSpec | None = Field(
        default=None,
        description="Successive halving: stop the worst strengths early. None by default, for whole curves.",
    )
    fixed: list[RegularizerSpec] = Field(
        default=[],
        max_length=8,
        description="Regularizers with one strength each that act on every run, the baseline included.",
    )
    penalize_biases: bool = Field(
        default=False, description="Let penalties and weight decay act on biases and normalization too."
    )
    name: Name = ""
    notes: Notes = ""
    tags: Tags = []

    @model_validator(mode="after")
    def _check(self) -> ExperimentSpec:
        self._check_differences()
        self._check_halving()
        return self

    def _check_halving(self) -> None:
        for index, epoch in enumerate(self.halving.at if self.halving else []):
            if epoch >= self.epochs:
                message = f"halving comes before the last epoch, {self.epochs}; received {epoch}"
                raise refuse(message, field=f"halving.at.{index}", expected=f"below {self.epochs}", received=epoch)

    def _check_differences(self) -> None:
        keys = [regularizer.key for regularizer in self.regularizers]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                message = f"regularizers must differ in name or parameters; received {key} twice"
                raise refuse(message, field=f"regularizers.{index}", expected="another regularizer", received=key)
        self._check_fixed(keys)
        if isinstance(self.seeds, list) and len(set(self.seeds)) < len(self.seeds):
            message = f"seeds must differ from one another; received {self.seeds}"
            raise refuse(message, field="seeds", expected="seeds that differ", received=self.seeds)

    def _check_fixed(self, swept: list[str]) -> None:
        taken = [regularizer.key for regularizer in self.fixed]
        for index, regularizer in enumerate(self.fixed):
            field, key = f"fixed.{index}", regularizer.key
            if len(regularizer.values()) != 1:
                message = f"a fixed regularizer has one strength; received {len(regularizer.values())} for {key}"
                received = len(regularizer.values())
                raise refuse(message, field=f"{field}.strengths", expected="one strength", received=received)
            if key in swept or key in taken[:index]:
                message = (
                    f"a fixed regularizer must differ from the swept and the other fixed ones; received {key} again"
                )
                raise refuse(message, field=field, expected="another regularizer", received=key)

    def locate_regularizers(self) -> list[tuple[str, RegularizerSpec]]:
        """All regularizers with their paths, ``regularizers.0`` or ``fixed.0``: the swept, then the fixed."""
        lists = (("regularizers", self.regularizers), ("fixed", self.fixed))
        return [(f"{name}.{index}", each) for name, listed in lists for index, each in enumerate(listed)]

    def choose_batch_size(self, examples: int) -> int:
        """The batch size for ``examples`` training examples."""
        return examples if self.batch_size == "full" else min(self.batch_size, examples)

    def list_seeds(self) -> list[int]:
        return list(range(self.seeds)) if isinstance(self.seeds, int) else list(self.seeds)

    @property
    def trains_seeds_alike(self) -> bool:
        """Whether the runs of different seeds are the same: no noise, one start, and the same rows."""
        return isinstance(self.optimizer, FISTA) and not self.dataset.split.varies_by_seed

    def list_replicates(self) -> list[tuple[int, int]]:
        """The pairs of seed and split that every strength is trained on."""
        return [(seed, split) for seed in self.list_seeds() for split in range(self.dataset.split.count())]

    def count_replicates(self) -> int:
        return len(self.list_seeds()) * self.dataset.split.count()

    def count_runs(self) -> int:
        return (1 + sum(len(r.values()) for r in self.regularizers)) * self.count_replicates()
