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


@pytest.mark.parametrize("name", ["postgres", "redis", "migrate", "api", "worker"])
def test_every_container_is_contained(name: str, gpu: dict[str, Any]) -> None:
    service = gpu[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["init"] is True
    assert all(":size=" in place for place in service["tmpfs"])
    assert service.get("privileged", False) is False


def test_only_the_database_starts_as_root_and_may_become_somebody_else(gpu: dict[str, Any]) -> None:
    added = {name: service["cap_add"] for name, service in gpu.items() if "cap_add" in service}
    assert added == {"postgres": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]}
    # Where its socket is; the rest of its root stays read-only.
    assert gpu["postgres"]["tmpfs"] == ["/tmp:size=256m", "/run/postgresql:size=16m"]  # noqa: S108  # of the container
    assert gpu["redis"]["user"] == "redis"
    stages = (ROOT / "Dockerfile").read_text().split("\nFROM ")
    assert all("\nUSER ridgeline\n" in stage for stage in stages if stage.startswith(("base AS api", "base AS worker")))


def test_memory_and_processes_are_bounded(gpu: dict[str, Any]) -> None:
    assert {name: (service.get("mem_limit"), service.get("pids_limit")) for name, service in gpu.items()} == {
        "postgres": ("2g", 512),
        "redis": ("512m", 64),
        "migrate": ("512m", 64),
        "api": ("2g", 512),
        "worker": ("${RIDGELINE_WORKER_MEMORY:-16g}", 4096),
    }


def test_database_and_broker_are_reached_by_the_services_alone_and_with_passwords(gpu: dict[str, Any]) -> None:
    loaded = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert loaded["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "redis"):
        assert gpu[name]["networks"] == ["inside"]
        assert "ports" not in gpu[name]
    assert gpu["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${RIDGELINE_DATABASE_PASSWORD:?")
    assert "POSTGRES_HOST_AUTH_METHOD" not in gpu["postgres"]["environment"]
    assert gpu["redis"]["environment"]["RIDGELINE_BROKER_PASSWORD"].startswith("${RIDGELINE_BROKER_PASSWORD:?")
    assert "user default on #$$hash" in gpu["redis"]["command"][-1]


def test_what_must_outlast_a_container_is_in_a_volume(gpu: dict[str, Any]) -> None:
    loaded = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert {name: service["volumes"] for name, service in gpu.items() if "volumes" in service} == {
        "postgres": ["postgres:/var/lib/postgresql/data"],
        "redis": ["redis:/data"],
        "api": ["checkpoints:/checkpoints:ro"],
        "worker": ["data:/data", "checkpoints:/checkpoints"],
    }
    assert set(loaded["volumes"]) == {"postgres", "redis", "data", "checkpoints"}
    assert gpu["worker"]["environment"]["RIDGELINE_CHECKPOINT_FOLDER"] == "/checkpoints"
    assert "--appendonly yes" in gpu["redis"]["command"][-1]


def test_whoever_dies_is_started_again_and_may_leave_in_peace(gpu: dict[str, Any]) -> None:
    assert {name: service["restart"] for name, service in gpu.items()} == {
        name: "no" if name == "migrate" else "unless-stopped" for name in gpu
    }
    # A worker leaves by force after 13 seconds, its supervisor after 18.
    assert gpu["worker"]["stop_grace_period"] == "30s"
    assert gpu["postgres"]["stop_grace_period"] == "1m"
