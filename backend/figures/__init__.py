"""Figures: curves to Plotly figures as dicts. Pure; charts are defined here and nowhere else."""
