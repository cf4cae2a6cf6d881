"""Whatever is sent, no answer is a 5xx, and every answer is as described: schemathesis with all its checks.

RIDGELINE_FAULTS=full tries more. What is excepted stands with its reason in schemathesis.toml.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from pydantic import SecretStr

from core.settings import Settings
from tests.backend.conftest import Trainer, serve

CONFIG = Path(__file__).with_name("schemathesis.toml")
FULL = os.environ.get("RIDGELINE_FAULTS") == "full"
TOKEN = "a-token-of-more-than-thirty-two-letters"
BODIES = r"/api/experiments$"
EVENTS = "/(events|live)$"


def run_schemathesis(url: str, folder: Path, *arguments: str, least: int = 200) -> None:
    # Read here: schemathesis waits for it no longer than 10 s.
    description = folder / "openapi.json"
    answer = httpx.get(f"{url}/api/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=120)
    description.write_text(answer.raise_for_status().text, encoding="utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", str(description)]
    command += ["--url", url]
    command += ["--checks", "all", "--seed", "1", "--request-timeout", "20", "--suppress-health-check", "all"]
    # The live streams end when they like; their parameters are tried below, and in live/test_live_stream.py.
    command += ["-H", f"Authorization: Bearer {TOKEN}", *arguments]
    # A proxy of the machine's must not come between.
    environment = os.environ | {"NO_PROXY": "127.0.0.1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    cases = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert cases is not None, done.stdout[-2000:]
    assert int(cases[2]) > least


@pytest.fixture
def filled(settings: Settings, trainer: Trainer, spec: dict[str, Any]) -> Iterator[str]:
    """The address of an API that asks for a token, whose experiment 1 has ended, with curves."""
    with serve(settings, token=SecretStr(TOKEN)) as api:
        api.headers["Authorization"] = f"Bearer {TOKEN}"
        made = api.post("/api/experiments", json=spec).json()
        trainer.train([job["id"] for job in made["jobs"]])
        yield str(api.base_url).rstrip("/")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_schemathesis_makes_up_passes_every_check(filled: str, tmp_path: Path) -> None:
    phases = ("--phases", "examples,fuzzing,stateful", "-n", "500" if FULL else "15")
    run_schemathesis(filled, tmp_path, "--exclude-path-regex", EVENTS, *phases)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_edges_of_every_parameter_pass_every_check(filled: str, tmp_path: Path) -> None:
    # The edges of a spec, thousands of them, are tried on the plan, which checks it as a submission does.
    excluded = EVENTS if FULL else f"{EVENTS}|{BODIES}"
    run_schemathesis(filled, tmp_path, "--exclude-path-regex", excluded, "--phases", "coverage", least=1_000)


@limits(max_examples=1_000 if FULL else 60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=st.text(max_size=40) | st.from_regex(r"(\d{1,12}:\d{1,12}(:\d{1,12})?,?){0,3}", fullmatch=True))
def test_any_cursor_is_read_or_refused(filled: str, cursor: str) -> None:
    for path in ("events", "metrics"):
        place, headers = f"{filled}/api/experiments/1/{path}", {"Authorization": f"Bearer {TOKEN}"}
        answer = httpx.get(place, params={"after": cursor}, headers=headers, trust_env=False, timeout=20)
        assert answer.status_code in (200, 422)
        if answer.status_code == 422:
            assert answer.json()["error"]["details"][0]["field"] == "after"
