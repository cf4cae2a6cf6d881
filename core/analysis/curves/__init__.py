"""Curves: smoothed, and reduced to the points that a chart shows."""
