"""Health, status and Prometheus."""
