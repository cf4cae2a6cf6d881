"""Login and session."""

from __future__ import annotations

from pydantic import BaseModel, Field, SecretStr

from backend.auth.tokens import Role


class Login(BaseModel):
    # Fields of other names are passed over, not told back: one of them may hold the token.
    token: SecretStr = Field(min_length=1, max_length=1_000)


class SessionView(BaseModel):
    authentication: bool = Field(description="whether this installation asks for a token")
    role: Role | None = Field(description="of who asks; null: not logged in")
