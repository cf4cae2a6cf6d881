"""From rows to claims and observations: what the curves of an experiment show."""
