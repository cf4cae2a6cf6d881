"""How long a sweep will take."""
