"""Validation of settings: tokens, host names, paths and URLs."""
