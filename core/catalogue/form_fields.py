"""Form fields derived from the spec's classes, so that bounds and defaults are declared once."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from core.catalogue.schemas import Parameter

_LABELS = {
    "alpha": "α",
    "beta1": "β₁",
    "beta2": "β₂",
    "epsilon": "ε",
    "rho": "ρ",
    "p": "Order p",
    "mixing": "Mixing a",
    "nesterov": "Nesterov momentum",
    "widths": "Layer widths",
    "hidden": "Hidden units",
    "train_examples": "Training examples",
    "validation_fraction": "Share for validation",
    "test_fraction": "Share for test",
    "warmup_epochs": "Warm-up epochs",
    "every": "Epochs between drops",
    "final": "Final share",
    "clip_norm": "Clip gradients at",
    "crop": "Random crop, pixels",
    "cutout": "Cutout, pixels",
    "at": "After epochs",
    "keep": "Share that goes on",
    "k": "Folds k",
}
_KINDS: dict[str, Literal["number", "integer", "boolean"]] = {
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
}


def label_field(name: str) -> str:
    """The label of a field."""
    return _LABELS.get(name, name.replace("_", " ").capitalize())


def derive_parameters(spec: type[BaseModel], exclude: frozenset[str] = frozenset({"name"})) -> list[Parameter]:
    """A parameter per field of ``spec`` but ``exclude``, in the order of the class.

    Bounds, choices, defaults and help are those of its JSON Schema. Raises KeyError for an unsupported type.
    """
    fields = spec.model_json_schema()["properties"]
    return [_derive(name, field) for name, field in fields.items() if name not in exclude]


def _derive(name: str, field: dict[str, Any]) -> Parameter:
    variants = field.get("anyOf", [field])
    inner = next(variant for variant in variants if variant.get("type") != "null")
    each = inner.get("items", inner)
    return Parameter(
        name=name,
        label=label_field(name),
        help=field["description"],
        kind=_find_kind(inner),
        default=field.get("default"),
        optional=inner is not field,
        low=each.get("minimum", each.get("exclusiveMinimum")),
        high=each.get("maximum", each.get("exclusiveMaximum")),
        exclusive_low="exclusiveMinimum" in each,
        exclusive_high="exclusiveMaximum" in each,
        choices=inner.get("enum"),
        min_length=inner.get("minItems"),
        max_length=inner.get("maxItems"),
    )


def _find_kind(schema: dict[str, Any]) -> Literal["number", "integer", "boolean", "choice", "integers"]:
    if "enum" in schema:
        return "choice"
    if schema["type"] == "array" and schema["items"]["type"] == "integer":
        return "integers"
    return _KINDS[schema["type"]]
