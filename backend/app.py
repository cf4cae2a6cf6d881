"""The HTTP application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.gzip import GZipMiddleware

from backend.auth.login import Door
from backend.auth.tokens import Access
from backend.dependencies import document_errors
from backend.errors.handlers import add_handlers
from backend.frontend_files import Site
from backend.middleware.access_log import Observation
from backend.middleware.body_limit import Framing, Identity
from backend.middleware.client_disconnects import Departure
from backend.middleware.guard import Guard
from backend.middleware.rate_limit import Rate
from backend.openapi import describe
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
    session,
    specs,
    system,
)
from backend.state import make_parts
from core.settings import Settings

ROUTERS = (
    experiments.router,
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
    """The API and the page. Does not need the database to start."""
    parts = make_parts(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        parts.liveness.start()
        yield
        parts.watch.close()
        parts.liveness.close()
        parts.engine.dispose()

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
    app.state.parts = parts
    app.state.access = Access(settings)
    app.state.door = Door(app.state.access)
    for router in ROUTERS:
        app.include_router(router)
    add_handlers(app)
    app.router.default = Site()
    app.add_middleware(Departure)
    # Events are left alone, and so is what is compressed already.
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.add_middleware(Framing, max_body_bytes=settings.max_body_bytes)
    app.add_middleware(Guard, settings=settings, access=app.state.access)
    # Around the guard, so that tokens cannot be tried out faster.
    app.add_middleware(Rate, per_minute=settings.max_requests_per_minute)
    app.add_middleware(Identity)
    # The last that is added stands outermost.
    app.add_middleware(Observation, exposition=parts.exposition)
    describe(app)
    return app
