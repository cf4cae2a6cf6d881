"""Lines of the log: one for each thing, whatever stands in it, and without secrets."""

from __future__ import annotations

import contextvars
import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from core.logs import bound, identify, make_formatter
from core.settings import Settings
from core.text.redaction import find_secrets
from tests.servers import ROOT, make_environment

# What URLs, JSON and repr each write in another way.
PASSWORD = 'hunter2 "λ"/\\@\''
TOKEN = "recognisable-token-0123456789"
Say = Callable[..., str]


@pytest.fixture(params=["text", "json"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path,
        database_url="postgresql+psycopg://user@host/name",
        database_password=SecretStr(PASSWORD),
        broker_url="redis://:broker%20secret@host:6379/0",
        token=SecretStr(TOKEN),
        log_format=request.param,
    )


@pytest.fixture
def say(settings: Settings) -> Iterator[Say]:
    """Logs, and returns what was written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(make_formatter(settings))
    logger = logging.getLogger("ridgeline.test")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)

    def log(message: str, *values: object, **options: Any) -> str:
        before = stream.tell()
        logger.info(message, *values, **options)
        return stream.getvalue()[before:]

    yield log
    logger.removeHandler(handler)


def raise_and_log(say: Say, error: Exception) -> str:
    try:
        raise error
    except Exception:
        return say("it failed", exc_info=True)


def test_every_secret_of_the_settings_is_found(settings: Settings) -> None:
    assert {PASSWORD, TOKEN, "broker secret"} <= find_secrets(settings)


@pytest.mark.parametrize(
    "form",
    [PASSWORD, quote(PASSWORD), quote(PASSWORD, safe=""), json.dumps(PASSWORD), repr(PASSWORD), TOKEN, "broker secret"],
)
def test_a_known_secret_is_hidden_in_whatever_form(say: Say, settings: Settings, form: str) -> None:
    lines = say("it is %s, they say", form)
    lines += say("it", extra={"route": form, "jobs": [form, {form: form}]})
    lines += raise_and_log(say, ValueError(f"it is {form}, they say"))
    assert lines.count("***") >= 4
    for text in (lines, *read_texts(lines, settings)):
        for secret in ("hunter2", "recognisable", "broker", "secret"):
            assert secret not in text


def read_texts(lines: str, settings: Settings) -> list[str]:
    """What a reader of JSON sees."""
    return [str(json.loads(line)) for line in lines.splitlines()] if settings.log_format == "json" else []


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:UNKNOWN@host/name is away",
        "redis://:UNKNOWN@host",
        "Authorization: Bearer UNKNOWN",
        "sent Bearer UNKNOWN there",
        str([(b"authorization", b"Basic UNKNOWN"), (b"host", b"here")]),
        "Cookie: session=UNKNOWN; other=UNKNOWN",
        str({"set-cookie": "session=UNKNOWN"}),
        "host=there password=UNKNOWN user=me",
        str({"token": "UNKNOWN"}),
        "?read_token=UNKNOWN&a=b",
        "api_key: UNKNOWN",
    ],
)
def test_what_looks_like_a_secret_is_hidden(say: Say, text: str) -> None:
    assert "***" in say("%s", text)
    assert "UNKNOWN" not in say("%s", text) + raise_and_log(say, ValueError(text))


def test_plain_sentences_stay_as_they_are(say: Say, settings: Settings) -> None:
    for text in ("password authentication failed for user", "a token of the job's lease", "http://host:8000/a is away"):
        assert text in " ".join([say(text), *read_texts(say(text), settings)])


HOSTILE = "a\n2026-01-01T00:00:00Z [info] forged\r\x1b[2J\u2028\u202e\x85b\x0cc"


def test_no_text_begins_a_line_of_its_own(say: Say, settings: Settings) -> None:
    with bound(job=HOSTILE):
        written = say("%s", HOSTILE, extra={"route": HOSTILE}) + raise_and_log(say, ValueError(HOSTILE))
    assert not set(written) & set("\r\x1b\u2028\u202e\x85\x0c")
    lines = written.split("\n")
    assert lines.pop() == ""
    if settings.log_format == "json":
        assert len(lines) == 2
        assert [json.loads(line)["job"] for line in lines] == [HOSTILE] * 2
    else:
        assert [line.startswith("    ") for line in lines if "[ridgeline.test]" not in line] == [True] * (
            len(lines) - 2
        )


def test_lines_have_the_ids_of_their_context_and_process(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.logs._process", {})
    identify(worker="w-1")
    said: list[str] = []
    with bound(job="seventh", attempt=2):
        said.append(say("inside"))
        # As the trainer's printed lines are logged: by another thread, in the context of the job.
        context = contextvars.copy_context()
        for run in (lambda: context.run(lambda: said.append(say("copied"))), lambda: said.append(say("other"))):
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
    assert ["seventh" in line for line in said] == [True, True, False]
    assert all("w-1" in line for line in said)
    assert "attempt" not in say("outside")


SCRIPT = """
import logging, threading, warnings
from core.logs import set_up_logs
from core.settings import get_settings
secret = get_settings().database_password.get_secret_value()
set_up_logs(get_settings())
logging.getLogger("a.library").debug("not told")
logging.getLogger("worker.supervisor.lease").debug("told: %s", secret)
logging.getLogger("worker.supervisor.lease").info("%d", secret)
warnings.warn(secret)
threading.Thread(target=lambda: int(secret)).start()
raise RuntimeError(secret)
"""


def test_whatever_a_process_says_or_dies_of_goes_through_the_same_lines(settings: Settings) -> None:
    """Warnings, a call with wrong arguments, a thread's and the process's own end."""
    environment = make_environment(settings.model_copy(update={"log_format": "json", "log_level": "debug"}))
    environment |= {"RIDGELINE_DATABASE_PASSWORD": PASSWORD}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert "hunter2" not in done.stderr
    assert [line["logger"] for line in lines] == [
        "worker.supervisor.lease",
        "ridgeline",
        "py.warnings",
        "ridgeline",
        "ridgeline",
    ]
    assert [line["level"] for line in lines] == ["debug", "error", "warning", "critical", "critical"]
    assert "could not be written: TypeError" in lines[1]["event"]
    assert "ValueError" in lines[3]["exception"]
    assert "RuntimeError: ***" in lines[4]["exception"]
