"""Checks of a spec: whether its parts are compatible, and which options have no effect."""
