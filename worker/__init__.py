"""The worker: a Celery process that supervises jobs, and trainer processes that train them."""
