"""Figures that take long are worked out once in a while, and not for everybody who looks."""
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson
from redis.exceptions import RedisError

from config import connections

SLOW_SECONDS = 0.2


def kept(key: str, work: Callable[[], Any], *, seconds: int) -> Any:
    """What `work` returns, as JSON has it; if it takes long, up to `seconds` old. What is quick is always new.

    Without Redis nothing is kept.
    """
    known: Any = None
    with suppress(RedisError):
        known = connections.redis().get(key)
    if known is None:
        started = time.monotonic()
        known = orjson.dumps(work())
        if time.monotonic() - started >= SLOW_SECONDS:
            with suppress(RedisError):
                connections.redis().set(key, known, ex=seconds)
    return orjson.loads(known)
