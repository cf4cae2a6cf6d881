"""Extension: more strengths, seeds or epochs for an ended experiment. Pure."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from core.errors import InvalidSpecError
from core.spec.experiment import MAX_EPOCHS, MAX_SEEDS, ExperimentSpec, Seeds
from core.spec.regularizer import RegularizerBase
from core.spec.schedule import CosineSchedule
from core.spec.strength import MAX_STRENGTHS, FiniteFloat

MoreStrengths = Annotated[list[FiniteFloat], Field(min_length=1, max_length=MAX_STRENGTHS)]


class Extension(BaseModel):
    """More strengths, seeds or epochs. Only what is missing is trained; existing rows stay as they are."""

    model_config = ConfigDict(extra="forbid")

    strengths: dict[Annotated[str, Field(max_length=100)], MoreStrengths] = Field(
        default={}, max_length=32, description="Strengths to add, by the regularizer's key."
    )
    seeds: Seeds | None = Field(default=None, description="Total number of seeds, or a list of seeds to add.")
    epochs: int | None = Field(default=None, ge=1, le=MAX_EPOCHS, description="Total number of epochs.")


def extend_spec(spec: ExperimentSpec, extension: Extension) -> ExperimentSpec:
    """The extended spec. Raises InvalidSpecError, naming the extension's field, where it is impossible."""
    if not (extension.strengths or extension.seeds or extension.epochs):
        raise InvalidSpecError(
            "An extension must add something.", field=None, expected="strengths, seeds or epochs", received=None
        )
    if spec.halving is not None:
        raise _refuse("halving", "Successive halving has compared all strengths of this experiment as it went.", None)
    changes: dict[str, Any] = {}
    if extension.strengths:
        changes["regularizers"] = _add_strengths(spec, extension.strengths)
    if extension.seeds is not None:
        changes["seeds"] = _add_seeds(spec, extension.seeds)
    if extension.epochs is not None:
        changes["epochs"] = _add_epochs(spec, extension.epochs)
    return ExperimentSpec.model_validate(spec.model_dump() | changes)


def _refuse(field: str, reason: str, received: Any) -> InvalidSpecError:
    return InvalidSpecError(
        f"{reason} Start a new experiment instead.", field=field, expected="a new experiment", received=received
    )


def _add_strengths(spec: ExperimentSpec, strengths: dict[str, list[float]]) -> list[dict[str, Any]]:
    known = {regularizer.key: regularizer for regularizer in spec.regularizers}
    for key in strengths:
        if key not in known:
            raise InvalidSpecError(
                f"This experiment has no regularizer {key}.",
                field=f"strengths.{key}",
                expected=f"one of: {', '.join(known) or 'none, it has the baseline alone'}",
                received=key,
            )
    return [
        regularizer.model_dump() | {"strengths": _join(regularizer, strengths.get(key, []))}
        for key, regularizer in known.items()
    ]


def _join(regularizer: RegularizerBase, added: list[float]) -> list[float]:
    values = regularizer.values()
    for index, value in enumerate(added):
        field = f"strengths.{regularizer.key}.{index}"
        legal = regularizer.legal.find_fault(value)
        if legal is not None:
            raise InvalidSpecError(
                f"Strengths must be {legal}; received {value:g}.",
                field=field,
                expected=f"strengths {legal}",
                received=value,
            )
        if value in values:
            raise InvalidSpecError(
                f"This experiment has the strength {value:g} already.",
                field=field,
                expected="strengths that it has not",
                received=value,
            )
        values.append(value)
    if len(values) > MAX_STRENGTHS:
        raise InvalidSpecError(
            f"A regularizer may have at most {MAX_STRENGTHS} strengths; it would have {len(values)}.",
            field=f"strengths.{regularizer.key}",
            expected=f"at most {MAX_STRENGTHS} in all",
            received=len(values),
        )
    return values


def _add_seeds(spec: ExperimentSpec, seeds: int | list[int]) -> int | list[int]:
    known = spec.list_seeds()
    if isinstance(seeds, int):
        if seeds <= len(known):
            raise InvalidSpecError(
                f"This experiment has {len(known)} seeds already.",
                field="seeds",
                expected=f"more than {len(known)}, or a list of seeds to add",
                received=seeds,
            )
        if isinstance(spec.seeds, int):
            return seeds
        fresh = (seed for seed in range(seeds + len(known)) if seed not in known)
        return known + [next(fresh) for _ in range(seeds - len(known))]
    if len({*known, *seeds}) < len(known) + len(seeds) or len(known) + len(seeds) > MAX_SEEDS:
        raise InvalidSpecError(
            f"Seeds that are added must be new and differ, at most {MAX_SEEDS} in all; the experiment has {known}.",
            field="seeds",
            expected="seeds that it has not",
            received=seeds,
        )
    return known + seeds


def _add_epochs(spec: ExperimentSpec, epochs: int) -> int:
    if epochs <= spec.epochs:
        raise InvalidSpecError(
            f"This experiment has {spec.epochs} epochs already.",
            field="epochs",
            expected=f"more than {spec.epochs}",
            received=epochs,
        )
    if isinstance(spec.schedule, CosineSchedule):
        raise _refuse("epochs", "Its learning rate has come down to its end along a cosine.", epochs)
    return epochs
