"""What the API answers. What it takes is core.spec."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.analysis.findings import Kind, Tone
from core.analysis.formatting import Task
from core.analysis.outcome import Outcome
from core.catalogue.schemas import Dataset, Limits, Metric, Network, Optimizer, Parameter, Regularizer, Schedule
from core.db.states import State
from core.spec import ExperimentSpec, Name, Notes, Tags
from core.spec.stopping import Reason


class ErrorDetail(BaseModel):
    """One thing that is wrong. ``field``: a path such as ``regularizers.0.strengths.2``, ``label`` its name."""

    field: str | None
    label: str | None = Field(default=None, examples=["L1, strength 3"])
    message: str
    expected: str | None = None
    received: Any = None
    line: int | None = Field(default=None, description="where it stands in a text that was sent, from 1")
    column: int | None = None


class Annotations(BaseModel):
    """What people write about an experiment, and the version that it is of."""

    version: int
    name: str
    notes: str
    tags: list[str]


class ErrorBody(BaseModel):
    """The one shape of every error."""

    code: str = Field(examples=["invalid_spec"])
    message: str
    details: list[ErrorDetail] = []
    request_id: str
    current: Annotations | None = Field(
        default=None, description="only of 412: what is there now, where the request named another version"
    )


class ErrorResponse(BaseModel):
    error: ErrorBody


class Progress(BaseModel):
    """Of 60 epochs an experiment has 60, however many jobs it is dealt to.

    Where no run trains any more before the last one, it has those that its longest job had.
    """

    epochs_done: int = Field(description="the mean over its jobs, rounded down; all only once every job has them")
    epochs: int
    share: float = Field(description="of all that its jobs train, 0 to 1")
    jobs_done: int = Field(description="jobs that have trained all of their epochs")
    run_epochs_per_second: float | None = Field(description="epochs × runs per second, of late")
    seconds_left: float | None
    seconds: float | None = Field(description="seconds since the first job started, or that it took")


class Cell(BaseModel):
    """One (regularizer, strength), summarized over its seeds. Scores are of a run's last epoch.

    Under early stopping they are of its best epoch, that of the lowest validation loss.
    """

    regularizer: str
    strength: float
    seeds: int = Field(description="how many runs the figures stand on")
    score_mean: float | None
    score_deviation: float | None = Field(description="standard deviation over seeds; null below 2")
    loss_mean: float | None
    diverged: int = 0
    failed: int = 0
    stopped: int = Field(default=0, description="how many of its runs successive halving stopped")
    stopped_epoch: int | None = Field(default=None, description="when it did")


class Best(BaseModel):
    """The best mean validation score so far, beside the baseline's; where a run diverged or failed none is."""

    cell: Cell
    baseline: Cell | None = Field(description="null where there is nothing to compare with, as where it diverged")
    tied: list[Cell] = Field(description="the other cells of the same mean")
    tie: bool = Field(description="whether it is the baseline, with others tied: no regularizer is better")
    strengths: int = Field(description="how many strengths were tried")
    score: str = Field(
        examples=["93.1 % ± 0.4"], description="as it is written: enough digits to tell it from `against`"
    )
    against: str | None = Field(examples=["91.0 %"], description="the baseline's score")
    sentence: str = Field(
        examples=[
            "L1, λ = 3·10⁻⁴: 93.1 % ± 0.4 on validation, baseline 91.0 % "
            "(± is the standard deviation over 3 seeds; 9 strengths tried)"
        ]
    )


class Finding(BaseModel):
    """What must be known before the curves are looked at: what went wrong, or was asked for and did not come about.

    ``without_effect``: an option that changes nothing, since the rest of the spec leaves it nothing to do.
    """

    kind: Kind
    tone: Tone
    title: str = Field(examples=["5 of 57 runs diverged"])
    sentence: str
    count: int = Field(default=0, description="how many runs it concerns; 0 where it is none's in particular")
    of: int = 0


class JobView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    state: State
    attempt: int
    epoch: int
    epochs: int
    worker_id: str | None
    cancel_requested: bool
    error: str | None
    notice: str | None = Field(description="what is wrong although it trains")
    resumable_epoch: int = Field(description="the epoch that a checkpoint is of; 0: it would begin anew")
    runs: int
    started: datetime | None
    finished: datetime | None


class ExperimentSummary(BaseModel):
    """A row of the experiments table."""

    id: int
    version: int = Field(description="counts the edits of name, notes and tags; for `If-Match`", examples=[1])
    name: str
    tags: list[str]
    state: State
    created: datetime
    dataset: str
    network: str
    task: Task
    regularizers: list[str] = Field(description="the keys, the baseline first", examples=[["none", "l1"]])
    runs: int
    progress: Progress
    best: Best | None = Field(description="null as well where nothing can be judged: see `findings`")
    outcome: Outcome = Field(description="whether its runs, and the baseline's, diverged")
    findings: list[Finding] = Field(description="what must be known first, the gravest first")
    sparklines: dict[str, list[Cell]] = Field(description="by regularizer: its cells in order of strength")


