"""Where it listens, and with which token the command line comes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from backend.app import create_app
from backend.server import OpenAddressError, listen
from core.settings import Settings
from tests.backend.cli.test_commands import pick_port, run
from tests.backend.conftest import run_server

EVERYWHERE = "0.0.0.0"  # noqa: S104  # what is refused
SAME = "SECRET-SECRET-SECRET"
TOKEN, VIEWER = "the-token-of-this-test", "the-viewers-token-of-it"


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "", "192.0.2.7", "gpu-host", "127.0.0.1.example"])
def test_others_are_not_listened_to_without_a_token(tmp_path: Path, host: str) -> None:
    with pytest.raises(OpenAddressError, match="RIDGELINE_TOKEN"):
        listen(Settings(home=tmp_path, host=host, port=pick_port()))


def test_this_machine_is_listened_to_and_others_with_a_token(tmp_path: Path) -> None:
    listen(Settings(home=tmp_path, port=pick_port())).close()
    listen(Settings(home=tmp_path, host="localhost", port=pick_port())).close()
    listen(Settings(home=tmp_path, host=EVERYWHERE, token=SecretStr(TOKEN), port=pick_port())).close()


def test_up_and_serve_say_so_in_a_sentence(tmp_path: Path) -> None:
    for command in ("up", "serve"):
        status, output = run(command, "--host", EVERYWHERE, home=str(tmp_path), port=str(pick_port()))
        assert status == 1
        assert output.startswith("Other machines reach 0.0.0.0, so listening there needs a token")
        assert output.count("\n") == 1


@pytest.mark.parametrize(
    "tokens",
    [
        {"token": "short-SECRET"},
        {"token": "SECRET with spaces"},
        {"read_token": VIEWER},
        {"token": SAME, "read_token": SAME},
    ],
)
def test_tokens_that_would_not_do_are_refused_unseen(tmp_path: Path, tokens: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(home=tmp_path, **tokens)
    assert "SECRET" not in str(caught.value)
    status, output = run("list", home=str(tmp_path), **tokens)
    assert status == 1
    assert "SECRET" not in output


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_line_comes_with_the_token(settings: Settings) -> None:
    tokens = {"token": SecretStr(TOKEN), "read_token": SecretStr(VIEWER)}
    with run_server(create_app(settings.model_copy(update=tokens))) as url:
        assert run("list", url=url, token=TOKEN) == (0, "There are no experiments yet.\n")
        assert run("list", url=url, token=VIEWER)[0] == 0
        assert run("retry", "1", url=url, token=VIEWER)[1].startswith("The read token may only read")
        assert run("list", url=url) == (1, f"Ridgeline at {url} requires a token: set RIDGELINE_TOKEN to it.\n")
        status, output = run("list", url=url, token="another-token-than-that")
        assert status == 1
        assert output == f"Ridgeline at {url} does not accept the token in RIDGELINE_TOKEN.\n"
