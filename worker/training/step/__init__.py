"""One training step: batch, forward context, backpropagation, clipping, proximal maps, SAM."""
