"""ExperimentSpec: the contract of the whole system."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, model_validator
from pydantic import Tag as Form

from core.spec.dataset import DatasetSpec
from core.spec.network import NetworkSpec
from core.spec.optimizer import OptimizerSpec
from core.spec.refusal import refuse
from core.spec.regularizer import RegularizerSpec

MAX_RUNS = 5_000
MAX_EPOCHS = 100_000
MAX_EPOCH_ROWS = 5_000_000
MAX_SEEDS = 100
MAX_REGULARIZERS = 32


def _check_text(text: str, allowed: str) -> str:
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cs") and char not in allowed:
            raise ValueError(f"expected text without control characters; received U+{ord(char):04X}")
    return text


def check_line(text: str) -> str:
    """``text`` without the blanks around it. Raises ValueError where it holds control characters."""
    return _check_text(text.strip(), "")


def _check_lines(text: str) -> str:
    return _check_text(text, "\n\t\r")


Name = Annotated[str, Field(max_length=200), AfterValidator(check_line)]
Notes = Annotated[str, Field(max_length=10_000), AfterValidator(_check_lines)]
Tag = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(check_line)]
Tags = Annotated[list[Tag], Field(max_length=20)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]


def _choose_form(value: Any) -> str:
    return "list" if isinstance(value, list | tuple) else "number"


# By the form of what is given, so that a refusal speaks of that form alone.
Seeds = Annotated[
    Annotated[int, Field(ge=1, le=MAX_SEEDS), Form("number")]
    | Annotated[list[Seed], Field(min_length=1, max_length=MAX_SEEDS), Form("list")],
    Discriminator(_choose_form),
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
    batch_size: int = Field(default=32, ge=1, le=1_000_000)
    seeds: Seeds = 3
    precision: Literal["float32", "float64"] = "float32"
    penalize_biases: bool = Field(default=False, description="Let penalties act on biases and normalization too.")
    name: Name = ""
    notes: Notes = ""
    tags: Tags = []

    @model_validator(mode="after")
    def _check(self) -> ExperimentSpec:
        self._check_differences()
        runs = self.count_runs()
        if runs > MAX_RUNS:
            message = f"an experiment holds at most {MAX_RUNS} runs; received {runs}"
            raise refuse(message, field="regularizers", expected=f"at most {MAX_RUNS} runs", received=runs)
        if runs * self.epochs > MAX_EPOCH_ROWS:
            message = f"runs × epochs must be at most {MAX_EPOCH_ROWS}; received {runs} × {self.epochs}"
            most = f"at most {MAX_EPOCH_ROWS // runs} with {runs} runs"
            raise refuse(message, field="epochs", expected=most, received=self.epochs)
        return self

    def _check_differences(self) -> None:
        keys = [regularizer.key for regularizer in self.regularizers]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                message = f"regularizers must differ in name or parameters; received {key} twice"
                raise refuse(message, field=f"regularizers.{index}", expected="another regularizer", received=key)
        if isinstance(self.seeds, list) and len(set(self.seeds)) < len(self.seeds):
            message = f"seeds must differ from one another; received {self.seeds}"
            raise refuse(message, field="seeds", expected="seeds that differ", received=self.seeds)

    def list_seeds(self) -> list[int]:
        return list(range(self.seeds)) if isinstance(self.seeds, int) else list(self.seeds)

    def count_runs(self) -> int:
        return (1 + sum(len(r.values()) for r in self.regularizers)) * len(self.list_seeds())
