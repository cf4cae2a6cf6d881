"""Sentences about the curves, each checked against the noise between replicates."""
