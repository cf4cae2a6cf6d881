"""Requests that work as they stand, shown in the API's documentation."""

from __future__ import annotations

from fastapi.openapi.models import Example

EXPERIMENT_EXAMPLES: dict[str, Example] = {
    "small": {
        "summary": "L1 over six strengths on digits",
        "value": {
            "name": "L1 on digits",
            "dataset": {"name": "digits", "train_examples": 600},
            "network": {"name": "mlp", "widths": [64]},
            "optimizer": {"name": "adam"},
            "regularizers": [{"name": "l1", "strengths": {"from": 1e-5, "to": 1e-2, "count": 6}}],
            "epochs": 20,
            "seeds": 3,
        },
    },
    "regression": {
        "summary": "Lasso and ridge on diabetes",
        "value": {
            "name": "Lasso and ridge",
            "dataset": {"name": "diabetes"},
            "network": {"name": "linear"},
            "optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9},
            "regularizers": [
                {"name": "l1", "strengths": [0.001, 0.01, 0.1]},
                {"name": "l2", "strengths": [0.001, 0.01, 0.1]},
            ],
            "epochs": 30,
            "seeds": [0, 1, 2],
        },
    },
}
