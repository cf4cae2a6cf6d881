"""What textbooks say of regularization, measured: a number per run, and a verdict by its trend over the strengths."""
