"""Charts: curves -> plotly figures as dicts. Pure; charts are defined here and nowhere else."""
