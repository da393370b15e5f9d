"""What a page of the console may load: itself, scripts with this answer's nonce, and the realtime socket."""
import secrets

from flask import Flask, Response, g, request

from config import settings


def nonce() -> str:
    """The nonce of this answer's scripts."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    return g.nonce


def realtime_url() -> str:
    """Where this page finds `/ws/realtime/`: in development at a port of its own, else behind the same host."""
    scheme = "wss" if request.is_secure else "ws"
    in_use = settings.current()
    host = request.host if in_use.production else f"{request.host.rpartition(':')[0] or request.host}:" \
                                                  f"{in_use.realtime_port}"
    return f"{scheme}://{host}/ws/realtime/"


def register(app: Flask) -> None:
    """Send the policy with every page; Chart.js and Bootstrap need no inline style either."""

    app.jinja_env.globals.update(nonce=nonce, realtime_url=realtime_url)

    @app.after_request
    def restrict(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'nonce-{nonce()}'; style-src 'self'; img-src 'self' data:; "
            f"font-src 'self'; connect-src 'self' {realtime_url()}; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'")
        response.headers["Referrer-Policy"] = "same-origin"
        return response
