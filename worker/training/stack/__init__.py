"""A stack: runs that step together, what is measured of them, and how far an epoch moves them."""

from worker.training.stack.stack import Stack, StackEpoch

__all__ = ["Stack", "StackEpoch"]
