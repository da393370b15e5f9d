"""How long to wait before trying again."""
import random
from datetime import timedelta


def pause_after(attempts: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """The pause after the `attempts`-th failure: doubling from `first`, capped, with jitter so that retries spread."""
    pause = min(first * 2 ** min(attempts - 1, 30), longest)
    return pause * random.uniform(0.5, 1)  # noqa: S311 no secret: it only spreads the load
