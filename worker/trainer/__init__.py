"""The trainer process, and its handle in the supervisor."""
