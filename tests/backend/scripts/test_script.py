"""What a script is: one file that stands alone, that a linter has nothing to say of, and that says what it is of."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.scripts.regularizers import REGULARIZERS
from backend.scripts.script import Ending, make_script
from core.catalogue import REGULARIZERS as CATALOGUE
from core.errors import NoScriptError
from core.planning import plan_runs
from core.spec import ExperimentSpec, PlannedRun
from tests.backend.scripts.running import read_curve, read_recorded, run_script
from tests.worker.training.sweeps import NETWORKS, OPTIMIZERS, collect, make_spec, regularize

NEEDED = {"math", "numpy", "scipy", "sklearn", "torch"}


def make_scripts() -> list[str]:
    """Of every regularizer with both networks, and of every optimizer under a proximal map with momentum of its own."""
    stops = {"name": "early_stopping", "strengths": [2]}
    specs = [make_spec(network, regularizers=[*regularize(), stops]) for network in ("linear", "mlp")]
    swept = regularize("l1", "group_lasso", "weight_decay")
    schedule = {"name": "cosine", "warmup_epochs": 1}
    specs += [make_spec("mlp", name, regularizers=swept, schedule=schedule, clip_norm=1.0) for name in OPTIMIZERS]
    specs += [
        make_spec("mlp", dataset={"name": name}, regularizers=[]) for name in ("wine", "diabetes", "moons", "spirals")
    ]
    solved: dict[str, Any] = {"optimizer": {"name": "fista"}, "batch_size": "full"}
    convex = regularize("l1", "l2", "group_lasso")
    for network in (NETWORKS["linear"], {"name": "linear", "intercept": False}):
        specs.append(make_spec(network=network, regularizers=convex, **solved))
    return [make_script(spec, run, "Run 7 of experiment 3") for spec in specs for run in plan_runs(spec)]


def test_every_regularizer_of_the_catalogue_has_a_part() -> None:
    assert set(REGULARIZERS) == set(CATALOGUE)
    idle = {name for name, part in REGULARIZERS.items() if part == type(part)()}
    assert idle == {"none"}


def test_it_runs_alone_and_imports_nothing_of_ours(tmp_path: Path) -> None:
    spec = make_spec("mlp", regularizers=regularize("dropout", strengths=(0.3,)), seeds=2, precision="float64")
    run = plan_runs(spec)[-1]
    file = tmp_path / "run.py"
    file.write_text(make_script(spec, run, "Run 7 of experiment 3"), encoding="utf-8")
    # -I: neither this folder nor PYTHONPATH is on its path.
    done = subprocess.run([sys.executable, "-I", str(file)], cwd=tmp_path, capture_output=True, text=True, check=True)
    np.testing.assert_allclose(read_curve(done.stdout), read_recorded(collect(spec, runs=[run]), 0), rtol=1e-9)
    assert done.stderr == ""


def test_scripts_import_only_what_a_student_has_and_a_linter_has_nothing_to_say(tmp_path: Path) -> None:
    for index, text in enumerate(make_scripts()):
        (tmp_path / f"run_{index}.py").write_text(text, encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
                assert {name.split(".")[0] for name in names} <= NEEDED
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check", "--isolated", "--select", "E,F,I", "--line-length", "120"],):
        done = subprocess.run([*ruff, *command, str(tmp_path)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_what_does_not_act_is_left_out() -> None:
    spec = make_spec("mlp", regularizers=regularize("dropout"))
    baseline, dropped = (make_script(spec, run, "A run") for run in plan_runs(spec))
    assert "Dropout" in dropped
    assert "DROPOUT = 0.01  # p" in dropped
    for word in ("Dropout", "DROPOUT", "penalized", "find_step_size", "gradient_sum", "lowest"):
        assert word not in baseline


def test_it_says_which_run_it_is() -> None:
    spec = make_spec("linear", regularizers=regularize("elastic_net"), seeds=[4])
    text = make_script(spec, plan_runs(spec)[-1], "Run 7 of experiment 3")
    first = text.splitlines()[0]
    assert first == '"""Run 7 of experiment 3: Elastic net (mixing 0.3), λ = 10⁻², seed 4, on Digits.'


def test_a_run_that_others_ended_ends_where_it_was_ended() -> None:
    spec = make_spec("linear", regularizers=[], epochs=9)
    (run,) = plan_runs(spec)
    text = make_script(spec, run, "A run", Ending(2, "successive halving stopped it then"))
    assert "EPOCHS = 9" in text
    assert "# of EPOCHS: successive halving stopped it then" in text
    assert len(run_script(text)) == 2


def test_early_stopping_ends_it_before_the_last_epoch() -> None:
    rate = {"name": "adam", "learning_rate": 0.1}
    spec = make_spec("mlp", optimizer=rate, epochs=30, regularizers=[{"name": "early_stopping", "strengths": [2]}])
    printed = run_script(make_script(spec, plan_runs(spec)[-1], "A run"))
    assert 3 <= len(printed) < 30
    assert printed[:, 3].argmin() == len(printed) - 3


MISSING: dict[str, dict[str, Any]] = {
    "the network cnn": {"network": NETWORKS["cnn"]},
    "the network resnet": {"network": NETWORKS["resnet"]},
    "the network torchvision:resnet18": {"network": {"name": "torchvision:resnet18"}},
    "the data set mnist": {"dataset": {"name": "mnist"}},
    "cross-validation in folds": {"dataset": {"name": "digits", "split": {"name": "folds"}}},
    "the augmentation of images": {"dataset": {"name": "digits", "augmentation": {"flip": True}}},
    "mixed precision": {"precision": "mixed"},
    "the joint proximal map of l1 and elastic_net": {"fixed": [{"name": "l1", "strengths": [0.1]}]},
    "elastic_net twice, with different parameters,": {
        "fixed": [{"name": "elastic_net", "mixing": 0.9, "strengths": [0.1]}]
    },
}


@pytest.mark.parametrize("what", MISSING)
def test_what_has_no_script_is_refused_in_a_sentence(what: str) -> None:
    spec: ExperimentSpec = make_spec("mlp", **({"regularizers": regularize("elastic_net")} | MISSING[what]))
    with pytest.raises(NoScriptError) as refused:
        make_script(spec, plan_runs(spec)[-1], "A run")
    assert str(refused.value) == f"There is no script of this run yet: {what} is not written as one."
    assert all((refused.value.field, refused.value.expected, refused.value.received))


def test_the_joint_map_is_missing_only_where_both_act() -> None:
    spec = make_spec("mlp", regularizers=regularize("l1"), fixed=[{"name": "elastic_net", "strengths": [0.1]}])
    assert make_script(spec, PlannedRun("none", 0.0, 0), "A run")
    with pytest.raises(NoScriptError):
        make_script(spec, PlannedRun("l1", 0.01, 0), "A run")
