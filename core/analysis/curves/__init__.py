"""Curves made fit to be drawn: smoothed, and with fewer points."""
