"""The OpenAPI description; `python -m backend.openapi` writes it to frontend/openapi.json."""
