"""Security headers on every answer, and CORS for the listed origins."""
from flask import Flask, Response
from flask_cors import CORS

from config.settings import Settings

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
EXPOSED = ["X-Request-Id", "X-Pagination", "Link", "Idempotency-Replayed", "Retry-After", "RateLimit",
           "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Content-Disposition"]
ALLOWED = ["Accept", "Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id", "X-CSRFToken",
           "X-Requested-With"]


def register(app: Flask, settings: Settings) -> None:
    """Set the headers; a page that needs a looser policy sets its own Content-Security-Policy."""
    CORS(app, origins=list(settings.cors_allowed_origins), supports_credentials=True, max_age=86_400,
         expose_headers=EXPOSED, allow_headers=ALLOWED, vary_header=True, always_send=False)
    headers = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
               "Referrer-Policy": "strict-origin-when-cross-origin", "Cross-Origin-Opener-Policy": "same-origin",
               "Content-Security-Policy": API_POLICY, "Cache-Control": "no-store"}
    if settings.production:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    @app.after_request
    def harden(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response
