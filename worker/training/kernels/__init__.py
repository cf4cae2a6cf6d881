"""Numerics under the networks: precision, reproducible products, denormals."""
