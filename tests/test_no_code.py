"""Nothing that comes in is run: no pickle, no evaluated text, no shell, and no path or URL in a request."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from backend.app import create_app
from core.catalogue import check_spec
from core.catalogue.torchvision_models import TORCHVISION_MODELS
from core.errors import InvalidSpecError
from core.settings import Settings
from core.spec import ExperimentSpec
from core.spec.network import NetworkSpec

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [path for top in ("core", "backend", "worker", "alembic") for path in sorted((ROOT / top).rglob("*.py"))]

MODULES = {
    "pickle",
    "cPickle",
    "_pickle",
    "dill",
    "cloudpickle",
    "joblib",
    "marshal",
    "shelve",
    "code",
    "codeop",
    "runpy",
}
NAMES = {"eval", "exec", "compile", "__import__"}
# As they are called, by their last two names, or imported from their module.
CALLS = {
    "torch.load",
    "torch.save",
    "torch.jit",
    "os.system",
    "os.popen",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "yaml.load",
    "yaml.load_all",
    "yaml.full_load",
    "yaml.unsafe_load",
    "pd.read_pickle",
    "pandas.read_pickle",
    "hub.load",
    "torch.hub.load",
    "importlib.import_module",
}
KEYWORDS = {"shell", "allow_pickle"}

# What is there with a reason, by file.
ALLOWED = {
    # The published batches of CIFAR-10 are pickles: read by an Unpickler that finds numpy's arrays and nothing else
    # (tests/worker/training/data/test_images.py), after their checksum.
    "worker/training/data/formats.py": {"pickle"},
    # Its error alone.
    "worker/training/data/images.py": {"pickle"},
}
# multiprocessing's pipes between a supervisor and its own trainers carry pickles too: over a socketpair that no third
# process can open, and what a request says goes through as a validated ExperimentSpec.


def find_dangers(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names if alias.name.split(".")[0] in MODULES)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (module for _ in names if module.split(".")[0] in MODULES)
                yield from {f"{module}.{alias.name}" for alias in names} & CALLS
            case ast.Attribute(value=ast.Name(id=before) | ast.Attribute(attr=before), attr=after):
                yield from {f"{before}.{after}"} & CALLS
            case ast.Call():
                yield from find_dangerous_call(node)


def find_dangerous_call(call: ast.Call) -> Iterator[str]:
    if isinstance(call.func, ast.Name) and call.func.id in NAMES:
        yield call.func.id
    for keyword in call.keywords:
        # Only a plain False is safe to read.
        if keyword.arg in KEYWORDS and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False):
            yield keyword.arg


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_that_comes_in_is_run(path: Path) -> None:
    assert set(find_dangers(path)) == ALLOWED.get(path.relative_to(ROOT).as_posix(), set())


@pytest.mark.parametrize(
    ("source", "danger"),
    [
        ("import pickle", "pickle"),
        ("from marshal import loads", "marshal"),
        ("import torch\ntorch.load('x')", "torch.load"),
        ("from torch import load", "torch.load"),
        ("from torch.hub import load", "torch.hub.load"),
        ("eval('1')", "eval"),
        ("exec(text)", "exec"),
        ("yaml.load(text, Loader=yaml.Loader)", "yaml.load"),
        ("subprocess.run('ls', shell=True)", "shell"),
        ("subprocess.run('ls', shell=flag)", "shell"),
        ("np.load('x.npz', allow_pickle=True)", "allow_pickle"),
        ("torch.hub.load('a/b', 'c')", "hub.load"),
    ],
)
def test_what_would_run_something_is_seen(source: str, danger: str, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(source)
    assert danger in set(find_dangers(path))


def test_safe_ways_are_not_taken_for_others(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("yaml.safe_load(t)\nnp.load('x', allow_pickle=False)\nre.compile('a')\nsubprocess.run(['ls'])")
    assert list(find_dangers(path)) == []


HOSTILE = [
    "/etc/passwd",
    "../../var/ridgeline.db",
    "file:///etc/passwd",
    "http://127.0.0.1:1/",
    "\\\\host\\share",
    "torchvision:../../evil",
    "torchvision:resnet18.pth",
    "torchvision:http://127.0.0.1/model",
    "torchvision:__class__",
    "torchvision:list_models",
    "hub:a/b",
]
# Texts that are no choice from a list: none of them is ever a name of a file, a module or a host.
# A field of a body by its schema's name and its own, a parameter by its own.
FREE_TEXT = {
    **{
        f"{schema}.{field}": "of an experiment: stored and shown"
        for schema in ("ExperimentSpec", "ExperimentChange")
        for field in ("name", "notes", "tags")
    },
    "Login.token": "compared with the installation's",
    "text": "compared with names and notes",
    "tag": "compared with tags",
    "layer": "compared with layers' names",
    "regularizer": "compared with the experiment's own keys",
    "strengths": "keys of its object, compared with the experiment's own",
    "SpecText.text": "parsed as JSON or YAML by a safe loader; what it holds is then a spec's own fields",
    "after": "a cursor: parsed into numbers",
    "last-event-id": "a cursor: parsed into numbers",
    "if-none-match": "a version: compared with that of the answer",
}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("part", ["dataset", "network", "optimizer", "schedule"])
def test_what_is_chosen_by_name_is_of_the_catalogue(part: str, text: str) -> None:
    spec = {"dataset": {"name": "mnist"}, "network": {"name": "mlp"}, "optimizer": {"name": "sgd"}, "epochs": 1}
    with pytest.raises((ValidationError, InvalidSpecError)):
        check_spec(ExperimentSpec.model_validate(spec | {part: {"name": text}}))


def test_networks_of_torchvision_are_those_of_the_shipped_list() -> None:
    adapter: TypeAdapter[NetworkSpec] = TypeAdapter(NetworkSpec)
    for name in TORCHVISION_MODELS:
        # Each is a plain word: getattr finds a function of torchvision.models by it, and nothing else.
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        assert adapter.validate_python({"name": f"torchvision:{name}"})


def list_texts(schema: object, name: str, components: dict[str, object]) -> Iterator[str]:
    """Names of the fields below ``schema`` that take text without saying which."""
    if isinstance(schema, list):
        for member in schema:
            yield from list_texts(member, name, components)
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "string" and not schema.keys() & {"enum", "const", "pattern"}:
        yield name
    for key, value in schema.items():
        if key == "properties":
            for field, part in value.items():
                yield from list_texts(part, f"{name}.{field}", components)
        elif key in ("anyOf", "oneOf", "allOf", "items", "additionalProperties"):
            yield from list_texts(value, name, components)
        elif key == "$ref":
            own = value.rsplit("/", 1)[-1]
            yield from list_texts(components.pop(own, None), own, components)


def test_no_field_of_a_request_is_a_path_or_a_url(tmp_path: Path) -> None:
    """Every text that a request may hold is one of a list, matches a pattern, or is known here to be mere text."""
    api = create_app(Settings(home=tmp_path)).openapi()
    found = set()
    for operations in api["paths"].values():
        for operation in operations.values():
            components = dict(api["components"]["schemas"])
            for content in operation.get("requestBody", {}).get("content", {}).values():
                found |= set(list_texts(content["schema"], "body", components))
            for parameter in operation.get("parameters", []):
                found |= set(list_texts(parameter["schema"], parameter["name"], components))
    assert found - FREE_TEXT.keys() == set()
    assert len(found) > 5
