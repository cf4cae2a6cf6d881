"""Paths with any characters that a file system takes, and what is refused with a sentence instead."""

from __future__ import annotations

import os
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kombu.connection import Connection
from pydantic import ValidationError
from sqlalchemy import make_url

from core.archive.backup import back_up
from core.archive.restore import restore
from core.archive.writer import open_target
from core.db import revision
from core.db.engine import make_engine, migrate
from core.queue import make_broker_options
from core.settings import Settings
from core.validation.locations import locate_sqlite
from tests.installation import SMALL, Installation

names = st.text(st.characters(codec="utf-8", exclude_characters="/\x00"), min_size=1, max_size=60)
HOSTILE = [
    "a?b", "a%41b", "a%b", "a#b", "a@b:c", "a b", "a+b", "a&b=c", "'q'", '"q"', "ünïcödé ☃", "a\nb", "a\\b", "{x}",
    "[b]", "$HOME", "%(here)s", "file:x", ":memory:", "-x", "*", "?mode=memory", "~", " ", "...",
]  # fmt: skip


@given(st.lists(names, min_size=1, max_size=4))
def test_the_url_of_a_sqlite_file_reads_back_its_path(parts: list[str]) -> None:
    path = Path("/", *parts)
    assert make_url(locate_sqlite(path)).database == str(path)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_home_of_any_name_holds_database_queue_and_backup(name: str, tmp_path: Path) -> None:
    home = tmp_path / name
    settings = Settings(home=home)
    engine = make_engine(settings)
    migrate(engine)
    options = make_broker_options(settings)
    with Connection(
        options["broker_url"],
        transport=options["broker_transport"],
        transport_options=options["broker_transport_options"],
    ).SimpleQueue("work") as queue:
        queue.put({"job": 1})
        assert len(list((home / "queue" / "messages").iterdir())) == 1
        assert queue.get(block=False).payload == {"job": 1}
    assert settings.checkpoint_folder == home / "checkpoints"
    with open_target(home / f"{name}.tar") as file:
        back_up(engine, settings.checkpoint_folder, file)
    restore(engine, settings.checkpoint_folder, home / f"{name}.tar")
    engine.dispose()
    assert os.listdir(tmp_path) == [name]  # noqa: PTH208 - names are enough
    assert {"ridgeline.db", "queue", "checkpoints", f"{name}.tar"} <= set(os.listdir(home))  # noqa: PTH208


def test_what_trains_in_a_hostile_home_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    home = tmp_path / "a?b%41 #1 @x:\n'ü'"
    settings = Settings(home=home, trainers=1, checkpoint_seconds=0.1, download=False)
    engine = make_engine(settings)
    migrate(engine)
    engine.dispose()
    installation = Installation(settings, tmp_path)
    try:
        worker = installation.start_worker()
        experiment = installation.submit(SMALL | {"epochs": 5_000})
        installation.wait(lambda: installation.job(experiment).checkpoints, 60)
        worker.terminate()
        assert worker.wait(20) == 0
        (name, *_) = (checkpoint["name"] for checkpoint in installation.job(experiment).checkpoints)
        assert (home / "checkpoints" / f"job-{installation.job(experiment).id}" / name).is_file()
        left = installation.job(experiment).epoch
        installation.start_worker()
        installation.wait(lambda: installation.job(experiment).epoch > left, 60)
        installation.cancel(experiment)
        installation.wait_for_state(experiment, "cancelled")
        assert installation.job(experiment).rewinds == []
    finally:
        installation.close()
    assert {path.name for path in tmp_path.iterdir()} == {home.name, "worker.log"}


def test_alembic_finds_its_scripts_wherever_ridgeline_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "100% (here)s #1?"
    place.symlink_to(revision._SCRIPTS)
    expected = revision.list_revisions()
    monkeypatch.setattr(revision, "_SCRIPTS", place)
    assert revision.list_revisions.__wrapped__() == expected


LONG = "sqlite:////" + "/".join(["x" * 100] * 5)
REFUSED = {
    "a plain ?": ({"database_url": "sqlite:////tmp/a?b/ridgeline.db"}, "written as %3F"),
    "a plain ? and =": ({"database_url": "sqlite:////tmp/a?b=c/ridgeline.db"}, "written as %3F"),
    "a long path": ({"database_url": f"{LONG}/ridgeline.db"}, "longer than 504 bytes; received one of 518"),
    "no URL": ({"database_url": "ridgeline.db"}, "expected a URL such as postgresql"),
    "no port": ({"database_url": "postgresql+psycopg://u@host:many/x"}, "expected a URL such as postgresql"),
    "no broker of ours": ({"broker_url": "amqp://host"}, "expected a URL of one of filesystem://, redis://, rediss://"),
    "a broker's folder": ({"broker_url": "filesystem:///tmp/queue"}, "expected filesystem:// alone"),
    "no host": ({"broker_url": "redis:///0"}, "expected a host"),
    "a long home": ({"home": f"/{LONG}"}, "longer than 504 bytes"),
    "no text": ({"home": os.fsdecode(b"/tmp/a\xffb")}, "expected a path in UTF-8; received b'/tmp/a"),
    "no text, checkpoints": ({"checkpoint_folder": os.fsdecode(b"/tmp/\xff")}, "expected a path in UTF-8"),
}


@pytest.mark.parametrize("given", REFUSED)
def test_what_would_be_read_as_something_else_is_refused_with_a_sentence(given: str, tmp_path: Path) -> None:
    changes, sentence = REFUSED[given]
    with pytest.raises(ValidationError, match=sentence.replace("?", r"\?")):
        Settings.model_validate({"home": tmp_path} | changes)


def test_a_sqlite_url_may_have_options_and_quoted_characters(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a%3Fb.db?timeout=5"
    engine = make_engine(Settings(home=tmp_path, database_url=url))
    migrate(engine)
    engine.dispose()
    assert (tmp_path / "a?b.db").exists()


def test_the_longest_path_that_is_taken_can_be_opened(tmp_path: Path) -> None:
    left = 504 - len(f"{tmp_path}//ridgeline.db")
    home = tmp_path / string.ascii_letters[: left % 50 + 1] / Path(*["x" * 49] * (left // 50 - 1))
    home = home / ("y" * (504 - len(f"{home}//ridgeline.db")))
    settings = Settings(home=home)
    engine = make_engine(settings)
    migrate(engine)
    engine.dispose()
    assert len(str(home / "ridgeline.db")) == 504
