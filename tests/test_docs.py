"""The documentation: nothing that a user can set, call or type is left out of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from backend.app import create_app
from backend.cli.root_command import app as command_line
from core.catalogue import AUGMENTATION, NETWORKS, OPTIONS, REGULARIZERS, SCHEDULES, SPLITS, check_spec
from core.settings import Settings
from core.spec import ExperimentSpec

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def first_cells(page: str) -> set[str]:
    """What stands in code marks at the start of the tables' rows."""
    return set(re.findall(r"^\| `([^`]+)`", (DOCS / page).read_text(), re.MULTILINE))


def test_every_setting_is_documented_and_no_other() -> None:
    settings = {name for name in first_cells("operations.md") if name.startswith("RIDGELINE_")}
    assert settings == {f"RIDGELINE_{name.upper()}" for name in Settings.model_fields}


def test_documented_defaults_are_those_of_the_settings() -> None:
    rows = re.findall(r"^\| `RIDGELINE_(\w+)` \| `([^`]+)` \|", (DOCS / "operations.md").read_text(), re.MULTILINE)
    written_out = {name.lower() for name, _ in rows}
    # Those without a default of their own are told in words.
    assert written_out == {name for name, field in Settings.model_fields.items() if field.default not in (None, "")}
    for name, written in rows:
        default = Settings.model_fields[name.lower()].default
        text = f"{default:g}" if isinstance(default, float) else str(default)
        assert written == (text.lower() if isinstance(default, bool) else text), name


def test_every_regularizer_is_documented_and_no_other() -> None:
    assert first_cells("regularizers.md") == set(REGULARIZERS) | {"none"}


def test_every_network_is_documented_with_its_fields_and_no_other() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\|(.*)\|$", (DOCS / "networks.md").read_text(), re.MULTILINE)
    documented = {name: re.findall(r"`(\w+)`", fields) for name, fields in rows}
    assert documented == {name: [field.name for field in entry.parameters] for name, entry in NETWORKS.items()}


def test_every_option_of_a_training_is_documented_and_no_other() -> None:
    options = {parameter.name for parameter in (*OPTIONS, *AUGMENTATION)}
    assert first_cells("training.md") == options | set(SCHEDULES)


def test_every_split_is_documented_with_its_fields_and_no_other() -> None:
    assert first_cells("splits.md") == set(SPLITS)
    text = (DOCS / "splits.md").read_text()
    fields = {field.name for entry in SPLITS.values() for field in entry.parameters}
    assert all(f"`{field}`" in text or f'"{field}"' in text for field in fields)


@pytest.mark.parametrize("page", ["training.md", "convex.md", "splits.md"])
def test_the_documented_training_is_legal(page: str) -> None:
    [written] = re.findall(r"```json\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
    check_spec(ExperimentSpec.model_validate_json(written))


def read_sections() -> dict[str, str]:
    """By command: what its section of the documentation says."""
    parts = re.split(r"^## `ridgeline (\w+).*$", (DOCS / "command-line.md").read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def list_options(command: str) -> set[str]:
    """The long names of a command's options."""
    parameters = typer.main.get_command(command_line).commands[command].params  # type: ignore[attr-defined]  # a group
    return {name for parameter in parameters for name in parameter.opts if name.startswith("--")}


COMMANDS = sorted(typer.main.get_command(command_line).commands)  # type: ignore[attr-defined]  # a group


def test_every_command_is_documented_and_no_other() -> None:
    assert sorted(read_sections()) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_speaks_json_and_its_options_are_documented(command: str) -> None:
    options = list_options(command)
    assert "--json" in options
    documented = set(re.findall(r"`(--[a-z-]+)", read_sections()[command]))
    # `submit`, to which `show` refers, and the page's head say the rest.
    assert documented - {"--port"} <= options | {"--watch"}
    assert options - {"--url"} <= documented


def test_options_of_the_command_itself_are_documented() -> None:
    own = {name for parameter in typer.main.get_command(command_line).params for name in parameter.opts}
    head = (DOCS / "command-line.md").read_text().partition("## `ridgeline up`")[0]
    assert {"--version", "--install-completion", "--show-completion"} <= own
    assert [name for name in own if f"`ridgeline {name}`" not in head] == []


def test_every_route_is_documented_and_no_other(tmp_path: Path) -> None:
    paths = create_app(Settings(home=tmp_path)).openapi()["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert first_cells("api.md") == routes


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", *(str(p.relative_to(ROOT)) for p in DOCS.rglob("*.md"))]
)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / page).read_text()):
        assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"
