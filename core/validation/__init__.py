"""What a setting's value may look like: tokens, host names, paths and URLs."""
