"""Experiments between routes and database: submission, progress, serializers, metrics."""
