"""Experiments beside one another: which ones, what differs on test and in their specs, and their joint charts."""
