"""HTTP client of the command line; every failure is an ApiError with one sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from httpx_sse import EventSource
from pydantic import SecretStr

from core.errors import RidgelineError
from core.settings import Settings
from core.validation.access import bracket, is_loopback

# The server sends a comment every 15 seconds; a silent stream is a lost connection.
_SILENCE_SECONDS = 40.0
# A server ends a connection that was idle for 5 seconds, as uvicorn does, perhaps while a request is on its way.
_LIMITS = httpx.Limits(keepalive_expiry=2)
_EXPECTED = "--url expects an address such as http://127.0.0.1:8000"


class ApiError(RidgelineError):
    """An error response, or no response. ``body``: the error of the response, if any."""

    code = "api"

    def __init__(self, message: str, body: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.body = body


@dataclass(frozen=True)
class Event:
    """A server-sent event, its data parsed."""

    name: str
    data: dict[str, Any]
    cursor: str


def is_local(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")


def find_url(settings: Settings) -> str:
    """The URL of the API of these settings, on its own machine."""
    everywhere = settings.host in ("0.0.0.0", "::", "")  # noqa: S104  # compared, not listened on
    return f"http://{'127.0.0.1' if everywhere else bracket(settings.host)}:{settings.port}"


class Client:
    """Talks to the API at ``url``, with ``token`` where there is one."""

    def __init__(self, url: str, token: SecretStr | None = None, timeout: float = 30.0) -> None:
        self.url = url.rstrip("/")
        self._has_token = token is not None
        headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        # No proxy between processes of one machine.
        try:
            own = is_local(url)
            if not urlsplit(url).hostname:
                raise ValueError("it names no host")  # as what httpx refuses
            self._http = httpx.Client(
                base_url=self.url, headers=headers, timeout=timeout, trust_env=not own, limits=_LIMITS
            )
        except (ValueError, httpx.InvalidURL) as error:
            raise ApiError(
                f"--url expects an address such as http://127.0.0.1:8000; received {url}: {error}."
            ) from error

    def get(self, path: str, **parameters: Any) -> Any:
        return self._send("GET", path, params=parameters)

    def get_text(self, path: str, kind: str) -> str:
        """Of this media type."""
        response = self._request("GET", path)
        if not response.headers.get("Content-Type", "").startswith(kind):
            raise ApiError(f"What answers at {self.url} is not Ridgeline.")
        return response.text

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        if body is None:
            return self._send("POST", path)
        # Python's NaN passes, so that the API's error names the field.
        content = json.dumps(body, default=str)
        kind = {"Content-Type": "application/json"}
        return self._send("POST", path, content=content, headers=kind | (headers or {}))

    def delete(self, path: str) -> None:
        self._send("DELETE", path)

    def stream(self, path: str, cursor: str = "") -> Iterator[Event]:
        """Events after ``cursor``, until the server ends the stream. Raises ApiError when the connection is lost."""
        timeout = httpx.Timeout(30.0, read=_SILENCE_SECONDS)
        headers = {"Last-Event-ID": cursor} if cursor else {}
        try:
            with self._http.stream("GET", path, headers=headers, timeout=timeout) as response:
                if response.is_error:
                    response.read()
                    raise self._explain(response)
                yield from parse_events(response)
        except httpx.HTTPError as error:
            raise self._describe_failure(error) from error

    def _send(self, method: str, path: str, **rest: Any) -> Any:
        response = self._request(method, path, **rest)
        try:
            return response.json() if response.content else None
        except ValueError:
            raise ApiError(f"What answers at {self.url} is not Ridgeline.") from None

    def _request(self, method: str, path: str, **rest: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **rest)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._describe_failure(error) from error
        except UnicodeError as error:
            raise ApiError(f"Invalid text, or a header that is not ASCII, cannot be sent: {error}.") from error
        if response.is_error:
            raise self._explain(response)
        return response

    def _explain(self, response: httpx.Response) -> ApiError:
        error = _explain(response)
        if response.status_code != 401:
            return error
        message = f"Ridgeline at {self.url} requires a token: set RIDGELINE_TOKEN to it."
        if self._has_token:
            message = f"Ridgeline at {self.url} does not accept the token in RIDGELINE_TOKEN."
        return ApiError(message, error.body and {**error.body, "message": message, "details": []})

    def _describe_failure(self, error: Exception) -> ApiError:
        if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
            return ApiError(f"{_EXPECTED}; received {self.url}.")
        if isinstance(error, httpx.ConnectError):
            return ApiError(f"Nothing answers at {self.url}. Start Ridgeline with `ridgeline up`, or give its --url.")
        if isinstance(error, httpx.TimeoutException):
            return ApiError(f"Ridgeline at {self.url} did not answer in time.")
        return ApiError(f"The connection to {self.url} failed: {error}.")


def _explain(response: httpx.Response) -> ApiError:
    try:
        error = response.json()["error"]
        text = [error["message"]]
        # The first detail is in the message already.
        text += [f"{detail['field']}: {detail['message']}" for detail in error["details"][1:]]
        return ApiError("\n".join(text), error)
    except (ValueError, KeyError, TypeError):
        return ApiError(f"The server answered with status {response.status_code}.")


def parse_events(response: httpx.Response) -> Iterator[Event]:
    """The events of a streamed response; pings, which have no data, are skipped."""
    for event in EventSource(response).iter_sse():
        if event.data:
            yield Event(event.event, json.loads(event.data), event.id)
