"""What the routes call: submission, progress, serializers, metrics."""
