"""What backend and worker both speak. Imports no FastAPI, no Celery and no torch."""
