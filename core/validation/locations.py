"""Validation of paths and URLs in settings."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

# Of the file's absolute path, in bytes: SQLite's own bound of 512 without what it appends.
_MAX_SQLITE_PATH = 504
# The options of Python's sqlite3; others after a question mark would be dropped silently.
_SQLITE_OPTIONS = {"timeout", "isolation_level", "detect_types", "check_same_thread", "cached_statements", "autocommit"}
# Databases with an installed driver.
_DATABASES = ("postgresql", "postgresql+psycopg", "sqlite", "sqlite+pysqlite")
_BROKERS = ("filesystem", "redis", "rediss")


def check_path(path: Path) -> Path:
    """The path. Raises ValueError where it is not valid UTF-8, which URLs, logs and checkpoints need."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise ValueError(f"expected a path in UTF-8; received {os.fsencode(path)!r}") from None
    return path


def locate_sqlite(path: Path) -> str:
    """The URL of a SQLite file with any path."""
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def check_database(url: str) -> str:
    """The URL. Raises ValueError where it is invalid, or its path would be misread.

    Errors show only its beginning, since it may hold a password.
    """
    expected = "a URL such as postgresql+psycopg://USER@HOST:5432/NAME or sqlite:////FOLDER/FILE"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError(f"expected {expected}; received none (it is not shown)") from None
    if parsed.drivername not in _DATABASES:
        raise ValueError(f"expected {expected}; received one that begins with {parsed.drivername}:")
    if parsed.get_backend_name() == "sqlite":
        _check_file(url, parsed)
    return url


def _check_file(url: str, parsed: URL) -> None:
    options = [part.partition("=")[0] for part in url.partition("?")[2].split("&") if part]
    if "uri" not in options and set(options) - _SQLITE_OPTIONS:
        raise ValueError("expected ? in the path of a SQLite file written as %3F, and % as %25; received a plain ?")
    length = len(os.fsencode(Path(parsed.database or "").absolute()))
    if length > _MAX_SQLITE_PATH:
        raise ValueError(
            f"SQLite opens no file whose path is longer than {_MAX_SQLITE_PATH} bytes; received one of {length}"
        )


def check_broker(url: str) -> str:
    """The URL. Raises ValueError, without the URL, for an unsupported broker."""
    scheme, _, rest = url.partition("://")
    if scheme not in _BROKERS:
        raise ValueError(f"expected a URL of one of {', '.join(f'{name}://' for name in _BROKERS)}; received another")
    if scheme == "filesystem" and rest:
        raise ValueError("expected filesystem:// alone: its files are in the folder queue of RIDGELINE_HOME")
    if scheme != "filesystem" and not urlsplit(url).hostname:
        raise ValueError(f"expected a host, as in {scheme}://host:6379/0; received none")
    return url
