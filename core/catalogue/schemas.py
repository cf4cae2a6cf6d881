"""Entries of the catalogue. The API returns these classes as they are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.analysis.formatting import Task
from core.spec import Grid


class Entry(BaseModel):
    model_config = ConfigDict(frozen=True)


class Parameter(Entry):
    """One field of a form. ``integers`` is a list of integers; its bounds are those of each, and of its length.

    Where ``default`` is null without ``optional``, a value must be given.
    """

    name: str = Field(examples=["momentum"])
    label: str = Field(examples=["Momentum"])
    help: str
    kind: Literal["number", "integer", "boolean", "choice", "integers"]
    default: float | int | bool | str | list[int] | None
    optional: bool = Field(default=False, description="null is legal, and means what `help` says")
    low: float | None = None
    high: float | None = None
    exclusive_low: bool = False
    exclusive_high: bool = False
    choices: list[str | int] | None = None
    min_length: int | None = None
    max_length: int | None = None


class StrengthRange(Entry):
    """Legal strengths: low ≤ s (low < s where ``open_low``), and s < high where there is one.

    ``scale``: of the axis that they are drawn on. ``default`` is what a form offers.
    """

    low: float
    high: float | None
    open_low: bool = False
    whole: bool = Field(default=False, description="whether only whole numbers are legal")
    smaller_is_stronger: bool = Field(default=False, description="as where the strength is a cap, or a patience")
    scale: Literal["log", "linear"]
    default: Grid | list[float]


class Equivalent(Entry):
    """The same elsewhere. ``code`` names the strength by its symbol, and ``n`` the number of training examples."""

    library: Literal["PyTorch", "scikit-learn", "Keras", "glmnet"]
    code: str = Field(examples=["Ridge(alpha=n * λ)"])
    task: Task | None = Field(default=None, description="null where it serves both")
    linear: bool = Field(
        default=False, description="whether it is a linear model, and so of the network `linear` alone"
    )
    note: str = Field(default="", description="in which respect it differs, or what else it takes")


class Semantics(Entry):
    """What is trained, exactly. ``objective`` and ``largest`` are LaTeX; L is the mean data loss."""

    objective: str = Field(examples=[r"J(w) = L(w) + \lambda \lVert w \rVert_1"])
    acts_on: str = Field(description="what is penalized or changed, and what is not")
    way: Literal[
        "nothing", "coupled", "subgradient", "proximal", "decoupled", "projection", "noise", "targets", "second pass",
        "end",
    ]  # fmt: skip
    explanation: str = Field(description="the way in which it acts, in a sentence or two")
    equivalents: list[Equivalent] = []
    none_in: str = Field(default="", description="the libraries that have no equivalent, and why")
    largest: str = Field(
        default="", description="the least strength at which the optimum of a linear model is 0, where theory has one"
    )


class Regularizer(Entry):
    """``formula`` is the penalty or rule, ``update`` how it is optimized, both in LaTeX."""

    name: str
    label: str
    symbol: str = Field(examples=["λ", "p"])
    formula: str = Field(examples=[r"\lambda \sum_i |w_i|"])
    update: str
    help: str
    source: str
    semantics: Semantics
    strength: StrengthRange | None = Field(description="null for the baseline, which has none")
    parameters: list[Parameter] = []


class Network(Entry):
    name: str
    label: str
    help: str
    source: str
    images_only: bool = False
    models: list[str] = Field(default=[], description="of `torchvision`: the names that may follow `torchvision:`")
    parameters: list[Parameter] = []


class Optimizer(Entry):
    name: str
    label: str
    help: str
    source: str
    split: str | None = Field(default=None, description="the split that a form offers with it; null: the first")
    parameters: list[Parameter] = []


class Schedule(Entry):
    name: str
    label: str
    help: str
    source: str
    parameters: list[Parameter] = []


class SplitKind(Entry):
    """A way to split a data set."""

    name: str
    label: str
    help: str
    source: str
    parameters: list[Parameter] = []


class ImagePreview(Entry):
    kind: Literal["images"] = "images"
    images: list[list[list[int]]] = Field(description="each height × width, from 0 to `maximum`")
    labels: list[int]
    maximum: int


class RowPreview(Entry):
    kind: Literal["rows"] = "rows"
    columns: list[str]
    rows: list[list[float]]
    targets: list[float] = Field(description="class numbers, or the number to predict")


class PointPreview(Entry):
    kind: Literal["points"] = "points"
    points: list[tuple[float, float]]
    labels: list[int]


Preview = Annotated[ImagePreview | RowPreview | PointPreview, Field(discriminator="kind")]


class Split(Entry):
    """How many examples each part has."""

    train: int
    validation: int
    test: int


class Dataset(Entry):
    """``examples`` counts all but the test set that it comes with, if any (``own_test``)."""

    name: str
    label: str
    help: str
    source: str
    task: Task
    examples: int
    shape: list[int] = Field(description="of one example: (features), or (height, width, channels)")
    classes: int | None = Field(description="null for regression")
    class_names: list[str] = []
    own_test: int | None = Field(default=None, description="examples of its own test set, which is kept")
    generated: bool = False
    download: bool = Field(default=False, description="fetched at first use")
    preview: Preview | None = None
    split: Split = Field(description="sizes with the default fractions")
    parameters: list[Parameter] = []


class Metric(Entry):
    """``better``: which direction is good; null where neither is."""

    name: str
    label: str = Field(examples=["Validation accuracy"])
    unit: str = Field(examples=["%", ""], description="% means: shown times 100")
    better: Literal["higher", "lower"] | None
    help: str


class Limits(Entry):
    """What one experiment may hold."""

    epochs: int
    strengths: int
    seeds: int
    runs: int
    epoch_rows: int
    regularizers: int
    weights: int
