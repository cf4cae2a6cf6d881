"""The README's commands, run as they stand there."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from benchmarks.stack import run_stack
from core.demonstration import load_demonstration
from core.spec import ExperimentSpec

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def find_block(language: str, word: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return next(str(block) for block in blocks if word in block)


@pytest.mark.parametrize("token", ["", "a-token-of-this-test"])
def test_curl_submits_the_demonstration_exactly_as_shown(token: str) -> None:
    command = find_block("sh", "curl ")
    with run_stack(token=token) as (url, _):
        assert "http://127.0.0.1:8000" in command
        here = command.replace("http://127.0.0.1:8000", url)
        environment = os.environ | ({"RIDGELINE_TOKEN": token} if token else {})
        done = subprocess.run(
            ["sh", "-ec", here], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert ExperimentSpec.model_validate(answer["spec"]) == load_demonstration()
    assert answer["runs"] >= 105


def test_experiment_in_yaml_is_one() -> None:
    spec = ExperimentSpec.model_validate(yaml.safe_load(find_block("yaml", "regularizers:")))
    assert spec.count_runs() == 3 * (1 + 9 + 2 + 3)
