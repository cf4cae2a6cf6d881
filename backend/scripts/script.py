"""The script of a run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend.scripts.datasets import DATASETS, describe_data
from backend.scripts.fista import describe_fista
from backend.scripts.losses import describe_losses
from backend.scripts.missing import check_script, list_regularizers
from backend.scripts.networks import describe_network
from backend.scripts.optimizers import OPTIMIZERS
from backend.scripts.parts import Definition, OptimizerPart, RegularizerPart, code
from backend.scripts.regularizers import REGULARIZERS
from backend.scripts.schedules import describe_schedule
from backend.scripts.training import describe_optimizer, describe_training
from core.analysis.formatting import label_regularizer, name_strength
from core.catalogue import DATASETS as CATALOGUE
from core.catalogue import count_outputs, count_split
from core.spec import BASELINE, FISTA, ExperimentSpec, PlannedRun, RegularizerBase

_GENERATOR = Definition(
    "make_generator",
    code(
        '''
        def make_generator(key):
            """Random numbers of its own for each purpose, so that none depends on how many another has drawn."""
            return torch.Generator().manual_seed(key)
        '''
    ),
)
_IMPORTS = (("math", "import math"), ("np", "import numpy as np"))
_TORCH_IMPORTS = (("nn", "from torch import nn"), ("functional", "from torch.nn import functional"))


@dataclass(frozen=True)
class Ending:
    """Where a run ended before its last epoch, if the script cannot find that out itself, and why."""

    epoch: int
    reason: str


def make_script(spec: ExperimentSpec, run: PlannedRun, title: str, ending: Ending | None = None) -> str:
    """Python code that trains ``run`` and prints its curve. Raises NoScriptError where a part of it has none.

    ``title``: which run it is.
    """
    check_script(spec, run)
    acting = list_regularizers(spec, run)
    parts = [REGULARIZERS[name] for name in dict.fromkeys(name for name, _, _ in acting)]
    is_fista = isinstance(spec.optimizer, FISTA)
    named = [definition for part in parts for definition in part.definitions]
    definitions = [
        Definition("", _list_constants(spec, run, acting)),
        _GENERATOR,
        *describe_data(spec.dataset.resolve_seed((run.seed, run.split))),
        *(definition for definition in named if definition.name != "lowest"),
        *describe_network(spec, [part.layer for part in parts if part.layer], is_drawn=not is_fista),
        *describe_losses(CATALOGUE[spec.dataset.name].classes, count_outputs(spec)),
        *(_describe_steps(spec) if not is_fista else []),
        *(definition for definition in named if definition.name == "lowest"),
        *_describe_loop(spec, parts, {name for name, _, _ in acting}, _loop_over_epochs(ending)),
    ]
    body = _join(_keep_used(definitions))
    imports = [line for part in parts for line in part.imports]
    head = _describe(spec, run, title)
    return f"{head}\n\n{_list_imports(body, [*DATASETS[spec.dataset.name].imports, *imports])}\n\n{body}\n"


def _describe_steps(spec: ExperimentSpec) -> list[Definition]:
    """The optimizer and its schedule."""
    return [*describe_optimizer(spec, _make_optimizer(spec)), *_describe_schedule(spec)]


def _describe_loop(
    spec: ExperimentSpec, parts: Sequence[RegularizerPart], names: set[str], last: str
) -> list[Definition]:
    if isinstance(spec.optimizer, FISTA):
        return describe_fista(spec, parts, "l2" in names, last)
    return describe_training(spec, parts, _make_optimizer(spec), last, bool(_describe_schedule(spec)))


def _make_optimizer(spec: ExperimentSpec) -> OptimizerPart:
    return OPTIMIZERS[spec.optimizer.name](spec.optimizer)


def _describe_schedule(spec: ExperimentSpec) -> list[Definition]:
    examples = count_split(spec.dataset).train
    steps = -(-examples // spec.choose_batch_size(examples))
    return describe_schedule(spec.schedule, steps, spec.epochs)


def _describe(spec: ExperimentSpec, run: PlannedRun, title: str) -> str:
    what = label_regularizer(run.regularizer)
    if run.regularizer != BASELINE:
        what += f", {name_strength(run.regularizer, run.strength)}"
    entry = CATALOGUE[spec.dataset.name]
    return (
        f'"""{title}: {what}, seed {run.seed}, on {entry.label}.\n\n'
        "Trains it with plain PyTorch, draw by draw as Ridgeline did on a CPU, and prints its curve as CSV.\n"
        'Needs torch, numpy and scikit-learn.\n"""'
    )


def _list_constants(spec: ExperimentSpec, run: PlannedRun, acting: Sequence[tuple[str, float, RegularizerBase]]) -> str:
    lines = [
        f"DTYPE = torch.{spec.precision}",
        f"SEED = {run.seed}",
        f"EPOCHS = {spec.epochs}",
        *([] if spec.batch_size == "full" else [f"BATCH_SIZE = {spec.batch_size}"]),
    ]
    for name, strength, regularizer in acting:
        value = int(strength) if regularizer.legal.whole else strength
        lines.append(f"{name.upper()} = {value!r}  # {regularizer.symbol}")
        lines += [f"{name.upper()}_{key.upper()} = {value!r}" for key, value in regularizer.parameters().items()]
    return "\n".join(lines)


def _loop_over_epochs(ending: Ending | None) -> str:
    if ending is None:
        return "for epoch in range(1, EPOCHS + 1):\n"
    return f"for epoch in range(1, {ending.epoch} + 1):  # of EPOCHS: {ending.reason}\n"


def _keep_used(definitions: Sequence[Definition]) -> list[Definition]:
    """Without what nothing after it names."""
    kept: list[Definition] = []
    for definition in reversed(definitions):
        if not definition.name or any(_names(definition.name, later.text) for later in kept):
            kept.append(definition)
    return kept[::-1]


def _names(name: str, text: str) -> bool:
    return re.search(rf"(?<![.\w]){name}\b", text) is not None


def _join(definitions: Sequence[Definition]) -> str:
    """Two blank lines around functions and classes, one between others."""
    text, before = "", ""
    for each in definitions:
        is_block = each.text.startswith(("def ", "class ", "@"))
        was_block = before.startswith(("def ", "class ", "@")) or "\n\n\ndef " in before
        if text:
            text += "\n\n\n" if is_block or was_block else "\n\n"
        text, before = text + each.text, each.text
    return text


def _list_imports(body: str, others: Sequence[str]) -> str:
    standard = [line for name, line in _IMPORTS[:1] if _names(name, body)]
    third = [line for name, line in _IMPORTS[1:] if _names(name, body)] + ["import torch"]
    third += sorted([*others, *(line for name, line in _TORCH_IMPORTS if _names(name, body))])
    return "\n\n".join("\n".join(block) for block in (standard, third) if block)
