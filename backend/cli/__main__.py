"""`python -m backend.cli` is `ridgeline`."""

from backend.cli.commands import main

if __name__ == "__main__":
    main()
