"""The compose files: what they promise that no run on one machine would show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent


def services(name: str) -> dict[str, Any]:
    loaded: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / name).read_text())
    return loaded["services"]


@pytest.fixture(scope="module")
def gpu() -> dict[str, Any]:
    return services("docker-compose.yml")


def test_worker_without_a_gpu_is_the_worker_without_its_reservation(gpu: dict[str, Any]) -> None:
    reserved = dict(gpu["worker"])
    devices = reserved.pop("deploy")["resources"]["reservations"]["devices"]
    assert devices == [{"driver": "nvidia", "count": "all", "capabilities": ["gpu"]}]
    cpu = services("docker-compose.cpu.yml")
    assert cpu["worker-cpu"] == reserved
    assert cpu["worker"] == {"profiles": ["gpu"]}


def test_only_the_api_is_published_and_only_to_this_machine(gpu: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in gpu.items() if "ports" in service}
    assert published == {"api": ["127.0.0.1:8000:8000"]}


@pytest.mark.parametrize("name", ["docker-compose.yml", "docker-compose.cpu.yml"])
def test_no_secret_has_a_default(name: str) -> None:
    lines = [line for line in (ROOT / name).read_text().splitlines() if "PASSWORD:" in line]
    assert lines
    assert all("${RIDGELINE_" in line and "_PASSWORD:?" in line for line in lines)
    example = (ROOT / ".env.example").read_text().splitlines()
    assert all(not line or line.startswith("#") or line.endswith("=") for line in example)


def test_api_listens_for_all_and_so_demands_a_token_that_no_other_service_sees(gpu: dict[str, Any]) -> None:
    assert gpu["api"]["environment"]["RIDGELINE_TOKEN"].startswith("${RIDGELINE_TOKEN:?")
    others = [service for name, service in gpu.items() if name != "api"]
    assert "RIDGELINE_TOKEN" not in json.dumps(others)


def test_own_containers_have_no_rights_they_do_not_need(gpu: dict[str, Any]) -> None:
    for name in ("migrate", "api", "worker"):
        service = gpu[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
