"""Whatever is sent, no answer is a 5xx, and every answer is as described: schemathesis over the whole OpenAPI."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.backend.conftest import Trainer

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
BODIES = r"/api/experiments$"
EVENTS = "/events$"


def run_schemathesis(url: str, folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/api/openapi.json", "--checks", CHECKS]
    command += ["--seed", "1", "--request-timeout", "20", "--suppress-health-check", "all", *arguments]
    # A proxy of the machine's must not come between.
    environment = os.environ | {"NO_PROXY": "127.0.0.1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    cases = re.search(r"(\d+) generated, \1 passed", done.stdout)
    assert cases is not None
    assert int(cases[1]) > 200


@pytest.fixture
def filled(url: str, api: httpx.Client, trainer: Trainer, spec: dict[str, Any]) -> str:
    """The address of an API whose experiment 1 has ended, with curves."""
    made = api.post("/api/experiments", json=spec).json()
    trainer.train([job["id"] for job in made["jobs"]])
    return url


def test_what_schemathesis_makes_up_gets_no_5xx(filled: str, tmp_path: Path) -> None:
    run_schemathesis(filled, tmp_path, "--exclude-path-regex", EVENTS, "--phases", "examples,fuzzing", "-n", "40")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_edges_of_every_parameter_get_no_5xx(filled: str, tmp_path: Path) -> None:
    # The edges of a spec, thousands of them, are tried on the plan, which checks it as a submission does.
    run_schemathesis(filled, tmp_path, "--exclude-path-regex", f"{EVENTS}|{BODIES}", "--phases", "coverage")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=st.text(max_size=40) | st.from_regex(r"(\d{1,12}:\d{1,12}(:\d{1,12})?,?){0,3}", fullmatch=True))
def test_any_cursor_is_read_or_refused(filled: str, cursor: str) -> None:
    for path in ("events", "metrics"):
        answer = httpx.get(f"{filled}/api/experiments/1/{path}", params={"after": cursor}, trust_env=False, timeout=20)
        assert answer.status_code in (200, 422)
        if answer.status_code == 422:
            assert answer.json()["error"]["details"][0]["field"] == "after"
