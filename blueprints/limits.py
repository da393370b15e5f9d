"""Limits per client address, kept in Redis; limits per account are documents/throttles.py."""
import functools
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from redis.exceptions import RedisError

from config import settings
from config.connections import REDIS_TIMEOUT_SECONDS

_limiter = Limiter(key_func=get_remote_address, strategy="fixed-window", headers_enabled=False, swallow_errors=False)


def limit(rule: str) -> Callable[[Callable], Callable]:
    """Allow a client address `rule` (such as "10/minute") calls of this route; 429 beyond, 503 without Redis."""
    decorate = _limiter.limit(rule, exempt_when=lambda: not settings.current().ratelimit_enabled)

    def mark(view: Callable) -> Callable:
        counted = decorate(view)

        @functools.wraps(counted)
        def limited(*args: Any, **kwargs: Any) -> Any:
            g.limited = True
            return counted(*args, **kwargs)

        limited._limited = True
        return limited

    return mark


def register(app: Flask, redis_url: str) -> None:
    """Count in this Redis, and tell callers of limited routes where they stand."""
    app.config["RATELIMIT_STORAGE_URI"] = redis_url
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_timeout": REDIS_TIMEOUT_SECONDS,
                                               "socket_connect_timeout": REDIS_TIMEOUT_SECONDS}
    app.config["RATELIMIT_KEY_PREFIX"] = "purser"
    _limiter.init_app(app)
    # Limited views count for themselves; the library's hooks would look every other request up for nothing.
    for hooks in (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs):
        hooks[None] = [hook for hook in hooks.get(None, []) if not _is_the_limiters(hook)]
    app.after_request(_tell)


def _is_the_limiters(hook: Callable) -> bool:
    bound = hook.args[:1] if isinstance(hook, functools.partial) else (getattr(hook, "__self__", None),)
    return bound == (_limiter,)


def _tell(response: Response) -> Response:
    current = _limiter.current_limit if g.get("limited") else None
    if current is None:
        return response
    try:
        remaining, reset = current.remaining, max(0, int(current.reset_at - time.time()))
    except RedisError:
        return response  # The count was kept a moment ago; only its display is lost.
    amount = current.limit.amount
    response.headers["X-RateLimit-Limit"] = str(amount)
    response.headers["X-RateLimit-Remaining"] = str(remaining)
    response.headers["X-RateLimit-Reset"] = str(reset)
    response.headers["RateLimit"] = f"limit={amount}, remaining={remaining}, reset={reset}"
    if response.status_code == 429:
        response.headers.setdefault("Retry-After", str(max(1, reset)))
    return response
