"""Dependencies of routes: database sessions, the app's state, and shared parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Header, Path, Query, Request
from pydantic import AfterValidator
from sqlalchemy.orm import Session

from backend.errors.exceptions import UnsupportedTypeError
from backend.state import AppState
from core.spec.experiment import check_line

# PostgreSQL's largest integer: a larger number must not reach the driver.
MAX_ID = 2**31 - 1

ExperimentId = Annotated[int, Path(ge=1, le=MAX_ID, description="The experiment's id.", examples=[1])]
RunId = Annotated[int, Path(ge=1, le=MAX_ID, description="The run's id.", examples=[1])]
RunIds = Annotated[
    list[Annotated[int, Query(ge=1, le=MAX_ID)]] | None,
    Query(max_length=5000, description="Only these runs; repeatable. Default: all."),
]
After = Annotated[
    str | None,
    # Any other character takes twelve in a URL: more than a request's head may hold.
    Query(
        max_length=20_000,
        pattern=r"^[\x20-\x7e]*$",
        description="Only what is newer than this cursor.",
        examples=["7:40:1,8:38:1"],
    ),
]
# Text that reaches the database: PostgreSQL takes no NUL.
Line = AfterValidator(check_line)
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Two requests with the same key create one experiment.",
    ),
]


def get_state(request: Request) -> AppState:
    app_state: AppState = request.app.state.shared
    return app_state


AppStateDep = Annotated[AppState, Depends(get_state)]


def open_reader(app_state: AppStateDep) -> Iterator[Session]:
    with app_state.readers() as session:
        yield session


def open_writer(app_state: AppStateDep) -> Iterator[Session]:
    with app_state.sessions.begin() as session:
        yield session


# "function": the session is committed and returned before the response is sent, not after.
ReadSession = Annotated[Session, Depends(open_reader, scope="function")]
WriteSession = Annotated[Session, Depends(open_writer, scope="function")]


async def require_json(request: Request) -> None:
    """Reject a body that is not declared as JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and await request.body():
        raise UnsupportedTypeError(
            "The body must be application/json.",
            field="Content-Type",
            expected="application/json",
            received=kind or None,
        )


TakesJson = Depends(require_json)
