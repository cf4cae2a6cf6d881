"""Specs as text, in YAML or JSON."""
