"""The database: engine and sessions, models, and all queries."""
