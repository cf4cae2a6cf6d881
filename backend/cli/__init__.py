"""The `ridgeline` command: a module per group of commands."""
