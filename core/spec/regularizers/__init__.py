"""Regularizers, a class each, with all that is said of them; their mathematics is in worker.training."""
