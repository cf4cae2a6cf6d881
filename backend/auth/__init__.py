"""Tokens, sessions and roles."""
