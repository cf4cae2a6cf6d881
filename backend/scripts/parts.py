"""What a part of a script consists of: code as text, which names what other parts define."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import Any


def code(text: str) -> str:
    """A block of code without the indentation and the blank lines around it."""
    return dedent(text).strip("\n")


@dataclass(frozen=True)
class Definition:
    """Code before the training; left out where ``name`` is not used after it. Without a name it always stands."""

    name: str
    text: str


@dataclass(frozen=True)
class RegularizerPart:
    """How a script regularizes; the strength is a constant that has the regularizer's name in capitals.

    ``penalty``: an expression that is added to the loss, over the tensors ``penalized``. ``batch``: changes ``x`` and
    ``y``. ``loss``: an expression that takes ``{loss}``, a function of outputs and targets. ``training_loss``: the name
    of that function, where it is another one in training. ``layer``: a module after each hidden layer, and ``noise``
    the generator that it draws from. ``second_pass``: before it moves the parameters, and ``way_back`` after it.
    ``decay``: before the step, with ``rate``. ``shrink``: of ``weight``, after the step, by its step size ``eta``.
    ``project``: of ``weight``, after that. ``epoch``: after the epoch's line.
    """

    imports: tuple[str, ...] = ()
    definitions: tuple[Definition, ...] = ()
    penalty: str = ""
    batch: str = ""
    loss: str = ""
    training_loss: str = ""
    layer: str = ""
    noise: str = ""
    second_pass: str = ""
    way_back: str = ""
    decay: str = ""
    shrink: str = ""
    project: str = ""
    epoch: str = ""
    missing: str = ""


@dataclass(frozen=True)
class OptimizerPart:
    """``constructor``: of torch.optim; ``arguments``: its keywords, but for the weight decay.

    The others serve a proximal map: ``step_size``, an expression of ``weight`` for what the last step multiplied a
    lasting gradient by, after ``lines``; ``before`` and ``after`` keep what it needs around each step, begun by
    ``definitions``. ``rate``: the learning rate of the coming step.
    """

    constructor: str
    arguments: dict[str, Any]
    step_size: str
    lines: str = ""
    definitions: tuple[Definition, ...] = ()
    before: str = ""
    after: str = ""
    rate: str = 'optimizer.param_groups[0]["lr"]'
