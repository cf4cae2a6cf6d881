"""Every error in one JSON shape."""
