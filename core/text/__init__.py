"""Text: case folding for search, escaping of control characters, redaction of secrets."""
