"""Security headers of every response."""

from __future__ import annotations

# Scripts come from here, as files: no inline script and no eval, whatever a name or a note holds.
# The page's tests hear every violation. The style sheets of plotly.js and of Mantine are constructed by script
# (frontend/plugins/plotly.ts, frontend/src/theme/cspTheme.ts), so that none stands in the document. The one style
# attribute is that of plotly.js's <sup>, in 10<sup>-4</sup>; the hash is of its text. It exports through images of its
# own making, data: and blob:.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-hashes' 'sha256-S+l+cz1wXqs2B0FcjqqT7NvjwGmhD1UjJswXjlSkj0s='",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
