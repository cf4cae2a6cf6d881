"""Experiments beside one another: the strengths that validation chose in each, compared on test. Pure."""
