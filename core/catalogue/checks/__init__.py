"""Whether a spec's parts fit one another, and what of it can have no effect."""
