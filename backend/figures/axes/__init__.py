"""Axes: ranges, colour scale, the frame of charts over the strength."""
