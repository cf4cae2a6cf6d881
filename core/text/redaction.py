"""Redaction of secrets in logs: a second line of defence, since none should be logged."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from pydantic import SecretStr
from structlog.types import EventDict, WrappedLogger

from core.settings import Settings

HIDDEN = "***"
# Redacting shorter ones would hit ordinary words, and so reveal them.
SHORTEST = 4
_PATTERNS = (
    # scheme://user:password@
    (re.compile(r"([a-z][a-z0-9+.-]{0,30}://[^\s/:@'\"]{0,200}:)[^\s'\"]{1,500}@", re.IGNORECASE), rf"\1{HIDDEN}@"),
    (re.compile(r"\b(bearer\s+)[\w.~+/=-]{4,}", re.IGNORECASE), rf"\1{HIDDEN}"),
    # A header, also as ASGI has it: (b'cookie', b'…').
    (
        re.compile(
            r"\b((?:authorization|cookie)(?:['\"]\s*,\s*b?['\"]|['\"]?\s*[:=]\s*b?['\"]?))[^'\"\r\n]+", re.IGNORECASE
        ),
        rf"\1{HIDDEN}",
    ),
    (
        re.compile(
            r"((?:password|passwd|secret|token|api[_-]?key)['\"]?\s*[:=]\s*b?['\"]?)[^\s'\",;&)}\]]+", re.IGNORECASE
        ),
        rf"\1{HIDDEN}",
    ),
)
# Fields without user input.
_PLAIN = frozenset({"timestamp", "level", "logger", "request_id", "worker", "_record", "_from_structlog"})


class Redactor:
    """A structlog processor: replaces ``secrets``, however quoted, and what looks like a secret, by ``***``."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for form in _quote(secret) if len(secret) >= SHORTEST}
        # The longest first: one may begin with another.
        self._known = re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True)))) if forms else None

    def __call__(self, _logger: WrappedLogger, _name: str, line: EventDict) -> EventDict:
        return {key: value if key in _PLAIN else self._clean(value) for key, value in line.items()}

    def redact(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text

    def _clean(self, value: Any) -> Any:
        if isinstance(value, bool | int | float | None):
            return value
        if isinstance(value, Mapping):
            return {self.redact(str(key)): self._clean(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._clean(item) for item in value]
        return self.redact(str(value))


def find_secrets(settings: Settings) -> set[str]:
    """Every password and token of the settings, those in URLs too."""
    values = [getattr(settings, name) for name in type(settings).model_fields]
    return set(_find(values)) | set(_find_in_urls(settings.database_url, settings.broker_url))


def _find(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, Mapping):
        yield from _find([*value, *value.values()])
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _find(item)


def _find_in_urls(*urls: str) -> Iterator[str]:
    for url in urls:
        try:
            password = urlsplit(url).password
        except ValueError:
            continue
        if password:
            yield from (password, unquote(password))


def _quote(secret: str) -> set[str]:
    """As URLs, JSON and Python's repr write it."""
    in_urls = {quote(secret), quote(secret, safe=""), quote_plus(secret)}
    return {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]} | in_urls
