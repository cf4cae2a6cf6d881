"""Finished experiments of a chosen size, written straight into the database: what a page has to draw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sqlalchemy import insert

from core.db.engine import make_engine, make_sessions
from core.db.models import EpochRow, Experiment, Job, Run, now
from core.planning import plan_runs
from core.settings import Settings
from core.spec import ExperimentSpec


def make_spec(strengths: int, seeds: int, epochs: int) -> ExperimentSpec:
    """(strengths + 1) · seeds runs: L1 on a log grid, and the baseline."""
    return ExperimentSpec.model_validate(
        {
            "dataset": {"name": "digits"},
            "network": {"name": "mlp"},
            "optimizer": {"name": "adam"},
            "regularizers": [{"name": "l1", "strengths": {"from": 1e-6, "to": 1e-1, "count": strengths}}],
            "epochs": epochs,
            "seeds": seeds,
            "name": f"{(strengths + 1) * seeds} runs of {epochs} epochs",
        }
    )


def insert_finished(home: Path, spec: ExperimentSpec) -> int:
    """Write the experiment with noisy, decaying curves; returns its id."""
    engine = make_engine(Settings(home=home))
    moment = now()
    with make_sessions(engine)() as session, session.begin():
        experiment = Experiment(
            name=spec.name, notes="", spec=spec.model_dump(mode="json"), state="completed", created=moment
        )
        session.add(experiment)
        session.flush()
        job = Job(
            experiment_id=experiment.id, state="completed", epoch=spec.epochs, epochs=spec.epochs,
            created=moment, started=moment, finished=moment,
        )  # fmt: skip
        session.add(job)
        session.flush()
        for index, planned in enumerate(plan_runs(spec)):
            rows = make_rows(index, planned.strength, spec.epochs)
            last = {name: rows[-1][name] for name in ("epoch", "train_loss", "validation_loss", "validation_score")}
            last |= {name: rows[-1][name] for name in ("train_score", "zero_share", "weight_l2")}
            run = Run(
                experiment_id=experiment.id, job_id=job.id, regularizer=planned.regularizer, strength=planned.strength,
                seed=planned.seed, state="completed", best=last, last=last,
            )  # fmt: skip
            session.add(run)
            session.flush()
            session.execute(insert(EpochRow), [{"run_id": run.id, **row} for row in rows])
        identity = experiment.id
    engine.dispose()
    return identity


def make_rows(index: int, strength: float, epochs: int) -> list[dict[str, float]]:
    """The rows of one run without its id, an epoch each."""
    generator = np.random.default_rng(index)
    epoch = np.arange(1, epochs + 1)
    decay = np.exp(-epoch / (epochs / 6 * (1 + 40 * strength)))
    noise = generator.normal(0, 0.02, (4, epochs))
    columns = {
        "train_loss": 0.05 + 2.2 * decay + abs(noise[0]),
        "validation_loss": 0.25 + 2 * decay + 0.1 * epoch / epochs + abs(noise[1]),
        "train_score": np.clip(1 - 0.9 * decay + noise[2], 0, 1),
        "validation_score": np.clip(0.95 - 0.85 * decay + noise[3], 0, 1),
        "penalty": 0.1 * decay,
        "weight_l1": 100 + 10 * decay,
        "weight_l2": 10 + decay,
        "zero_share": np.clip(strength * 10 * (1 - decay), 0, 1),
        "gradient_norm": decay,
        "learning_rate": np.full(epochs, 1e-3),
        "seconds": 0.1 * epoch,
        "objective": 0.05 + 2.3 * decay + abs(noise[0]),
        "gradient_ratio": strength / decay,
    }
    return [
        {"epoch": int(e), **{name: float(column[i]) for name, column in columns.items()}} for i, e in enumerate(epoch)
    ]
