"""The HTTP application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.gzip import GZipMiddleware

from backend.auth.login import LoginService
from backend.auth.tokens import Authenticator
from backend.errors.handlers import add_handlers
from backend.frontend_files import FrontendFiles
from backend.middleware.access_log import AccessLog
from backend.middleware.body_limit import BodyLimit
from backend.middleware.client_disconnects import ClientDisconnects
from backend.middleware.guard import Guard
from backend.middleware.rate_limit import RateLimit
from backend.middleware.request_id import RequestId
from backend.openapi.description import complete_description
from backend.openapi.error_responses import document_errors
from backend.routes import (
    catalogue,
    coefficients,
    documentation,
    events,
    experiments,
    figures,
    live,
    metrics,
    prometheus,
    scripts,
    session,
    specs,
    system,
)
from backend.routes.answers import answer, claims, comparison
from backend.state import make_state
from core.settings import Settings

ROUTERS = (
    experiments.router,
    answer.router,
    comparison.router,
    scripts.router,
    claims.router,
    metrics.router,
    coefficients.router,
    events.router,
    live.router,
    figures.router,
    catalogue.router,
    specs.router,
    system.router,
    session.router,
    documentation.router,
    prometheus.router,
)


def _name_operation(route: APIRoute) -> str:
    return route.name


def create_app(settings: Settings) -> FastAPI:
    """The API and the page. Starts without the database."""
    app_state = make_state(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        app_state.worker_liveness.start()
        yield
        app_state.change_poller.close()
        app_state.worker_liveness.close()
        app_state.engine.dispose()

    app = FastAPI(
        title="Ridgeline",
        version=version("ridgeline"),
        description="Regularization experiments: sweeps over strengths, their curves, and what they show.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        generate_unique_id_function=_name_operation,
        responses=document_errors(401, 403, 421, 429),
    )
    app.state.shared = app_state
    app.state.authenticator = Authenticator(settings)
    app.state.login_service = LoginService(app.state.authenticator)
    for router in ROUTERS:
        app.include_router(router)
    add_handlers(app)
    app.router.default = FrontendFiles()
    app.add_middleware(ClientDisconnects)
    # Skips event streams, and what is already compressed.
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.add_middleware(BodyLimit, max_body_bytes=settings.max_body_bytes)
    app.add_middleware(Guard, settings=settings, authenticator=app.state.authenticator)
    # Outside the guard, so that guessing tokens is limited too.
    app.add_middleware(RateLimit, per_minute=settings.max_requests_per_minute)
    app.add_middleware(RequestId)
    # Added last, so outermost.
    app.add_middleware(AccessLog, metrics=app_state.process_metrics)
    complete_description(app)
    return app
