"""What all regularizers have in common."""

from __future__ import annotations

from typing import ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, model_validator

from core.spec.spec_error import refuse
from core.spec.strength import Grid, Strengths, list_strengths

# The axis that strengths are drawn on.
Axis = Literal["log", "linear"]


# What a float32 holds, with all its digits.
LEAST_STRENGTH = 1.2e-38
GREATEST_STRENGTH = 3.4e38


class Interval(BaseModel):
    """Legal strengths: low ≤ s (low < s where ``open_low``), s < high where there is one, whole where ``whole``.

    Whatever the interval, a strength is 0 or lies between LEAST_STRENGTH and GREATEST_STRENGTH.
    """

    low: float = 0.0
    high: float | None = None
    open_low: bool = False
    whole: bool = False

    def holds(self, value: float) -> bool:
        return self.find_fault(value) is None

    def find_fault(self, value: float) -> str | None:
        """What a strength must be, where this one is not: ``≥ 0``, ``at most 1e+30``."""
        if self.high is None and value > GREATEST_STRENGTH:
            return f"at most {GREATEST_STRENGTH:g}"
        if 0 < value < LEAST_STRENGTH:
            return f"at least {LEAST_STRENGTH:g}" if self.open_low else f"0 or at least {LEAST_STRENGTH:g}"
        above = value > self.low if self.open_low else value >= self.low
        inside = above and (self.high is None or value < self.high) and (not self.whole or value == int(value))
        return None if inside else str(self)

    def __str__(self) -> str:
        if self.whole and self.high is not None:
            return f"whole numbers from {self.low:,.0f} to {self.high - 1:,.0f}"
        sign = ">" if self.open_low else "≥"
        bounds = f"{sign} {self.low:g}" if self.high is None else f"in [{self.low:g}, {self.high:g})"
        return f"whole numbers {bounds}" if self.whole else bounds


class RegularizerBase(BaseModel):
    """One regularizer of a spec: its strengths, and parameters as further fields.

    What catalogue, charts and messages say of a regularizer is declared once, in the class variables of its class.
    ``formula``: the penalty or rule, and ``update``: how it is optimized, both in LaTeX. ``offered``: the strengths
    that a form starts with.
    """

    model_config = ConfigDict(extra="forbid")

    label: ClassVar[str]
    symbol: ClassVar[str] = "λ"
    axis: ClassVar[Axis] = "log"
    legal: ClassVar[Interval] = Interval()
    offered: ClassVar[Grid | list[float]]
    # Whether a smaller strength regularizes more, as a cap on the weights' norm does.
    smaller_is_stronger: ClassVar[bool] = False
    penalizes_weights: ClassVar[bool] = False
    needs_classes: ClassVar[bool] = False
    # Whether it acts on residual branches.
    needs_branches: ClassVar[bool] = False
    # Whether the accelerated proximal gradient can train it: convex, with a smooth gradient or a proximal map.
    suits_fista: ClassVar[bool] = False
    formula: ClassVar[str]
    update: ClassVar[str]
    help: ClassVar[str]
    source: ClassVar[str]

    strengths: Strengths

    @model_validator(mode="after")
    def _check_strengths(self) -> RegularizerBase:
        values = list_strengths(self.strengths)
        seen: set[float] = set()
        for index, value in enumerate(values):
            field = f"strengths.{index}" if isinstance(self.strengths, list) else "strengths"
            legal = self.legal.find_fault(value)
            if legal is not None:
                message = f"strengths must be {legal}; received {value:g}"
                raise refuse(message, field=field, expected=f"strengths {legal}", received=value)
            if value in seen:
                message = f"strengths must differ from one another; received {value:g} twice"
                raise refuse(message, field=field, expected="strengths that differ", received=value)
            seen.add(value)
        return self

    @classmethod
    def get_name(cls) -> str:
        """The literal of the field ``name``."""
        name: str = get_args(cls.model_fields["name"].annotation)[0]
        return name

    def values(self) -> list[float]:
        return list_strengths(self.strengths)

    def parameters(self) -> dict[str, float]:
        """Every parameter but the strength, by name."""
        return self.model_dump(exclude={"name", "strengths"})

    @property
    def key(self) -> str:
        """Tells this regularizer from the others of an experiment: ``l1``, ``elastic_net(mixing=0.5)``."""
        name: str = self.name  # type: ignore[attr-defined]  # every subclass declares its literal name
        inner = ",".join(f"{k}={v:g}" for k, v in self.parameters().items())
        return f"{name}({inner})" if inner else name
