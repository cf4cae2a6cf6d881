"""Who may import whom: the direction that DESIGN.md fixes."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = {"core", "backend", "worker", "tests", "benchmarks"}
TORCH = {"torch", "torchvision"}

# What a module under this path may import of ours, as prefixes; the longest matching path decides.
ALLOWED: dict[str, tuple[str, ...]] = {
    "core": ("core",),
    "backend": ("core", "backend"),
    "worker": ("core", "worker"),
    # core.durable_files beside DESIGN.md's three: a checkpoint is to be there after a power cut, as a backup is.
    "worker/training": ("core.spec", "core.catalogue", "core.errors", "core.durable_files", "worker.training"),
    "alembic": ("core",),
}
# Where these may not be imported at all; Celery's place in core is where jobs are announced.
CELERY_IN_CORE = "core/queue.py"
FORBIDDEN: dict[str, set[str]] = {
    "core": TORCH | {"fastapi", "starlette", "celery", "sklearn"},
    "backend": TORCH | {"sklearn"},
    "worker": {"fastapi", "starlette"},
    "worker/training": {"sqlalchemy", "celery", "kombu", "redis", "fastapi"},
}


def list_imports(path: Path) -> set[str]:
    """Every module that the file imports, anywhere in it; ``from a import b`` gives a.b."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively; write the whole name"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def find_rule(path: Path) -> str:
    name = path.relative_to(ROOT).as_posix()
    return max((rule for rule in ALLOWED if name.startswith(f"{rule}/")), key=len)


def is_within(module: str, prefix: str) -> bool:
    return f"{module}.".startswith(f"{prefix}.")


SOURCES = [path for top in ("core", "backend", "worker", "alembic") for path in sorted((ROOT / top).rglob("*.py"))]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_keep_their_direction(path: Path) -> None:
    rule = find_rule(path)
    for module in list_imports(path):
        top = module.split(".")[0]
        if top in OURS:
            assert any(is_within(module, prefix) for prefix in ALLOWED[rule]), f"{rule} may not import {module}"
        forbidden = {name for area, names in FORBIDDEN.items() if is_area(path, area) for name in names}
        if path == ROOT / CELERY_IN_CORE:
            forbidden -= {"celery"}
        assert top not in forbidden, f"{rule} may not import {module}"


def is_area(path: Path, area: str) -> bool:
    return path.relative_to(ROOT).as_posix().startswith(f"{area}/")


def load_in_new_process(module: str) -> set[str]:
    """The top-level modules that stand in sys.modules after importing ``module`` alone."""
    code = f"import {module}, sys; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_api_comes_up_without_torch() -> None:
    loaded = load_in_new_process("backend.app")
    assert "fastapi" in loaded
    assert not loaded & (TORCH | {"worker", "sklearn"})


def test_supervisor_of_the_trainers_never_loads_torch() -> None:
    loaded = load_in_new_process("worker.app")
    assert "celery" in loaded
    assert not loaded & (TORCH | {"fastapi", "sklearn"})


def test_training_knows_no_database_and_no_queue() -> None:
    loaded = load_in_new_process("worker.training")
    assert "torch" in loaded
    assert not loaded & {"sqlalchemy", "celery", "fastapi", "psycopg"}
