"""The HTTP API, its figures and live updates, and the command line. Never imports torch."""
