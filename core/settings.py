"""Settings: the only module that reads the environment."""

from __future__ import annotations

import os
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.spec.experiment import MAX_EPOCHS, MAX_REGULARIZERS, MAX_SEEDS
from core.spec.strength import MAX_STRENGTHS
from core.validation.access import check_token, split_hosts
from core.validation.locations import check_broker, check_database, check_path, locate_sqlite

Folder = Annotated[Path, AfterValidator(check_path)]


def with_password(url: str, password: SecretStr | None, setting: str) -> str:
    """``url`` with ``password``, quoted, unless it has one.

    Raises ValueError where it has no host: the password was meant for another URL.
    """
    if password is None or not password.get_secret_value():
        return url
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError(f"{setting}_password needs a {setting}_url with a host; received one without")
    if parts.password is not None:
        return url
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user}:{quote(password.get_secret_value(), safe='')}@{host}").geturl()


def _check_tokens(token: SecretStr | None, read_token: SecretStr | None) -> None:
    if read_token and not token:
        raise ValueError("read_token needs a token beside it, or nobody could change anything")
    if read_token and read_token == token:
        raise ValueError("token and read_token must differ; received the same")


class Settings(BaseSettings):
    """Every setting, read from ``RIDGELINE_*`` variables. The defaults are those of the embedded installation."""

    # Input may be a secret: errors name the variable and what was expected.
    model_config = SettingsConfigDict(env_prefix="RIDGELINE_", extra="ignore", hide_input_in_errors=True)

    home: Folder = Field(default=Path("var"), description="Where the embedded database, queue and data live.")
    database_url: str = Field(default="", repr=False, description="SQLAlchemy URL; empty: SQLite in home.")
    database_password: SecretStr | None = Field(default=None, description="Put into database_url where that has none.")
    broker_url: str = Field(default="", repr=False, description="Celery broker; empty: files in home.")
    broker_password: SecretStr | None = Field(default=None, description="Put into broker_url where that has none.")
    data_folder: Folder | None = Field(default=None, description="Where data sets are kept; default home/data.")
    download: bool = Field(default=True, description="Whether data sets may be downloaded at first use.")
    checkpoint_folder: Folder | None = Field(
        default=None, description="Where checkpoints are kept, one folder for all workers; default home/checkpoints."
    )
    checkpoint_seconds: Annotated[float, Field(gt=0)] = Field(
        default=5.0, description="A training is saved at the end of an epoch, but not more often than this."
    )
    checkpoint_keep_hours: Annotated[float, Field(ge=0)] = Field(
        default=168.0, description="How long the checkpoint of a job that has ended is kept; 0: not at all."
    )
    keep_weights: bool = Field(
        default=True, description="Whether the weights of each finished run are kept beside the checkpoints."
    )
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    token: Annotated[SecretStr | None, AfterValidator(check_token)] = Field(
        default=None, description="Asked of every request; gives all rights."
    )
    read_token: Annotated[SecretStr | None, AfterValidator(check_token)] = Field(
        default=None, description="For viewers: it reads, and changes nothing."
    )
    session_hours: Annotated[float, Field(gt=0)] = Field(
        default=168.0, description="How long the page stays logged in."
    )
    allowed_hosts: str = Field(
        default="", description="Names, with commas, that this site is called by besides those of this machine."
    )
    trusted_proxies: str = Field(
        default="", description="Addresses or networks, with commas, whose X-Forwarded-For is believed; empty: none."
    )
    max_body_bytes: Annotated[int, Field(ge=1)] = 1_000_000
    max_requests_per_minute: Annotated[int, Field(ge=1)] = Field(
        default=1_200, description="Of one client, by its address; the page's own files and the health check are free."
    )
    max_streams_per_client: Annotated[int, Field(ge=1)] = Field(
        default=64, description="Live streams of one client at once."
    )
    max_streams: Annotated[int, Field(ge=1)] = Field(default=512, description="Live streams of all clients at once.")
    # Limits on one experiment, checked when it is submitted.
    max_epochs: Annotated[int, Field(ge=1, le=MAX_EPOCHS)] = MAX_EPOCHS
    max_strengths: Annotated[int, Field(ge=1, le=MAX_STRENGTHS)] = Field(
        default=MAX_STRENGTHS, description="Of each regularizer."
    )
    max_seeds: Annotated[int, Field(ge=1, le=MAX_SEEDS)] = MAX_SEEDS
    max_regularizers: Annotated[int, Field(ge=1, le=MAX_REGULARIZERS)] = MAX_REGULARIZERS
    max_runs: Annotated[int, Field(ge=1)] = 5_000
    max_epoch_rows: Annotated[int, Field(ge=1)] = Field(default=5_000_000, description="Runs × epochs.")

    device: str = Field(default="auto", description="auto, cpu, or cuda:N.")
    trainers: Annotated[int, Field(ge=0)] = Field(
        default=0, description="Trainer processes per worker; 0 means one per GPU, or one per core without a GPU."
    )
    planning_slots: Annotated[int, Field(ge=0)] = Field(
        default=0, description="Jobs that an experiment is cut into; 0 means as many as the live workers have trainers."
    )
    lease_seconds: Annotated[float, Field(gt=0)] = Field(default=20.0, description="How long a lease lasts unrenewed.")
    heartbeat_seconds: Annotated[float, Field(gt=0)] = 2.0
    cancel_poll_seconds: Annotated[float, Field(gt=0)] = 0.5
    reconcile_seconds: Annotated[float, Field(gt=0)] = 5.0
    ring_after_seconds: Annotated[float, Field(gt=0)] = Field(
        default=10.0, description="A queued job that nobody claimed for this long is announced again."
    )
    max_attempts: Annotated[int, Field(ge=1)] = 3
    step_seconds: Annotated[float, Field(gt=0)] = Field(
        default=300.0, description="A trainer that takes no step for this long hangs, and is killed."
    )
    slice_seconds: Annotated[float, Field(gt=0)] = Field(
        default=300.0, description="A job that has trained this long while others wait goes to the back of the queue."
    )
    stream_poll_seconds: Annotated[float, Field(gt=0)] = 0.05
    stream_heartbeat_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(
        default=5.0, description="A live stream that has nothing to tell says so this often."
    )
    log_format: Literal["text", "json"] = Field(default="text", description="Log lines for people, or for programs.")
    log_level: Literal["debug", "info", "warning", "error", "critical"] = "info"
    demonstration: bool = Field(default=True, description="`ridgeline up` queues it when the database is empty.")

    @model_validator(mode="after")
    def _fill_in(self) -> Settings:
        self.home = self.home.resolve()
        if not self.database_url:
            self.database_url = check_database(locate_sqlite(self.home / "ridgeline.db"))
        if not self.broker_url:
            self.broker_url = "filesystem://"
        self.database_url = with_password(self.database_url, self.database_password, "database")
        self.broker_url = with_password(self.broker_url, self.broker_password, "broker")
        if self.data_folder is None:
            self.data_folder = self.home / "data"
        if self.checkpoint_folder is None:
            self.checkpoint_folder = self.home / "checkpoints"
        _check_tokens(self.token, self.read_token)
        split_hosts(self.allowed_hosts)
        if self.heartbeat_seconds * 2 > self.lease_seconds:
            raise ValueError(
                "lease_seconds must be at least twice heartbeat_seconds; "
                f"received {self.lease_seconds:g} and {self.heartbeat_seconds:g}"
            )
        return self

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, text: str) -> str:
        return check_database(text) if text else text

    @field_validator("broker_url")
    @classmethod
    def _check_broker_url(cls, text: str) -> str:
        return check_broker(text) if text else text

    @field_validator("trusted_proxies")
    @classmethod
    def _check_proxies(cls, text: str) -> str:
        # uvicorn silently ignores what is not an address.
        for part in filter(None, (part.strip() for part in text.split(","))):
            try:
                ip_network(part)
            except ValueError:
                raise ValueError(f"expected addresses or networks, with commas between; received {part!r}") from None
        return text

    @property
    def queue_folder(self) -> Path:
        return self.home / "queue"

    @property
    def cores(self) -> int:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@lru_cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
