"""A stack: runs that step together, their evaluation and their measures."""

from worker.training.stack.stack import Stack, StackEpoch

__all__ = ["Stack", "StackEpoch"]
