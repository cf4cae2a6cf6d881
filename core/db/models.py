"""The tables. One set of models serves SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, Mapper, mapped_column, relationship

from core.catalogue.metrics import METRIC_NAMES
from core.text.case_folding import fold_lines


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time in UTC. SQLite drops the zone, so reading adds it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"expected a time with a zone; received {value!r}")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def now() -> datetime:
    return datetime.now(UTC)


JsonColumn = JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# Without it SQLite reuses ids of deleted rows; PostgreSQL's sequences never do.
_IDS_ONCE = {"sqlite_autoincrement": True}


class Experiment(Base):
    __tablename__ = "experiments"
    __table_args__ = (_IDS_ONCE,)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    notes: Mapped[str] = mapped_column(Text, default="")
    spec: Mapped[dict[str, Any]] = mapped_column(JsonColumn)
    submitted: Mapped[dict[str, Any] | None] = mapped_column(
        JsonColumn, doc="the spec before the first extension, where there was one"
    )
    idempotency_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    created: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)
    # Kept up to date with the states of its jobs, for filtering the list.
    state: Mapped[str] = mapped_column(String(16), default="queued", index=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1", doc="counts changes of name, notes and tags")
    search: Mapped[str] = mapped_column(
        Text,
        default="",
        server_default="",
        deferred=True,
        doc="name, notes and tags, folded (core.db.queries.search)",
    )

    tags: Mapped[list[ExperimentTag]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, lazy="selectin"
    )


class ExperimentTag(Base):
    __tablename__ = "experiment_tags"

    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(50), primary_key=True, index=True)


class Job(Base):
    __tablename__ = "jobs"
    __table_args__ = (_IDS_ONCE,)

    id: Mapped[int] = mapped_column(primary_key=True)
    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(16), default="queued", index=True)
    attempt: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0, doc="attempts lost to a crash, not those released")
    token: Mapped[str | None] = mapped_column(String(36), doc="the lease's token; every write carries it")
    lease_expires: Mapped[datetime | None] = mapped_column(
        UTCDateTime, doc="by its holder's clock; others only check whether it changes"
    )
    worker_id: Mapped[str | None] = mapped_column(String(36))
    rung: Mapped[datetime | None] = mapped_column(UTCDateTime, doc="when its message was last sent")
    epoch: Mapped[int] = mapped_column(default=0, doc="epochs committed")
    epochs: Mapped[int]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str | None] = mapped_column(Text)
    notice: Mapped[str | None] = mapped_column(Text, doc="a problem that does not stop the training")
    failed_epoch: Mapped[int | None] = mapped_column(doc="the furthest epoch at which an attempt was lost to a crash")
    checkpoints: Mapped[list[dict[str, Any]]] = mapped_column(
        JsonColumn,
        default=list,
        server_default="[]",
        doc="name, epoch and bytes of kept checkpoints, newest first",
    )
    rewinds: Mapped[list[list[int]]] = mapped_column(
        JsonColumn,
        default=list,
        server_default="[]",
        doc="attempt and epoch: the attempt started there, and later rows were deleted",
    )
    layers: Mapped[list[str] | None] = mapped_column(
        JsonColumn, doc="names of its network's weight tensors, in order; known once it has begun"
    )
    created: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    started: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Run(Base):
    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("experiment_id", "regularizer", "strength", "seed", "split"),
        Index("ix_runs_job_id", "job_id"),
        _IDS_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id", ondelete="CASCADE"))
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    regularizer: Mapped[str] = mapped_column(String(100))
    strength: Mapped[float]
    seed: Mapped[int]
    split: Mapped[int] = mapped_column(
        default=0, server_default="0", doc="the fold, from 0; 0 where a seed has one split"
    )
    state: Mapped[str] = mapped_column(String(16), default="queued")
    diverged_epoch: Mapped[int | None]
    stopped_epoch: Mapped[int | None] = mapped_column(doc="last epoch of a run that ended early")
    stopped_by: Mapped[str | None] = mapped_column(String(16), doc="early_stopping, halving or tolerance")
    best: Mapped[dict[str, Any] | None] = mapped_column(
        JsonColumn, doc="the row of the best validation score; under early stopping of the lowest validation loss"
    )
    last: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn, doc="the newest row")
    test: Mapped[dict[str, Any] | None] = mapped_column(
        JsonColumn,
        doc="of the weights that count: test loss and score; of linear networks how far they are from the optimum",
    )
    weights: Mapped[str | None] = mapped_column(String(64), doc="the file of its weights, beside its job's checkpoints")


class MetricColumns:
    """A column for each metric of core.catalogue.metrics."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> float | None: ...


for _metric in METRIC_NAMES:
    setattr(MetricColumns, _metric, mapped_column(Double, nullable=True, sort_order=1))


class EpochRow(MetricColumns, Base):
    """The metrics of one run after one epoch; of epoch 0: before its first step, where that was recorded."""

    __tablename__ = "epochs"
    # Rows arrive interleaved and are read run by run: clustering by the key makes reading ten times as fast.
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    batch_losses: Mapped[bytes | None] = mapped_column(
        LargeBinary, sort_order=2, doc="float32, little-endian, one per step"
    )
    layers: Mapped[bytes | None] = mapped_column(
        LargeBinary, sort_order=2, doc="float32, little-endian: of each of the job's layers, LAYER_PARTS"
    )


class Histogram(Base):
    """The weights of one layer of one run, counted in bins of equal width."""

    __tablename__ = "histograms"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str] = mapped_column(String(100), primary_key=True)
    low: Mapped[float]
    high: Mapped[float]
    counts: Mapped[bytes] = mapped_column(LargeBinary, doc="uint32, little-endian, one per bin")


class Coefficients(Base):
    """The coefficients of a linear network's run, after its training."""

    __tablename__ = "coefficients"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    outputs: Mapped[int]
    weights: Mapped[bytes] = mapped_column(LargeBinary, doc="float64, little-endian, (outputs, features) row by row")
    intercepts: Mapped[bytes | None] = mapped_column(LargeBinary, doc="float64, little-endian, (outputs,)")


class Outcomes(Base):
    """What a run made of each test example, after its training; in the order of the data's split."""

    __tablename__ = "outcomes"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    losses: Mapped[bytes] = mapped_column(LargeBinary, doc="float32, little-endian, one per example")
    hits: Mapped[bytes | None] = mapped_column(
        LargeBinary, doc="whether it was classified rightly: a bit per example, the first the highest of its byte"
    )


class Worker(Base):
    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    device: Mapped[str] = mapped_column(String(100))
    memory_bytes: Mapped[int | None] = mapped_column(BigInteger)
    trainers: Mapped[int]
    versions: Mapped[dict[str, Any]] = mapped_column(JsonColumn)
    counters: Mapped[dict[str, Any]] = mapped_column(
        JsonColumn, default=dict, server_default="{}", doc="its counters since its start"
    )
    started: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    heartbeat: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


@event.listens_for(Experiment, "before_insert")
@event.listens_for(Experiment, "before_update")
def _fold(_mapper: Mapper[Any], _connection: Connection, experiment: Experiment) -> None:
    """Keep the search text up to date; a change of tags alone changes the version, and so triggers this too."""
    tags = sorted(tag.tag for tag in experiment.tags)
    experiment.search = fold_lines(experiment.name or "", experiment.notes or "", *tags)
