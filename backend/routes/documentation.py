"""Swagger UI of the API: served from here, without inline scripts."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

router = APIRouter(prefix="/api/docs", include_in_schema=False)

# The frontend's build puts swagger-ui-dist's two files at /swagger.
_PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Ridgeline: the REST API</title>
    <link rel="icon" href="/ridgeline.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/swagger/swagger-ui.css">
    <script src="/swagger/swagger-ui-bundle.js" defer></script>
    <script src="/api/docs/start.js" defer></script>
  </head>
  <body>
    <div id="api">The API's OpenAPI description is at <a href="/api/openapi.json">/api/openapi.json</a>.</div>
  </body>
</html>
"""
# No validator: it would send the description to an external site.
_SCRIPT = """if (window.SwaggerUIBundle)
  SwaggerUIBundle({ url: "/api/openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null });
"""


@router.get("")
def show_documentation() -> HTMLResponse:
    return HTMLResponse(_PAGE)


@router.get("/start.js")
def start_documentation() -> Response:
    return Response(_SCRIPT, media_type="text/javascript")
