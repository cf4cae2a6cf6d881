"""Live updates: change poller, event feed, topics, and server-sent events."""
