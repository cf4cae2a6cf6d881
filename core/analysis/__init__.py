"""Statistics over runs and curves, and their wording. Pure."""
