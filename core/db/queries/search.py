"""Experiments by a text in name, notes or tags. Databases fold text each in its own way, and some only ASCII, so that
what is searched is folded here and kept beside them.

Whatever is written through the models is kept up to date there; ``refresh`` is for what came otherwise.
"""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Column, ColumnElement, Connection, Integer, MetaData, String, Table, Text, select

from core.db.models import Experiment
from core.text.case_folding import fold, fold_lines

# Only what is needed, so that it serves at every revision since there is something to search by.
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
    """Whether name, notes or a tag hold ``query``, whatever its case and form. One without letters is in each."""
    return Experiment.search.contains(fold(query), autoescape=True)


def refresh(connection: Connection) -> None:
    """Fold all experiments anew."""
    tags: dict[int, list[str]] = defaultdict(list)
    for experiment_id, tag in connection.execute(select(_TAGS.c.experiment_id, _TAGS.c.tag)):
        tags[experiment_id].append(tag)
    rows = connection.execute(select(_EXPERIMENTS.c.id, _EXPERIMENTS.c.name, _EXPERIMENTS.c.notes)).all()
    for row in rows:
        folded = fold_lines(row.name, row.notes, *sorted(tags[row.id]))
        connection.execute(_EXPERIMENTS.update().where(_EXPERIMENTS.c.id == row.id).values(search=folded))
