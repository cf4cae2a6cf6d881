"""Login and session."""

from __future__ import annotations

from pydantic import BaseModel, Field, SecretStr

from backend.auth.tokens import Role


class Login(BaseModel):
    # Unknown fields are ignored, not named in an error: one of them may hold the token.
    token: SecretStr = Field(min_length=1, max_length=1_000)


class SessionView(BaseModel):
    authentication: bool = Field(description="whether this installation requires a token")
    role: Role | None = Field(description="the sender's role; null: not logged in")
