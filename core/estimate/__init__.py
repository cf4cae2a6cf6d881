"""Estimates of how long a sweep takes."""
