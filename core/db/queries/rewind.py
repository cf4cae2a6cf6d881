"""Deletes rows of epochs that will be trained again, and restores the runs' summaries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, bindparam, delete, func, null, select, true, update
from sqlalchemy.orm import Session

from core.db.models import Coefficients, EpochRow, Histogram, Run
from core.db.states import RUN_TRANSITIONS, State, check_transition

EPOCHS = cast(Table, EpochRow.__table__)
_CELLS = [column for column in EPOCHS.columns if column.name not in ("run_id", "batch_losses", "layers")]
_NO_LOSS = 1e308


def forget_after(session: Session, epoch: int, run_ids: Sequence[int], by_loss: Collection[int] = ()) -> None:
    """Delete what was recorded of these runs after ``epoch``, and restore their state at its end.

    ``by_loss``: indices of the runs whose best row is that of the lowest validation loss.
    """
    for table in (EpochRow, Histogram):
        # The state before the first step goes with epoch 1, and comes with it again.
        forgotten = table.epoch > epoch if epoch else true()
        later = delete(table).where(table.run_id.in_(run_ids), forgotten)
        session.execute(later.execution_options(synchronize_session=False))
    # Results of the end of training, if it had ended.
    session.execute(
        delete(Coefficients).where(Coefficients.run_id.in_(run_ids)).execution_options(synchronize_session=False)
    )
    ended = update(Run).where(Run.id.in_(run_ids)).values(test=null(), weights=null())
    session.execute(ended.execution_options(synchronize_session=False))
    _revive(session, epoch, run_ids)
    losses = {run_ids[index] for index in by_loss}
    loss = func.coalesce(EPOCHS.c.validation_loss, _NO_LOSS)
    trained = EPOCHS.c.epoch > 0
    scored = EPOCHS.c.validation_score.is_not(None)
    by_score = (EPOCHS.c.validation_score.desc(), loss, EpochRow.epoch)
    _summarize(session, "last", epoch, run_ids, (EpochRow.epoch.desc(),))
    _summarize(session, "best", epoch, [run for run in run_ids if run not in losses], by_score, trained, scored)
    known = EPOCHS.c.validation_loss.is_not(None)
    _summarize(session, "best", epoch, sorted(losses), (loss, EpochRow.epoch), trained, known)


def _revive(session: Session, epoch: int, run_ids: Sequence[int]) -> None:
    """Undo divergences and early ends after ``epoch``."""
    check_transition("run", RUN_TRANSITIONS, State.DIVERGED, State.RUNNING)
    for ended, values in (
        (Run.diverged_epoch, {"state": State.RUNNING, "diverged_epoch": None}),
        (Run.stopped_epoch, {"stopped_epoch": None, "stopped_by": None}),
    ):
        later = update(Run).where(Run.id.in_(run_ids), ended > epoch).values(values)
        session.execute(later.execution_options(synchronize_session=False))


def _summarize(
    session: Session,
    name: str,
    epoch: int,
    run_ids: Sequence[int],
    order: Sequence[Any],
    *conditions: ColumnElement[bool],
) -> None:
    """Where ``name`` (last or best) of a run is of a later epoch: the first of its rows in this order, or nothing."""
    column = getattr(Run, name)
    summaries = session.execute(select(Run.id, column).where(Run.id.in_(run_ids)))
    stale = [run_id for run_id, summary in summaries if summary and summary["epoch"] > epoch]
    if not stale:
        return
    place = func.row_number().over(partition_by=EpochRow.run_id, order_by=order).label("place")
    ranked = select(EpochRow.run_id, *_CELLS, place).where(EpochRow.run_id.in_(stale), *conditions).subquery()
    found = {row.run_id: row for row in session.execute(select(ranked).where(ranked.c.place == 1))}
    gone = update(Run).where(Run.id.in_(set(stale) - set(found))).values({name: null()})
    session.execute(gone.execution_options(synchronize_session=False))
    if found:
        table = cast(Table, Run.__table__)
        change = table.update().where(table.c.id == bindparam("key"))
        values = [{"key": run_id, "summary": _view(row)} for run_id, row in found.items()]
        session.connection().execute(change.values({name: bindparam("summary", type_=column.type)}), values)


def _view(row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in _CELLS}
