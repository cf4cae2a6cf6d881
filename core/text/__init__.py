"""Text: case-folded for search, control characters made visible, secrets taken out."""
