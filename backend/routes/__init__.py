"""Routes, a module per noun. A handler is a few lines: typed input, one call, typed output."""
