"""The recipes of CONTRIBUTING.md and the paths of ARCHITECTURE.md: what they name is there, for everything there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from backend.figures.request import FigureName
from core.catalogue import DATASETS, NETWORKS
from core.catalogue.metrics import METRIC_NAMES
from core.spec.regularizer import REGULARIZER_CLASSES

ROOT = Path(__file__).resolve().parent.parent
CONTRIBUTING, ARCHITECTURE = (
    (ROOT / name).read_text(encoding="utf-8") for name in ("CONTRIBUTING.md", "ARCHITECTURE.md")
)
# A folder of the project, or a file in one.
PATH = re.compile(r"`((?:core|backend|worker|frontend|alembic|tests|docs|setup|benchmarks)/[\w./-]*)`")
FILE = re.compile(r"`([\w/]+\.(?:py|tsx?|md))`")
# What the recipes' things are called in the code, where there are some already.
NAMES: dict[str, list[str]] = {
    "A regularizer": list(REGULARIZER_CLASSES),
    "A metric": list(METRIC_NAMES),
    "A chart": list(get_args(FigureName)),
    "A data set": list(DATASETS),
    "A network": list(NETWORKS),
}
# Measured by what trains, under names of its own; drawn only where it is worth it; found in a folder by torchvision.
WITHOUT_NAMES = {
    "worker/training/stack/", "alembic/versions/", "backend/figures/metrics.py", "backend/figures/charts/",
    "backend/figures/build.py", "frontend/src/experiment/", "setup/previews.py", "tests/worker/training/sweeps.py",
    "worker/training/data/", "worker/training/networks/", "tests/worker/training/stack/",
    "frontend/src/experiment/metrics.ts", "backend/live/figure_topic.py", "tests/worker/training/regularizers/",
}  # fmt: skip


def read_recipe(name: str) -> str:
    found = re.search(rf"^### {name}\n(.*?)(?=^##)", CONTRIBUTING, re.MULTILINE | re.DOTALL)
    assert found, f"CONTRIBUTING.md has no recipe {name}"
    return found[1]


def list_recipes() -> list[str]:
    return re.findall(r"^### (.+)$", CONTRIBUTING, re.MULTILINE)


def read_all(path: Path) -> str:
    """The text of a file, or of all files of a folder."""
    files = [path] if path.is_file() else [file for file in path.iterdir() if file.is_file()]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@pytest.mark.parametrize("recipe", list_recipes())
def test_every_step_names_files_and_folders_that_are_there(recipe: str) -> None:
    steps = re.findall(r"^\d+\. (.*?)(?=^\d+\. |\Z)", read_recipe(recipe), re.MULTILINE | re.DOTALL)
    assert steps
    for step in steps:
        paths = PATH.findall(step)
        assert paths, f"{recipe}: {step}"
        for path in paths:
            example = path.replace("NAME", next(iter(NAMES.get(recipe, [""]))))
            assert (ROOT / example).exists(), f"{recipe} names {path}"


@pytest.mark.parametrize(("recipe", "name"), [(recipe, name) for recipe, names in NAMES.items() for name in names])
def test_what_there_is_already_was_added_by_the_recipe(recipe: str, name: str) -> None:
    for path in PATH.findall(read_recipe(recipe)):
        place = ROOT / path.replace("NAME", name)
        assert place.exists(), f"{name} is not in {path}"
        if "NAME" not in path and path not in WITHOUT_NAMES:
            own = REGULARIZER_CLASSES[name].__name__ if name in REGULARIZER_CLASSES else name
            assert re.search(rf"\b({name}|{own})\b", read_all(place)), f"{path} does not know {name}"


def test_architecture_names_what_is_there() -> None:
    for line in ARCHITECTURE.splitlines():
        folder = ROOT
        for name in re.findall(r"`([\w./-]+)`", line):
            if "/" not in name and "." not in name:
                continue
            if (ROOT / name).exists() and "/" in name:
                folder = ROOT / name if name.endswith("/") else (ROOT / name).parent
                continue
            # In the folder that was named before, or beside it.
            near = [place / name for place in (folder, folder.parent, ROOT)]
            assert any(place.exists() for place in near), f"ARCHITECTURE.md names {name}: {line}"


def test_every_folder_of_modules_is_in_the_architecture() -> None:
    for top in ("core", "backend", "worker"):
        for folder in (ROOT / top).rglob("*"):
            if folder.is_dir() and any(folder.glob("*.py")) and folder.name != "__pycache__":
                path = folder.relative_to(ROOT).as_posix() + "/"
                assert f"`{path}`" in ARCHITECTURE or f"`{folder.name}/`" in ARCHITECTURE, f"{path} is in no table"


def test_no_folder_has_more_modules_than_a_reader_takes_in() -> None:
    for top in ("core", "backend", "worker"):
        for folder in [ROOT / top, *(ROOT / top).rglob("*")]:
            if folder.is_dir() and folder.name != "regularizers":
                modules = [file.name for file in folder.glob("*.py") if not file.name.startswith("__")]
                assert len(modules) <= 15, f"{folder} has {len(modules)} modules"
