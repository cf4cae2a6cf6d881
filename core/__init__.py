"""What backend and worker share. Imports no FastAPI and no torch; Celery only in core.queue."""
