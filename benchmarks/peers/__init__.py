"""The engine and what its users would write instead, over the same runs, data, batches, starts and epochs."""
