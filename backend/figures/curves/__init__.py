"""Curves before they are drawn: read, aggregated over seeds, downsampled."""
