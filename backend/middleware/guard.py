"""Access control around every route.

Checks the Host (DNS rebinding), then the Origin (cross-site requests), then token or session, then the role.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.auth.tokens import Authenticator, Role, find_session_cookie
from backend.errors.responses import make_error_response
from backend.middleware.security_headers import HEADERS
from backend.schemas.errors import ErrorDetail
from core.settings import Settings
from core.validation.access import bracket, split_hosts

# Besides the page's files, the only routes without authentication.
PUBLIC_ROUTES = frozenset(
    {
        ("GET", "/api/health"),
        # Login, logout, and whether a token is required.
        ("GET", "/api/session"),
        ("POST", "/api/session"),
        ("DELETE", "/api/session"),
    }
)
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# POST routes that only read.
READING_POSTS = frozenset({("POST", "/api/plan"), ("POST", "/api/spec")})
_EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  # compared, not listened on
_POLICY_1008 = {"type": "websocket.close", "code": 1008}


class Guard:
    """Rejects requests that are not allowed, and sets the security headers of every response."""

    def __init__(self, app: ASGIApp, settings: Settings, authenticator: Authenticator) -> None:
        self.app = app
        self._authenticator = authenticator
        self._named = frozenset(split_hosts(settings.allowed_hosts))
        own = {"localhost", "127.0.0.1", "::1", settings.host.lower()}.difference(_EVERYWHERE)
        self._own = frozenset(bracket(host) for host in own)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            # No route accepts web sockets, and none of these checks would apply to one.
            await send(_POLICY_1008)
        elif scope["type"] != "http":
            await self.app(scope, receive, send)
        else:
            request, page = Request(scope), _is_of_the_page(scope)
            app = self._refuse(request, page) or self.app
            _drop_cookies(scope)
            await app(scope, receive, _add_headers(send, page))

    def _refuse(self, request: Request, page: bool) -> Response | None:
        return self._refuse_host(request) or _refuse_site(request) or self._refuse_role(request, page)

    def _refuse_host(self, request: Request) -> Response | None:
        given = request.headers.getlist("host")
        if len(given) == 1 and given[0].lower() in self._named | self._find_own(request):
            return None
        message = (
            "This host name is not allowed. To allow it, add it, with its port if it has one, to "
            "RIDGELINE_ALLOWED_HOSTS."
        )
        # The allowed names are not disclosed.
        return _make(request, 421, "wrong_host", message, "Host", received=", ".join(given))

    def _find_own(self, request: Request) -> set[str]:
        """This machine's names, with the port of the request."""
        _, port = request.scope.get("server") or ("", None)
        return {f"{host}:{port}" for host in self._own} | (set(self._own) if port == 80 else set())

    def _refuse_role(self, request: Request, page: bool) -> Response | None:
        role = self._authenticator.find_role(request)
        request.state.role = role
        call = (request.method, request.scope["path"])
        if page or call in PUBLIC_ROUTES:
            return None
        if role is None:
            return _ask_for_token(request)
        if role is Role.READ and request.method not in SAFE_METHODS and call not in READING_POSTS:
            return _make(request, 403, "forbidden", "The read token may only read; changes need the full token.")
        return None


def _refuse_site(request: Request) -> Response | None:
    """Reject cross-site requests, which another site's page makes with the user's browser."""
    origin = request.headers.get("origin")
    if origin is not None and origin not in _list_origins(request):
        message = "This request was sent by another site's page."
        return _make(request, 403, "cross_site", message, "Origin", received=origin)
    if request.method in SAFE_METHODS:
        return None
    site = request.headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none"):
        message = "This request was sent by another site's page."
        return _make(request, 403, "cross_site", message, "Sec-Fetch-Site", received=site)
    if origin is None and site != "same-origin" and find_session_cookie(request) is not None:
        message = "With a session cookie, a change needs an Origin header; every browser sends one."
        return _make(request, 403, "cross_site", message, "Origin")
    return None


def _list_origins(request: Request) -> list[str]:
    """This site's origins; behind an untrusted https proxy the scheme reads http."""
    host = request.headers["host"].lower()
    return [f"https://{host}"] if request.scope["scheme"] == "https" else [f"http://{host}", f"https://{host}"]


def _drop_cookies(scope: Scope) -> None:
    """No route reads cookies, and FastAPI would parse them all for each (see ``find_session_cookie``)."""
    scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"cookie"]


def _is_of_the_page(scope: Scope) -> bool:
    """Whether ``backend.frontend_files`` will respond: files without data, needed to log in."""
    if scope["method"] not in ("GET", "HEAD") or scope["path"].startswith("/api"):
        return False
    # A copy: matching changes the scope.
    return all(route.matches({**scope})[0] is Match.NONE for route in scope["app"].routes)


def _ask_for_token(request: Request) -> Response:
    if "authorization" in request.headers:
        message = "Wrong token."
    elif find_session_cookie(request) is not None:
        message = "The session has ended; log in again."
    else:
        message = "A token is required: send it as `Authorization: Bearer …`, or log in on the page."
    return make_error_response(request, 401, "unauthenticated", message, headers={"WWW-Authenticate": "Bearer"})


def _make(
    request: Request, status: int, code: str, message: str, field: str = "", received: str | None = None
) -> Response:
    details = [ErrorDetail(field=field, message=message, received=received and received[:200])] if field else []
    return make_error_response(request, status, code, message, details)


def _add_headers(send: Send, page: bool) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if not page:
                headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return send_with_headers
