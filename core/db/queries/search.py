"""Search of experiments by a text in name, notes or tags.

Databases fold case differently, so the folded text is stored in a column.
The models keep it up to date; ``refresh`` is for rows written otherwise.
"""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Column, ColumnElement, Connection, Integer, MetaData, String, Table, Text, select

from core.db.models import Experiment
from core.text.case_folding import fold, fold_lines

# Only the needed columns, so that it works at every revision with a search column.
_METADATA = MetaData()
_EXPERIMENTS = Table(
    "experiments",
    _METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", Text),
    Column("notes", Text),
    Column("search", Text),
)
_TAGS = Table("experiment_tags", _METADATA, Column("experiment_id", Integer), Column("tag", String))


def matches(query: str) -> ColumnElement[bool]:
    """Whether name, notes or a tag contain ``query``, regardless of case and Unicode form. Empty matches all."""
    return Experiment.search.contains(fold(query), autoescape=True)


def refresh(connection: Connection) -> None:
    """Recompute the search text of all experiments."""
    tags: dict[int, list[str]] = defaultdict(list)
    for experiment_id, tag in connection.execute(select(_TAGS.c.experiment_id, _TAGS.c.tag)):
        tags[experiment_id].append(tag)
    rows = connection.execute(select(_EXPERIMENTS.c.id, _EXPERIMENTS.c.name, _EXPERIMENTS.c.notes)).all()
    for row in rows:
        folded = fold_lines(row.name, row.notes, *sorted(tags[row.id]))
        connection.execute(_EXPERIMENTS.update().where(_EXPERIMENTS.c.id == row.id).values(search=folded))
