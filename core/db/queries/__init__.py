"""Queries, a module per noun. None of them commits."""
