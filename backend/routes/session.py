"""The page's session: log in with a token, ask who one is, log out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from backend.auth.login import LoginService
from backend.auth.tokens import Access, name_cookie
from backend.dependencies import TakesJson
from backend.middleware.client_address import get_client_address
from backend.openapi.error_responses import BODY_ERRORS, document_errors
from backend.schemas.session import Login, SessionView

router = APIRouter(prefix="/api/session", tags=["session"])


@router.get("", summary="Whether a token is asked for, and who asks")
def read_session(request: Request) -> SessionView:
    """Answered without a token; tells nothing else."""
    access: Access = request.app.state.access
    return SessionView(authentication=access.asks, role=request.state.role)


@router.post(
    "",
    summary="Log in with a token: sets the session's cookie",
    dependencies=[TakesJson],
    responses=document_errors(409, *BODY_ERRORS),
)
async def log_in(login: Login, request: Request, response: Response) -> SessionView:
    """The cookie is for pages of this site alone, and out of reach of their scripts."""
    access: Access = request.app.state.access
    login_service: LoginService = request.app.state.login_service
    role = await login_service.enter(get_client_address(request), login)
    response.set_cookie(
        name_cookie(request),
        access.make_session(role),
        max_age=access.session_seconds,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return SessionView(authentication=True, role=role)


@router.delete("", summary="Log out", status_code=204)
def log_out(request: Request, response: Response) -> None:
    response.delete_cookie(name_cookie(request), httponly=True, samesite="strict")
