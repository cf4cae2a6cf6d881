"""The page's session: log in with a token, read the role, log out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from backend.auth.login import LoginService
from backend.auth.tokens import Authenticator, get_cookie_name
from backend.dependencies import TakesJson
from backend.middleware.client_address import get_client_address
from backend.openapi.error_responses import BODY_ERRORS, document_errors
from backend.schemas.session import Login, SessionView

router = APIRouter(prefix="/api/session", tags=["session"])


@router.get("", summary="Whether a token is required, and the sender's role")
def read_session(request: Request) -> SessionView:
    """Works without a token."""
    authenticator: Authenticator = request.app.state.authenticator
    return SessionView(authentication=authenticator.requires_token, role=request.state.role)


@router.post(
    "",
    summary="Log in with a token",
    dependencies=[TakesJson],
    responses=document_errors(409, *BODY_ERRORS),
)
async def log_in(login: Login, request: Request, response: Response) -> SessionView:
    """Sets a session cookie: same-site, and not readable by scripts."""
    authenticator: Authenticator = request.app.state.authenticator
    login_service: LoginService = request.app.state.login_service
    role = await login_service.log_in(get_client_address(request), login)
    response.set_cookie(
        get_cookie_name(request),
        authenticator.make_session_cookie(role),
        max_age=authenticator.session_seconds,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return SessionView(authentication=True, role=role)


@router.delete("", summary="Log out", status_code=204)
def log_out(request: Request, response: Response) -> None:
    response.delete_cookie(get_cookie_name(request), httponly=True, samesite="strict")
