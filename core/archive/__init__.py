"""Backups: one file with the database and the checkpoints, made while Ridgeline runs."""
