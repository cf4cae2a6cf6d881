"""Engine and sessions, models, and one repository module per noun: every query lives here."""
