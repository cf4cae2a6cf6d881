"""Strengths side by side: what the runs of each come to. Describes, and judges nothing."""
