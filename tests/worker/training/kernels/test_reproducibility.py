"""MKL computes in the mode that the engine asks it for; its effect is tested by ``stack/test_stack`` and others."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

from tests.servers import ROOT

MULTIPLY = "import worker.training, torch; torch.ones(3, 40, 50) @ torch.ones(3, 50, 60)"


@pytest.mark.skipif(not torch.backends.mkl.is_available(), reason="this torch multiplies without MKL")
@pytest.mark.parametrize(("chosen", "mode"), [(None, "AUTO"), ("COMPATIBLE", "COMPATIBLE")])
def test_products_are_reproducible_unless_told_otherwise(chosen: str | None, mode: str) -> None:
    """By MKL's own log of its calls."""
    environment = {name: value for name, value in os.environ.items() if name != "MKL_CBWR"} | {"MKL_VERBOSE": "1"}
    environment |= {"MKL_CBWR": chosen} if chosen else {}
    done = subprocess.run(
        [sys.executable, "-c", MULTIPLY], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    calls = [line for line in done.stdout.splitlines() if "GEMM" in line]
    assert calls
    assert all(f"CNR:{mode} " in line for line in calls), calls
