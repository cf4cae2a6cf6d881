"""In the trainer: its device, and what it is."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path

import torch

from worker.trainer.messages import DeviceInfo


def choose_device(device: str) -> str:
    """``auto`` is the first GPU, or the CPU; other names are torch's."""
    if device == "auto":
        return "cuda:0" if torch.cuda.is_available() else "cpu"
    return device


def describe_device(device: str) -> DeviceInfo:
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    versions = {name: version(name) for name in ("ridgeline", "torch", "celery")}
    versions["python"] = ".".join(map(str, sys.version_info[:3]))
    if device == "cpu":
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return DeviceInfo(device, _name_cpu(), memory, gpus, versions)
    properties = torch.cuda.get_device_properties(device)
    versions["cuda"] = torch.version.cuda or ""
    return DeviceInfo(device, properties.name, properties.total_memory, gpus, versions)


def _name_cpu() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "CPU")
