"""Settings: what the environment may say, and that passwords reach their URLs whatever characters they have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kombu.utils.url import parse_url
from pydantic import SecretStr, ValidationError
from sqlalchemy import make_url

from core.settings import Settings, with_password

DATABASE = "postgresql+psycopg://ridgeline@postgres:5432/ridgeline"
BROKER = "redis://redis:6379/0"
passwords = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=40)


@given(passwords)
def test_database_reads_back_the_password(password: str) -> None:
    url = make_url(with_password(DATABASE, SecretStr(password), "database"))
    assert (url.username, url.password, url.host, url.port) == ("ridgeline", password, "postgres", 5432)
    assert url.database == "ridgeline"


@given(passwords)
def test_broker_reads_back_the_password(password: str) -> None:
    parts = parse_url(with_password(BROKER, SecretStr(password), "broker"))
    assert (parts["password"], parts["hostname"], parts["port"]) == (password, "redis", 6379)


@pytest.mark.parametrize("url", ["redis://:its-own@redis:6379/0", "rediss://user:its-own@[::1]:6379/0"])
def test_password_in_the_url_is_kept(url: str) -> None:
    assert with_password(url, SecretStr("another"), "broker") == url


def test_no_password_changes_nothing() -> None:
    assert with_password(DATABASE, None, "database") == DATABASE
    assert with_password(DATABASE, SecretStr(""), "database") == DATABASE


@pytest.mark.parametrize("setting", ["database", "broker"])
def test_password_without_a_host_is_refused(setting: str, tmp_path: Path) -> None:
    given: dict[str, Any] = {f"{setting}_password": SecretStr("secret")}
    with pytest.raises(ValidationError, match=f"{setting}_password needs a {setting}_url with a host"):
        Settings(home=tmp_path, **given)


def test_passwords_come_from_the_environment_and_stay_out_of_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIDGELINE_DATABASE_URL", DATABASE)
    monkeypatch.setenv("RIDGELINE_DATABASE_PASSWORD", "s3cret/@:")
    monkeypatch.setenv("RIDGELINE_BROKER_URL", BROKER)
    monkeypatch.setenv("RIDGELINE_BROKER_PASSWORD", "s3cret/@:")
    settings = Settings()
    assert settings.database_url == "postgresql+psycopg://ridgeline:s3cret%2F%40%3A@postgres:5432/ridgeline"
    assert settings.broker_url == "redis://:s3cret%2F%40%3A@redis:6379/0"
    assert "s3cret" not in repr(settings)


def test_defaults_are_those_of_the_embedded_installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "BROKER_URL", "DATA_FOLDER", "HOME"):
        monkeypatch.delenv(f"RIDGELINE_{name}", raising=False)
    settings = Settings(home=tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path / 'ridgeline.db'}"
    assert settings.broker_url == "filesystem://"
    assert settings.data_folder == tmp_path / "data"


def test_lease_shorter_than_two_heartbeats_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="must be at least twice heartbeat_seconds; received 3 and 2"):
        Settings(home=tmp_path, lease_seconds=3, heartbeat_seconds=2)


@pytest.mark.parametrize(
    ("setting", "url"),
    [
        *(
            ("database_url", url)
            for url in ("hello", "mysql://x:SECRET@h/y", "postgres://h/y", "postgresql://h:SECRET/y")
        ),
        *(("broker_url", url) for url in ("hello", "amqp://x:SECRET@h", "redis:/h", "://")),
    ],
)
def test_urls_that_lead_nowhere_are_refused_untold(setting: str, url: str, tmp_path: Path) -> None:
    given: dict[str, Any] = {setting: url}
    with pytest.raises(ValidationError, match="expected a URL") as refused:
        Settings(home=tmp_path, **given)
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize("url", ["postgresql://h/y", DATABASE, "sqlite:////a/b.db", "sqlite+pysqlite:///b.db"])
def test_databases_that_there_are_drivers_for_are_taken(url: str, tmp_path: Path) -> None:
    assert Settings(home=tmp_path, database_url=url).database_url == url
