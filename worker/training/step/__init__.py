"""One training step: batches, gradients, update, and their parts."""