class Stops(BaseModel):
    """What ended before the last epoch: of one regularizer, for one reason."""

    by: Reason
    regularizer: str
    unit: Literal["strengths", "runs"] = Field(description="what `count` and `of` count: under halving, strengths")
    first: int = Field(description="the first epoch at which one ended")
    last: int = Field(description="the last one; halving's are told one by one")
    count: int
    of: int
    sentence: str = Field(examples=["Successive halving stopped 4 of 6 strengths of L1 at epoch 10."])


class ExperimentView(ExperimentSummary):
    """Everything about an experiment but its curves. ``spec`` carries the present name, notes and tags."""

    notes: str
    spec: ExperimentSpec
    jobs: list[JobView]
    cancel_requested: bool
    errors: list[str] = Field(description="the causes of its failed jobs")
    stops: list[Stops] = Field(default=[], description="what ended before the last epoch, in sentences")


class Page(BaseModel):
    items: list[ExperimentSummary]
    total: int
    offset: int
    limit: int


class ExperimentChange(BaseModel):
    """Only the fields that are given change."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    notes: Notes | None = None
    tags: Tags | None = None


class Plan(BaseModel):
    """What a spec would make, without making it."""

    runs: int
    jobs: int
    weights: int | None = Field(description="trainable numbers of one network")
    seconds: float | None = Field(description="estimate on the live workers; null where nothing is known to go by")
    without_effect: list[str] = Field(description="options that change nothing in this spec, a sentence each")


class RunView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    job_id: int
    regularizer: str
    strength: float
    seed: int
    state: State
    diverged_epoch: int | None
    stopped_epoch: int | None = Field(default=None, description="its last epoch, where it ended before the others")
    stopped_by: Reason | None = Field(default=None, description="why it ended then")
    best: dict[str, float | int | None] | None
    last: dict[str, float | int | None] | None
    test: dict[str, float | int | None] | None


MetricName = Literal[
    "train_loss",
    "validation_loss",
    "train_score",
    "validation_score",
    "penalty",
    "weight_l1",
    "weight_l2",
    "zero_share",
    "gradient_norm",
    "learning_rate",
    "seconds",
]


class RunColumns(BaseModel):
    """The epochs of one run, a list per metric, all of one length; ``epoch`` gives the x of each entry."""

    run: int
    epoch: list[int]
    metrics: dict[str, list[float | None]]
    shown: int
    total: int


class Metrics(BaseModel):
    cursor: str = Field(description="pass it as `after` to get only what is newer", examples=["7:40:1,8:38:1"])
    runs: list[RunColumns]


class StoppedRun(BaseModel):
    run: int
    by: Reason


class EpochEvent(BaseModel):
    """Server-sent event ``epoch``: one epoch of one job, a list per metric in the order of ``runs``."""

    job: int
    epoch: int
    runs: list[int]
    metrics: dict[str, list[float | None]]
    batch_losses: list[list[float | None]] | None = Field(default=None, description="only with batch=true")
    stopped: list[StoppedRun] = Field(default=[], description="runs whose last epoch this is; they do not diverge")


class StateEvent(BaseModel):
    """Server-sent event ``state``: whatever changed but curves. Sent at once on connection, then on every change."""

    state: State
    progress: Progress
    best: Best | None
    outcome: Outcome
    findings: list[Finding]
    jobs: list[JobView]
    runs: list[RunView] = Field(description="the runs whose state changed or that stopped since; all at first")
    stops: list[Stops] = Field(default=[], description="what ended before the last epoch, in sentences")


class ResetEvent(BaseModel):
    """Server-sent event ``reset``: a job begins again after ``epoch``. Drop every later point of its runs."""

    job: int
    rewinds: int = Field(description="how often it has done so")
    epoch: int = Field(description="the last epoch that still stands; 0: none")
    runs: list[int]


class EndEvent(BaseModel):
    """Server-sent event ``end``, always the last: nothing will follow, so do not reconnect."""

    state: State | None = Field(description="the state it ended in; null when the experiment was deleted")


class HistogramView(BaseModel):
    run: int
    epoch: int
    layer: str
    low: float
    high: float
    counts: list[int]


class CoefficientPath(BaseModel):
    """The runs of one regularizer and seed that have come to their end, by rising strength."""

    regularizer: str = Field(description="its key; `none` is the baseline, at strength 0", examples=["l1"])
    label: str = Field(examples=["L1"])
    seed: int
    strengths: list[float]
    runs: list[int] = Field(description="the ids of the runs, a run per strength")
    weights: str = Field(
        description="strengths × outputs × features, row by row: little-endian float64, in base64. Of the features as "
        "they were trained on: standardized unless the data set is told not to",
    )
    intercepts: str | None = Field(description="strengths × outputs, in the same form; null without an intercept")


class Coefficients(BaseModel):
    """What linear networks have learnt: paths over the strengths. Other networks have none, and all lists are empty."""

    linear: bool
    outputs: list[str] = Field(description="a class each; of two classes only the second; of a regression the target")
    features: list[str] = Field(description="names of the features; pixels of an image line by line")
    paths: list[CoefficientPath]


class WorkerView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    host: str
    device: str
    memory_bytes: int | None
    trainers: int
    versions: dict[str, str]
    started: datetime
    heartbeat: datetime
    alive: bool
    jobs: list[int]


class System(BaseModel):
    version: str
    database: str = Field(examples=["sqlite", "postgresql"])
    broker: str = Field(examples=["filesystem", "redis"])
    broker_reachable: bool
    disk_full: bool = Field(description="whether the database's disk is; workers are then judged by their last sign")
    queued_jobs: int
    running_jobs: int
    workers: list[WorkerView]
    versions: dict[str, str]


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """The database answers and its schema is the newest. A broker that is away delays jobs, but loses none."""

    status: Literal["ready"] = "ready"
    revision: str = Field(examples=["0001"])
    broker_reachable: bool


class Catalogue(BaseModel):
    """Everything that can be chosen, by name, with its bounds and its words. Forms are built from it."""

    regularizers: list[Regularizer]
    networks: list[Network]
    optimizers: list[Optimizer]
    schedules: list[Schedule]
    options: list[Parameter] = Field(description="fields of the spec itself")
    augmentation: list[Parameter] = Field(description="fields of `dataset.augmentation`; for images only")
    halving: list[Parameter] = Field(description="fields of `halving`")
    datasets: list[Dataset]
    metrics: dict[Task, list[Metric]]
    limits: Limits


class ScaleTick(BaseModel):
    """One strength of a sweep on its colour bar."""

    strength: float
    label: str = Field(examples=["10⁻³·⁵"])
    position: float = Field(description="along the colour bar, 0 to 1; strength 0 sits left of the smallest")
    colour: str = Field(examples=["#7a5bd0"])
    major: bool = Field(description="whether its label fits beside the others'")


class ColourScale(BaseModel):
    """The colour bar of one regularizer: colour means log strength (strength itself where that is a probability)."""

    regularizer: str
    symbol: str = Field(examples=["λ", "p"])
    smaller_is_stronger: bool = Field(default=False, description="as where the strength is a cap, or a patience")
    kind: Literal["log", "linear"]
    stops: list[str] = Field(description="colours at even steps from `start` to 1")
    start: float = Field(description="where the colours start; left of it is the slot of strength 0, if any")
    ticks: list[ScaleTick]


class PlotlyFigure(BaseModel):
    """A chart as plotly.js takes it; arrays are typed (dtype, bdata) or x0 and dx.

    Every trace has a stable ``uid`` and a ``meta``: kind, metric, regularizer, strength, seeds, runs (ids), baseline,
    smoothing, lengths. A trace holds a line or several, one NaN between two, meta.lengths points each. kind ``runs``:
    the lines of all runs of a cell in the order of meta.runs. kind ``mean``: over meta.runs. kind ``low`` and
    ``high``: the edges of mean ± deviation, filled between. kind ``raw``: the mean before smoothing. layout.meta:
    metric, shown, total, title, sentence, why there is no line (``empty``), ranges, and how many runs leave them.
    """

    data: list[dict[str, Any]]
    layout: dict[str, Any]


class FigureColumn(BaseModel):
    """One regularizer beside the baseline: its figures by metric, and its own colour scale."""

    regularizer: str
    label: str = Field(examples=["L1"])
    scale: ColourScale | None = Field(description="null where only the baseline is drawn")
    figures: dict[str, PlotlyFigure]


class FigureSet(BaseModel):
    """A column per regularizer; in a row (one metric), the columns have the same y-range to start with."""

    topic: str = Field(description="pass it to `/api/live`, with the version", examples=["12/curves?x=seconds"])
    version: str = Field(examples=["3f2a90c1.17"])
    figure: str
    cursor: str = Field(description="what the points stand for", examples=["7:40:1,8:38:1"])
    ended: bool
    columns: list[FigureColumn]
    shown: int = Field(description="points drawn, over all figures")
    total: int = Field(description="points there are, over all figures")
