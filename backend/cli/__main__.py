"""`python -m backend.cli` is `ridgeline`."""

from backend.cli.root_command import main

if __name__ == "__main__":
    main()
